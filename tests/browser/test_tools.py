"""The pad's tools by hand, pen and key: erasing, widening, gestures and replaying."""

import pytest
from playwright.sync_api import expect

from tests.helpers.pad import (
    Fingers,
    draw,
    draw_by_hand,
    draw_strokes,
    expect_digit,
    ink,
    placed,
    pointer,
    quiet,
    rendered,
    sample,
    until,
    wait_until,
    write,
)

pytestmark = pytest.mark.browser


def count(page) -> int:
    """Count the stored strokes, which a reload would restore."""
    page.evaluate("dispatchEvent(new Event('pagehide'))")  # then the drawing is stored at once
    return page.evaluate("JSON.parse(localStorage['digitpad.drawing'] ?? '[]').length")


def swipe(page, start: tuple[float, float], end: tuple[float, float]) -> None:
    draw_strokes(page, [[start, *[(start[0] + (end[0] - start[0]) * k / 8, start[1] + (end[1] - start[1]) * k / 8)
                                  for k in range(1, 9)]]], 1, 0, 0)  # fmt: skip


def test_a_number_is_read_and_each_digit_is_boxed(page):
    write(page, "274")
    expect_digit(page, "274")
    boxes = page.locator("#boxes g")
    expect(boxes).to_have_count(3)
    quiet(page)  # each answer draws the boxes anew
    assert boxes.locator("text").all_text_contents() == ["2", "7", "4"]
    pad = page.locator("#pad").bounding_box()
    for place in range(3):
        box = boxes.nth(place).locator("rect").bounding_box()
        left = pad["x"] + pad["height"] * (0.1 + 0.36 * place)
        assert left - 30 < box["x"] < box["x"] + box["width"] < left + 0.4 * pad["height"] + 30
    page.locator("#digits button").nth(1).click()
    expect(page.locator('#bars [data-label="7"]')).to_have_class("best")
    expect(page.locator("#words")).to_contain_text("274")


def test_the_pad_widens_as_one_writes_on_and_narrows_when_it_is_cleared(page):
    width = page.locator("#pad").bounding_box()["width"]
    write(page, "1234")
    wide = page.locator("#pad").bounding_box()
    assert wide["width"] > 1.3 * width
    expect_digit(page, "1234")
    page.keyboard.press("Delete")
    assert page.locator("#pad").bounding_box()["width"] == pytest.approx(width, abs=1)
    page.keyboard.press("Control+z")
    assert page.locator("#pad").bounding_box()["width"] == pytest.approx(wide["width"], abs=1)
    expect_digit(page, "1234")


def test_on_a_narrow_screen_the_sheet_moves_on_once_the_hand_rests(open_page):
    page = open_page(viewport={"width": 400, "height": 800})
    draw(page, "1", 0.4, 0.4, 0.3)
    draw(page, "2", 0.4, 1.0, 0.3)
    assert page.evaluate("sheet.scrollLeft") == 0
    until(page, "sheet.scrollLeft > 20")
    box = page.locator("#sheet").bounding_box()
    shown = page.locator("#pad").bounding_box()
    assert shown["x"] < box["x"]  # and a stroke goes where the pointer is, all the same
    left = (box["x"] - shown["x"] + 250) / shown["height"] * 100
    swipe(page, (left, 35), (left, 68))
    expect_digit(page, "121")


@pytest.mark.parametrize("locale", ["en-GB", pytest.param("zh-CN", marks=pytest.mark.slow)])
def test_the_sheet_never_moves_under_the_hand(open_page, locale):
    """Whatever the answer above it: nothing, a digit, an uncertain one, a number, no digit, or no server.

    Neither do tools and samples: a tap at the moment when they move would be lost.
    """
    page = open_page(viewport={"width": 320, "height": 640}, locale=locale)
    place = "['pad', 'tool', 'samples'].map((id) => document.getElementById(id).getBoundingClientRect().top + scrollY)"
    top = page.evaluate(place)
    for strokes, read in ([[(30, 20), (60, 20), (45, 80)]], "7"), ([[(90, 20), (90, 80)]], "7/"), (
        [[(20 + 9 * at, 10 + 85 * (at % 2)) for at in range(11)]], "–"):  # fmt: skip
        draw_strokes(page, strokes, 1, 0, 0)
        expect(page.locator("#reading")).to_have_text(read)
        quiet(page)
        assert page.evaluate(place) == top
    too_many = {"detail": "This is more than 60 requests in a minute. Ask again in 20 seconds."}
    page.route("**/read?*", lambda route: route.fulfill(status=429, json=too_many))
    sample(page, "8")
    expect(page.locator("#notice")).to_have_text(too_many["detail"])
    expect(page.locator("#notice")).to_be_in_viewport(ratio=1)
    assert page.evaluate(place) == top
    page.unroute("**/read?*")
    page.keyboard.press("Delete")
    page.route("**/read?*", lambda route: route.abort())
    draw_strokes(page, [[(x, 20 + 60 * (x % 2)) for x in range(20, 60, 3)]], 1, 0, 0)
    expect(page.locator("#notice")).to_be_visible()
    assert page.evaluate(place) == top
    page.unroute("**/read?*")
    page.keyboard.press("Delete")
    for written in ("8", "88"):
        sample(page, "8")
        expect(page.locator("#reading")).to_have_text(written)
    sample(page, "8888888")
    expect(page.locator("#reading")).to_have_text("888888888")
    assert page.evaluate(place) == top


def test_the_stroke_eraser_and_the_area_eraser(page):
    for y in (30, 50, 70):
        swipe(page, (20, y), (90, y))
    whole = ink(page)
    page.keyboard.press("e")
    swipe(page, (50, 44), (50, 56))
    assert ink(page) == pytest.approx(whole * 2 / 3, rel=0.05)
    assert count(page) == 2
    page.get_by_label("Erase ink").check(force=True)
    swipe(page, (50, 20), (50, 80))
    assert count(page) == 4
    assert 0.3 * whole < ink(page) < 0.62 * whole
    for strokes in (2, 3):  # one gesture is one step
        page.locator("#undo").click()
        assert count(page) == strokes
    assert ink(page) == whole
    page.keyboard.press("b")
    swipe(page, (20, 90), (90, 90))
    assert ink(page) > whole


def test_the_other_end_of_a_pen_erases(page):
    swipe(page, (20, 50), (90, 50))
    drawn = ink(page)
    ((start, end),) = placed([[(40, 50), (60, 50)]], page, 1, 0, 0)
    pointer(page, "pointerdown", *start, pointerType="pen", pressure=0.5, button=5, buttons=32)
    pointer(page, "pointermove", *end, pointerType="pen", pressure=0.5, buttons=32)
    pointer(page, "pointerup", *end, pointerType="pen")
    assert 0 < ink(page) < drawn
    assert page.locator("#tool input:checked").input_value() == "pen"


def test_two_fingers_move_the_sheet_and_draw_nothing(open_page):
    page = open_page(viewport={"width": 400, "height": 800}, has_touch=True, is_mobile=True)
    fingers = Fingers(page)
    swipe(page, (120, 40), (230, 40))
    page.evaluate("sheet.scrollLeft = 0")
    drawn = ink(page)
    first, second = placed([[(80, 20), (20, 20)], [(80, 60), (20, 60)]], page, 1, 0, 0)
    fingers.touch("touchStart", first[0])
    fingers.touch("touchStart", first[0], second[0])
    for part in (0.3, 0.6, 1.0):
        moved = [(a[0] + (b[0] - a[0]) * part, a[1]) for a, b in (first, second)]
        fingers.touch("touchMove", *moved)
    fingers.touch("touchEnd")
    assert ink(page) == drawn
    assert page.evaluate("sheet.scrollLeft") > 20


def test_a_second_finger_does_not_spoil_what_the_first_has_drawn(open_page):
    page = open_page(has_touch=True)
    first, second = placed([[(20, 20), (20, 80)], [(80, 20), (80, 80)]], page, 0.8, 0.1, 0.1)
    fingers = Fingers(page)
    fingers.touch("touchStart", first[0])
    fingers.touch("touchMove", first[1])
    page.wait_for_timeout(350)  # by now it is a stroke
    one = ink(page)
    fingers.touch("touchStart", first[1], second[0])
    fingers.touch("touchMove", first[1], second[1])
    fingers.touch("touchEnd")
    assert ink(page) == one > 0


def test_the_palm_draws_nothing_while_a_pen_is_near(page):
    palm, pen = placed([[(80, 80), (90, 90)], [(20, 20), (60, 20)]], page, 1, 0, 0)
    # The palm comes first, then the pen: only the pen's stroke is there.
    pointer(page, "pointerdown", *palm[0], pointerId=3, pointerType="touch")
    pointer(page, "pointermove", *palm[1], pointerId=3, pointerType="touch")
    pointer(page, "pointerdown", *pen[0], pointerId=4, pointerType="pen", pressure=0.5)
    pointer(page, "pointermove", *palm[0], pointerId=3, pointerType="touch")
    pointer(page, "pointermove", *pen[1], pointerId=4, pointerType="pen", pressure=0.5)
    pointer(page, "pointerup", *pen[1], pointerId=4, pointerType="pen")
    pointer(page, "pointerup", *palm[0], pointerId=3, pointerType="touch")
    assert count(page) == 1
    drawn = ink(page)
    pointer(page, "pointerdown", *palm[0], pointerId=5, pointerType="touch")  # and just after the pen
    pointer(page, "pointermove", *palm[1], pointerId=5, pointerType="touch")
    pointer(page, "pointerup", *palm[1], pointerId=5, pointerType="touch")
    assert ink(page) == drawn > 0


def test_a_stroke_goes_on_outside_the_pad_and_is_one_stroke(page):
    draw_strokes(page, [[(30, 20), (30, -10), (50, -10), (50, 40), (50, -10)]], 1, 0, 0)
    assert count(page) == 1
    assert page.evaluate("JSON.parse(localStorage['digitpad.drawing'])[0].points.length") == 5
    drawn = ink(page)
    page.locator("#pad").hover()  # no button: no ink
    assert ink(page) == drawn > 0


def hold(page, key: str, times: int) -> None:
    for _ in range(times):
        page.keyboard.press(key)


def test_a_digit_is_drawn_with_the_keyboard_alone(page):
    page.keyboard.press("d")
    expect(page.locator("#pad")).to_be_focused()
    expect(page.locator("#cursor")).to_be_visible()
    hold(page, "ArrowUp", 12)
    page.keyboard.down("Space")  # a 7
    hold(page, "ArrowRight", 14)
    for _ in range(10):
        hold(page, "ArrowDown", 2)
        hold(page, "ArrowLeft", 1)
    page.keyboard.up("Space")
    expect_digit(page, "7")
    drawn = ink(page)
    hold(page, "ArrowRight", 5)  # the pen is up: no ink
    assert ink(page) == drawn
    page.keyboard.press("Enter")  # it can stay down, too
    hold(page, "ArrowRight", 3)
    page.keyboard.press("Enter")
    assert ink(page) > drawn
    assert count(page) == 2
    page.keyboard.press("Control+z")
    assert ink(page) == drawn


def test_holding_two_arrows_moves_aslant(page):
    page.locator("#pad").focus()
    at = "[+cursor.getAttribute('cx'), +cursor.getAttribute('cy')]"
    before = page.evaluate(at)
    page.keyboard.down("ArrowRight")
    page.keyboard.down("ArrowDown")
    wait_until(page, lambda: all(now - then > 20 for now, then in zip(page.evaluate(at), before, strict=True)))
    page.keyboard.up("ArrowRight")
    page.keyboard.up("ArrowDown")
    after = page.evaluate(at)
    rendered(page)
    assert page.evaluate(at) == after


def test_leaving_the_pad_lifts_the_pen(page):
    page.locator("#pad").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.locator("#width").focus()
    assert count(page) == 1
    page.locator("#pad").focus()
    drawn = ink(page)
    hold(page, "ArrowRight", 5)
    assert ink(page) == drawn


def test_a_replay_shows_the_strokes_as_they_were_drawn_and_changes_nothing(page):
    for place, label in enumerate("17"):
        draw_by_hand(page, label, 0.4, 0.1 + 0.36 * place, 0.3)
    expect_digit(page, "17")
    whole, strokes = ink(page), count(page)
    page.locator("#replay").click()
    expect(page.locator("#replay")).to_have_attribute("aria-pressed", "true")
    assert ink(page) < whole
    expect(page.locator("#replay")).to_have_attribute("aria-pressed", "false")
    assert ink(page) == whole
    page.keyboard.press("r")
    page.keyboard.press("Escape")
    assert ink(page) == whole
    page.keyboard.press("r")
    draw(page, "1", 0.3, 1.1, 0.3)  # drawing goes on at once
    assert count(page) == strokes + 1
    expect_digit(page, "171")


def test_samples_are_written_side_by_side(page):
    for label in "405":
        page.get_by_role("button", name=f"Draw a sample {label}").click()
    expect_digit(page, "405")
    page.keyboard.press("Control+z")
    expect_digit(page, "40")


def test_every_key_in_the_list_does_something(page):
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys = page.locator("dialog kbd").all_text_contents()
    shortcuts = page.evaluate(
        """[...document.querySelectorAll("[aria-keyshortcuts]")]
             .flatMap((element) => element.getAttribute("aria-keyshortcuts").split(" "))"""
    )
    listed = {key.replace("Ctrl ", "Control+").replace("Shift ", "Shift+").replace("z", "Z") for key in keys}
    listed |= {part for key in keys for part in key.split()}
    assert set(shortcuts) <= listed
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    for key, tool in (("e", "strokes"), ("a", "area"), ("b", "pen")):
        page.keyboard.press(key)
        assert page.locator("#tool input:checked").input_value() == tool
    # The test does not wait for the file dialog itself: Chromium does not report each of them.
    opening = "event.preventDefault(); event.target.dataset.asked = true"
    page.evaluate(f"() => document.getElementById('file').addEventListener('click', (event) => {{ {opening} }})")
    page.keyboard.press("o")
    expect(page.locator("#file")).to_have_attribute("data-asked", "true")
