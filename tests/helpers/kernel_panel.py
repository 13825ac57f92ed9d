"""The panel "By hand", as tests open it and read its numbers."""

import numpy as np
from playwright.sync_api import expect

from tests.helpers.pad import decoded, expect_digit, number, pixels, sample
from web.translations import PANELS

KEY = str(PANELS.index("kernel") + 1)


def open_panel(page) -> None:
    page.keyboard.press(KEY)
    expect(page.locator(".kernel .work")).to_be_visible()


def open_on_three(page):
    sample(page, "3")  # one change of the drawing, and so one answer
    open_panel(page)
    expect_digit(page, "3")
    return page


def choose(page, **choices: str) -> None:
    groups = {"operation": "Operation", "size": "Window", "stride": "Stride", "padding": "Padding", "view": "View"}
    for name, value in choices.items():
        group = page.get_by_role("radiogroup", name=groups[name])
        group.locator("label:visible").filter(has_text=value).first.click()


def numbers(page, part: str) -> list[float]:
    return [number(text.replace("–", "0")) for text in page.locator(f".kernel .{part} td").all_text_contents()]


def place(page) -> tuple[int, int]:
    """Read the position of the window: row and column of the output, from 0."""
    words = page.locator(".kernel .place").text_content().replace(",", "").split()
    return int(words[words.index("row") + 1]) - 1, int(words[words.index("column") + 1]) - 1


def output(page) -> float:
    (value,) = numbers(page, "made")
    return value


def seen(page) -> np.ndarray:
    """Decode the image that the network saw: (28, 28), from 0 to 1."""
    return decoded(page.locator("#seen").get_attribute("src"))[..., 0] / 255


def corner(page, part: str) -> dict[str, float]:
    canvas = page.locator(f".kernel .{part} canvas")
    canvas.evaluate("(it) => it.scrollIntoView({ block: 'center' })")
    return canvas.bounding_box()


def inked(page, part: str) -> int:
    """Count the coloured pixels of a canvas: not its paper, lines or frames."""
    red, _, blue, _ = np.moveaxis(pixels(page.locator(f".kernel .{part} canvas")), -1, 0)
    return (abs(red - blue) > 60).sum()


def expect_numbers(page, part: str, values: np.ndarray) -> None:
    """Wait for these numbers, rounded to two decimals."""
    wanted = [f"{value:.2f}" for value in np.ravel(values)]
    cells = page.locator(f".kernel .{part} td")
    expect(cells).to_have_count(len(wanted))
    for _ in range(50):
        if np.allclose(numbers(page, part), np.ravel(values), atol=0.00501):
            return
        page.wait_for_timeout(100)
    assert numbers(page, part) == wanted
