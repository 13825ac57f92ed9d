"""Make the README's pictures: the page as it is, and the sample digits that its commands send.

make run                                          in one terminal
.venv/bin/python -m benchmarks.pictures           in another, with requirements-dev.txt installed
"""

import argparse

from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.pad import draw
from tests.conftest import DRAWINGS, ROOT, canvas_of
from tests.rows import row_image


def main() -> None:
    """Write docs/digits/*.png, docs/number.png, docs/page.png, and docs/phone.png."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000/", help="where the server is (default: %(default)s)")
    options = parser.parse_args()

    (ROOT / "docs" / "digits").mkdir(exist_ok=True)
    for label in DRAWINGS:
        canvas_of(label).save(ROOT / "docs" / "digits" / f"{label}.png", optimize=True)
    row_image("3.1415", drops=(0, 6, -4)).save(ROOT / "docs" / "number.png", optimize=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, label, window in (
            ("page", "5", {"viewport": {"width": 1000, "height": 680}}),
            (
                "phone",
                "4",
                {"viewport": {"width": 360, "height": 780}, "color_scheme": "dark", "device_scale_factor": 2},
            ),
        ):
            page = browser.new_page(**window)
            page.goto(options.url)
            draw(page, label)
            expect(page.locator("#digit")).to_have_text(label)
            page.mouse.move(0, 0)
            page.wait_for_timeout(500)
            page.screenshot(path=ROOT / "docs" / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
