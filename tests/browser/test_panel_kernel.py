"""The panel "By hand": a convolution over one's own digit, with real clicks and keys, checked against Python."""

from itertools import pairwise

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.helpers.drawings import png_of
from tests.helpers.kernel_panel import (
    KEY,
    choose,
    expect_numbers,
    open_on_three,
    open_panel,
    output,
    place,
    seen,
)
from tests.helpers.pad import choose_image, draw, expect_digit, pixels, sample, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def panel(page):
    return open_on_three(page)


def test_it_plays_and_pauses_and_begins_nothing_by_itself(panel):
    before = place(panel)
    panel.wait_for_timeout(200)
    assert place(panel) == before
    panel.get_by_label("Speed").fill("6")
    expect(panel.locator(".rate")).to_have_text("64 per second")
    panel.get_by_role("button", name="Play", exact=True).click()
    wait_until(panel, lambda: 26 * (place(panel)[0] - before[0]) + place(panel)[1] - before[1] > 5)
    panel.get_by_role("button", name="Pause").click()
    paused = place(panel)
    panel.wait_for_timeout(100)  # at 64 steps a second
    assert place(panel) == paused
    panel.get_by_role("button", name="To the end").click()
    canvas = panel.get_by_role("application", name="The output")
    canvas.press("Space")  # from the end it begins anew
    wait_until(panel, lambda: 0 < sum(place(panel)) < 20)
    panel.keyboard.press(KEY)  # the panel is closed
    panel.wait_for_timeout(100)
    panel.keyboard.press(KEY)
    expect(panel.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert place(panel)[0] < 20


def test_the_networks_own_kernels_can_be_tried(panel, app):
    recognizer = app.extensions["digitpad"].loaded["digitpad"]
    learned = next(iter(recognizer.kernels().values())).weights
    select = panel.get_by_label("Kernel", exact=True)
    expect(select.locator("optgroup option")).to_have_count(len(learned))
    select.select_option("network-3")
    side = learned.shape[-1]
    expect(panel.locator(".formula")).to_contain_text(f"− {side})")
    shown = [float(field.input_value()) for field in panel.get_by_label("Weight in row").all()]
    assert shown == pytest.approx(learned[3].ravel().tolist(), abs=0.003)


def test_a_server_that_is_away_is_asked_again_for_its_kernels(open_page):
    page = open_page()
    page.route("**/models", lambda route: route.abort())
    draw(page, "4")
    expect_digit(page, "4")
    page.keyboard.press(KEY)
    select = page.get_by_label("Kernel", exact=True)
    select.select_option("blur")
    expect(select.locator("optgroup")).to_have_count(0)
    page.unroute("**/models")
    page.get_by_label("divided by").focus()
    select.focus()
    expect(select.locator("optgroup")).to_have_count(1)


def test_it_follows_the_drawing_and_a_numbers_selected_digit_and_an_image(page):
    sample(page, "274")
    expect_digit(page, "274")
    open_panel(page)
    before, images = place(page), []
    assert abs(output(page)) > 1  # it begins where there is something to see

    def expect_same_place() -> None:
        row, column = place(page)
        assert (row, column) == before
        images.append(seen(page))
        expect_numbers(page, "patch", images[-1][row : row + 3, column : column + 3])

    for nth in range(3):
        page.locator("#digits button").nth(nth).click()
        expect_same_place()
    choose_image(page, png_of("6"))
    expect_digit(page, "6")
    expect_same_place()
    assert not any(np.array_equal(one, other) for one, other in pairwise(images))


def test_only_the_arithmetic_scrolls_sideways(page):
    sample(page, "2")
    open_panel(page)
    screens = [(width, view) for width in (320, 360, 768, 1280, 2560) for view in ("Whole", "Close up")]
    for width, view in screens:
        page.set_viewport_size({"width": width, "height": 800})
        choose(page, size="5 × 5" if view == "Close up" else "3 × 3", padding="2", view=view)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        outside = page.evaluate(
            """(width) => [...document.querySelectorAll(".kernel :is(button, input, select, canvas, label)")]
                 .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > width + 1).length""",
            width,
        )
        assert outside == 0
        region = page.get_by_role("region", name="The arithmetic of this step")
        assert region.evaluate("(it) => it.scrollWidth > it.clientWidth") or width > 400


def test_close_up_every_number_is_in_its_cell(open_page):
    """The close-up view has dark pixels where the colours alone have none: the numbers."""
    page = open_page(color_scheme="light")
    sample(page, "1")
    open_panel(page)
    choose(page, operation="Max pooling")
    page.get_by_role("button", name="Start over").click()  # in the corner there is only paper

    def dark() -> int:
        shown = pixels(page.locator(".kernel .input canvas"))
        third = len(shown) // 3
        return (shown[:third, :third, :3].sum(axis=-1) < 200).sum()

    assert dark() == 0
    choose(page, view="Close up")
    assert dark() > 50
