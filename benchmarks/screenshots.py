"""Make the screenshots of the docs: the page wide and narrow, light and dark, with each of its panels open.

make run                                          in one terminal
.venv/bin/python -m benchmarks.screenshots           in another, with requirements-dev.txt installed

One screenshot stores a correction, so give the server a database of its own: DIGITPAD_DATABASE_URL.
"""

import urllib.request
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks import arguments
from tests.helpers.chromium import ARGUMENTS, CHROMIUM
from tests.helpers.drawings import DRAWINGS, ROOT, canvas_of
from tests.helpers.number_images import row_image
from tests.helpers.pad import draw, expect_digit, write

SETTLING = 1500  # in milliseconds: until every panel has its answer


@dataclass(frozen=True)
class Screenshot:
    """One screenshot: what is written, which keys are then pressed, and the window."""

    text: str
    keys: tuple[str, ...] = ()
    width: int = 1280
    height: int = 800
    options: dict[str, Any] = field(default_factory=dict)
    full_page: bool = False  # beyond the window


PHONE = {"device_scale_factor": 2, "has_touch": True, "is_mobile": True}
SCREENSHOTS = {
    "page": Screenshot("5", width=1160, height=760),
    "dark": Screenshot("2047", options={"color_scheme": "dark"}),
    "phone": Screenshot("4", width=360, height=780, options={**PHONE, "color_scheme": "dark"}),
    "inside": Screenshot("4", keys=("1",), height=900, full_page=True),
    "why": Screenshot("9", keys=("2",), full_page=True),
    "by-hand": Screenshot("3", keys=("3",), full_page=True),
    "compare": Screenshot("7", keys=("4",), full_page=True),
    "network": Screenshot("8", keys=("5",), full_page=True),
    "correct": Screenshot("1", keys=("correct",), width=1080, height=860),
}


def main() -> None:
    """Write docs/digits/*.png, docs/number.png, and each of SCREENSHOTS."""
    parser = arguments.parser(__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000/", help="where the server is (default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=SCREENSHOTS, default=list(SCREENSHOTS), metavar="NAME")
    options = parser.parse_args()

    (ROOT / "docs" / "digits").mkdir(exist_ok=True)
    for label in DRAWINGS:
        canvas_of(label).save(ROOT / "docs" / "digits" / f"{label}.png", optimize=True)
    row_image("3.1415", drops=(0, 6, -4)).save(ROOT / "docs" / "number.png", optimize=True)
    warm_up(options.url)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name in options.only:
            take(browser, options.url, name, SCREENSHOTS[name])
        browser.close()


def warm_up(url: str) -> None:
    """Ask for gradients once: a server loads torch for the first ones, which takes seconds."""
    png = (ROOT / "docs" / "digits" / "9.png").read_bytes()
    request = urllib.request.Request(f"{url}inspect?layers=none&why=true", png, {"Content-Type": "image/png"})
    urllib.request.urlopen(request, timeout=60).close()


def take(browser: Browser, url: str, name: str, screenshot: Screenshot) -> None:
    """Write docs/NAME.png."""
    page = browser.new_page(viewport={"width": screenshot.width, "height": screenshot.height}, **screenshot.options)
    page.goto(url)
    if len(screenshot.text) > 1:
        write(page, screenshot.text)
    else:
        draw(page, screenshot.text, 0.7, 0.4, 0.15)
    expect_digit(page, screenshot.text)
    for key in screenshot.keys:
        correct(page) if key == "correct" else page.keyboard.press(key)
    page.mouse.move(0, 0)
    page.wait_for_timeout(SETTLING)
    page.screenshot(path=ROOT / "docs" / f"{name}.png", full_page=screenshot.full_page)
    page.close()


def correct(page: Page) -> None:
    """Correct the answer to a 7."""
    page.locator("#correct summary").click()
    page.locator("#correct [data-label='7']").click()
    expect(page.locator("#corrected")).not_to_be_empty()


if __name__ == "__main__":
    main()
