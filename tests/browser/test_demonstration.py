"""What an empty page shows a newcomer: a digit that draws itself and is read, once."""

import pytest
from playwright.sync_api import expect

from tests.helpers.pad import answers, draw, expect_digit, ink, rendered, sample, until

pytestmark = pytest.mark.browser

MOVING = {"reduced_motion": "no-preference"}
IS_SHOWN = "!document.getElementById('example').hidden"
# It begins soon, and is shown for as long as it always is, so that a slow machine sees it.
SOON = "const later = setTimeout; window.setTimeout = (act, ms) => later(act, ms === 1500 ? 300 : ms)"


def test_an_empty_page_draws_a_digit_and_reads_it_once(open_page):
    page = open_page(SOON, **MOVING)
    expect(page.locator("#example")).to_be_visible()
    expect_digit(page, "4")
    expect(page.locator("#correct")).to_be_hidden()  # it is nobody's drawing
    expect(page.locator("#reading")).to_have_text("–")
    expect(page.locator("#example")).to_be_hidden()
    expect(page.locator("#hint")).to_be_visible()
    assert len(answers(page, "/read?")) == 1
    assert page.locator("#announcement").text_content() == ""
    assert ink(page) == 0
    assert page.evaluate("localStorage['digitpad.drawing']") is None
    for name in ("undo", "redo", "clear", "replay"):
        expect(page.locator(f"#{name}")).to_be_disabled()
    page.reload()
    page.wait_for_timeout(600)
    assert not page.evaluate(IS_SHOWN)


@pytest.mark.parametrize("end", ["key", "pointer", "sample"])
def test_the_first_touch_or_key_ends_it(open_page, end):
    page = open_page(SOON, **MOVING)
    until(page, IS_SHOWN)
    if end == "key":
        page.keyboard.press("Shift")
    elif end == "pointer":
        draw(page, "7")
    else:
        sample(page, "7")
    rendered(page)
    assert not page.evaluate(IS_SHOWN)
    if end == "key":
        assert ink(page) == 0
    else:
        expect_digit(page, "7")
        page.keyboard.press("Control+z")  # the only step there is
        assert ink(page) == 0
        expect(page.locator("#undo")).to_be_disabled()


def test_it_is_not_played_over_a_drawing_nor_where_motion_is_unwelcome(open_page):
    still = open_page(SOON)
    still.wait_for_timeout(600)
    assert not still.evaluate(IS_SHOWN)
    page = open_page(SOON, **MOVING)
    draw(page, "1")
    expect_digit(page, "1")
    page.evaluate("dispatchEvent(new Event('pagehide')); delete localStorage['digitpad.demonstration']")
    page.reload()
    expect_digit(page, "1")
    page.wait_for_timeout(600)
    assert not page.evaluate(IS_SHOWN)
    assert page.evaluate("localStorage['digitpad.demonstration']") is None
