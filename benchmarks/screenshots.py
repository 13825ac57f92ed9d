"""Make the README's pictures: the page as it is, wide and narrow, light and dark, with each of its panels open.

make run                                          in one terminal
.venv/bin/python -m benchmarks.screenshots           in another, with requirements-dev.txt installed

It corrects one drawing to show how that looks, so give the server a database of its own: DIGITPAD_DATABASE_URL.
"""

import argparse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.helpers.chromium import ARGUMENTS, CHROMIUM
from tests.helpers.drawings import DRAWINGS, ROOT, canvas_of
from tests.helpers.number_images import row_image
from tests.helpers.pad import draw, expect_digit, write

RESTING = 1500  # in milliseconds: until every panel has its answer


@dataclass(frozen=True)
class Picture:
    """One picture of the page: what is written, what is then pressed, and how it is seen."""

    text: str
    keys: tuple[str, ...] = ()
    width: int = 1280
    height: int = 800
    options: dict[str, Any] = field(default_factory=dict)
    whole: bool = False  # the whole page, and not just what the window shows


PHONE = {"device_scale_factor": 2, "has_touch": True, "is_mobile": True}
PICTURES = {
    "page": Picture("5", width=1080, height=760),
    "dark": Picture("2047", options={"color_scheme": "dark"}),
    "phone": Picture("4", width=360, height=780, options={**PHONE, "color_scheme": "dark"}),
    "inside": Picture("4", keys=("1",), height=900, whole=True),
    "why": Picture("9", keys=("2",), whole=True),
    "by-hand": Picture("3", keys=("3",), whole=True),
    "compare": Picture("7", keys=("4",), whole=True),
    "network": Picture("8", keys=("5",), whole=True),
    "correct": Picture("1", keys=("correct",), width=1080, height=860),
}


def main() -> None:
    """Write docs/digits/*.png, docs/number.png, and a picture of the page for each of PICTURES."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000/", help="where the server is (default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=PICTURES, default=list(PICTURES), metavar="NAME")
    options = parser.parse_args()

    (ROOT / "docs" / "digits").mkdir(exist_ok=True)
    for label in DRAWINGS:
        canvas_of(label).save(ROOT / "docs" / "digits" / f"{label}.png", optimize=True)
    row_image("3.1415", drops=(0, 6, -4)).save(ROOT / "docs" / "number.png", optimize=True)
    look_why(options.url)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name in options.only:
            take(browser, options.url, name, PICTURES[name])
        browser.close()


def look_why(url: str) -> None:
    """Ask for a reason once: the first one of a server may have to load torch, which takes seconds."""
    png = (ROOT / "docs" / "digits" / "9.png").read_bytes()
    request = urllib.request.Request(f"{url}inspect?layers=none&why=true", png, {"Content-Type": "image/png"})
    urllib.request.urlopen(request, timeout=60).close()


def take(browser: Browser, url: str, name: str, picture: Picture) -> None:
    """Write docs/NAME.png."""
    page = browser.new_page(viewport={"width": picture.width, "height": picture.height}, **picture.options)
    page.goto(url)
    if len(picture.text) > 1:
        write(page, picture.text)
    else:
        draw(page, picture.text, 0.7, 0.4, 0.15)
    expect_digit(page, picture.text)
    for key in picture.keys:
        correct(page) if key == "correct" else page.keyboard.press(key)
    page.mouse.move(0, 0)
    page.wait_for_timeout(RESTING)
    page.screenshot(path=ROOT / "docs" / f"{name}.png", full_page=picture.whole)
    page.close()


def correct(page: Page) -> None:
    """Say that it was a 7, as somebody might."""
    page.locator("#correct summary").click()
    page.locator("#correct [data-label='7']").click()
    expect(page.locator("#corrected")).not_to_be_empty()


if __name__ == "__main__":
    main()
