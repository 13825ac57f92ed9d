"""Correcting a wrong answer: only a click stores the drawing, and the corrections' page shows it."""

import pytest
from playwright.sync_api import expect

from tests.helpers.drawings import png_of
from tests.helpers.pad import choose_image, draw, expect_digit, write

pytestmark = pytest.mark.browser


def stored(page) -> list[dict]:
    return page.evaluate("fetch('corrections?limit=5').then((answer) => answer.json())")["corrections"]


def correct(page, label: str) -> None:
    if not page.locator("#correct").evaluate("(box) => box.open"):
        page.locator("#correct summary").click()
    page.locator(f"#correct [data-label='{label}']").click()
    expect(page.locator("#corrected")).to_contain_text("Stored")


def test_a_drawing_is_stored_on_a_click_and_not_before(page):
    expect(page.locator("#correct")).to_be_hidden()
    before = len(stored(page))
    draw(page, "7")
    expect_digit(page, "7")
    page.locator("#correct summary").click()
    assert len(stored(page)) == before
    correct(page, "1")
    newest = stored(page)[0]
    assert (newest["label"], newest["answer"]["label"], newest["drawn"]) == ("1", "7", True)
    draw(page, "1", 0.2, 1.1, 0.3)  # another drawing: the note goes
    expect(page.locator("#corrected")).to_have_text("")
    page.get_by_role("link", name="Corrections").click()
    expect(page.get_by_role("heading", name="Corrections")).to_be_visible()


def test_a_digit_of_a_number_and_an_image_can_be_corrected(page):
    write(page, "274")
    expect_digit(page, "274")
    page.locator("#digits button").nth(1).click()
    correct(page, "1")
    newest = stored(page)[0]
    assert (newest["label"], newest["answer"]["label"], newest["drawn"]) == ("1", "7", False)
    choose_image(page, png_of("6"))
    expect_digit(page, "6")
    correct(page, "none")
    newest = stored(page)[0]
    assert (newest["label"], newest["answer"]["label"]) == ("none", "6")
