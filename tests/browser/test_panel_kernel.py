"""The panel "By hand": a convolution over one's own digit, with real clicks and keys, checked against Python."""

from itertools import pairwise

import numpy as np
import pytest
from playwright.sync_api import expect

from model.explain.convolution import KERNELS, convolve
from tests.helpers.accessibility import violations
from tests.helpers.drawings import png_of
from tests.helpers.kernel_panel import (
    KEY,
    choose,
    corner,
    expect_numbers,
    inked,
    numbers,
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


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 2), (3, 1)])
def test_every_number_is_pythons(panel, stride, padding):
    choose(panel, stride=str(stride), padding=str(padding))
    image = seen(panel)
    framed = np.pad(image, padding)
    canvas = panel.get_by_role("application", name="The output")
    ways = ["ArrowUp", "ArrowDown ArrowDown ArrowRight", "ArrowLeft", "ArrowUp", "End", "ArrowUp Home", "ArrowRight"]
    for (kernel, weights), keys in zip(KERNELS.items(), ways, strict=True):
        panel.get_by_label("Kernel", exact=True).select_option(kernel)
        right = convolve(image[None, None], np.array(weights)[None, None], stride, padding)[0, 0]
        side = len(right)
        expect(panel.locator(".kernel .output figcaption")).to_contain_text(f"Output, {side} × {side}")
        expect(panel.locator(".formula")).to_have_text(f"⌊(28 + 2 × {padding} − 3) ÷ {stride}⌋ + 1 = {side}")
        for key in keys.split():
            canvas.press(key)
        row, column = place(panel)
        patch = framed[row * stride :, column * stride :][:3, :3]
        expect_numbers(panel, "patch", patch)
        divisor = float(panel.get_by_label("divided by").input_value())
        expect_numbers(panel, "products", patch * weights * divisor)
        assert output(panel) == pytest.approx(right[row, column], abs=0.00501)
        expect(panel.locator(".sum strong")).to_have_text(panel.locator(".made td").text_content())


@pytest.mark.parametrize(("operation", "pool"), [("Max pooling", np.max), ("Average pooling", np.mean)])
def test_pooling_has_no_kernel_and_chooses_or_divides(panel, operation, pool):
    choose(panel, operation=operation, size="5 × 5", stride="2", padding="1")
    expect(panel.locator(".editor")).to_be_hidden()
    expect(panel.locator(".kernel .output figcaption")).to_contain_text("Output, 13 × 13")
    framed = np.pad(seen(panel), 1)
    for key in ("ArrowUp", "End", "ArrowLeft"):
        panel.get_by_role("application", name="The output").press(key)
        row, column = place(panel)
        patch = framed[2 * row :, 2 * column :][:5, :5]
        assert output(panel) == pytest.approx(pool(patch), abs=0.00501)
    chosen = panel.locator(".patch td.chosen")
    if operation.startswith("Max"):
        expect(chosen).to_have_count(1)
        assert float(chosen.text_content()) == max(numbers(panel, "patch"))
    else:
        expect(chosen).to_have_count(0)
        expect(panel.locator(".sum")).to_contain_text("÷ 25 = ")
    assert violations(panel) == []


def test_the_frame_is_no_wider_than_half_a_window_in_pooling(panel):
    choose(panel, padding="2", operation="Max pooling", size="5 × 5")
    choose(panel, padding="2", size="3 × 3")
    expect(panel.get_by_role("radiogroup", name="Padding").locator("label:visible")).to_have_count(2)
    expect(panel.locator(".formula")).to_contain_text("2 × 1 − 3")
    choose(panel, operation="Convolution")  # each keeps its own
    expect(panel.locator(".formula")).to_contain_text("2 × 2 − 3")


def test_the_output_fills_as_one_steps(panel):
    step, back, end, restart = (
        panel.get_by_role("button", name=name, exact=True) for name in ("Step", "Back", "To the end", "Start over")
    )
    half = inked(panel, "output")
    end.click()
    expect(panel.locator(".place")).to_contain_text("Step 676 of 676")
    full = inked(panel, "output")
    assert full > 1.3 * half > 0
    step.click(force=True)  # there is no further step
    expect(panel.locator(".place")).to_contain_text("Step 676")
    back.click()
    expect(panel.locator(".place")).to_contain_text("Step 675 of 676: row 26, column 25")
    restart.click()
    expect(panel.locator(".place")).to_contain_text("Step 1 of 676: row 1, column 1")
    assert inked(panel, "output") < 0.2 * half
    back.click(force=True)
    for _ in range(3):
        step.click()
    assert place(panel) == (0, 3)


def test_a_click_chooses_a_pixel_of_the_output_and_of_the_input(panel):
    box = corner(panel, "output")
    cell = box["width"] / 26
    panel.mouse.click(box["x"] + 20.5 * cell, box["y"] + 17.5 * cell)
    assert place(panel) == (17, 20)
    panel.mouse.move(box["x"] + 2.5 * cell, box["y"] + 3.5 * cell)
    panel.mouse.down()
    panel.mouse.move(box["x"] + 5.5 * cell, box["y"] + 7.5 * cell)
    assert place(panel) == (7, 5)
    panel.mouse.up()
    box = corner(panel, "input")
    cell = box["width"] / 28
    panel.mouse.click(box["x"] + 20.5 * cell, box["y"] + 17.5 * cell)
    assert place(panel) == (16, 19)  # the window lies around it
    panel.mouse.click(box["x"] + 27.5 * cell, box["y"] + 0.5 * cell)
    assert place(panel) == (0, 25)
    choose(panel, view="Close up")
    here = output(panel)
    box = corner(panel, "output")
    panel.mouse.click(
        box["x"] + box["width"] - 5, box["y"] + 5
    )  # nine by nine pixels are seen, and this one is in a corner
    assert (place(panel), output(panel)) == ((0, 25), here)
    panel.mouse.click(box["x"] + 5, box["y"] + box["height"] - 5)
    assert place(panel) == (8, 17)


def test_the_place_is_told_to_who_cannot_see_it(panel):
    canvas = panel.get_by_role("application", name="The output")
    canvas.press("ArrowRight")
    row, column = place(panel)
    told = f"Row {row + 1}, column {column + 1}: {panel.locator('.sum strong').text_content()}"
    expect(panel.locator(".kernel [aria-live]")).to_have_text(told)
    assert told in canvas.get_attribute("aria-label")
    expect(panel.get_by_role("img", name=f"covers rows {row + 1} and columns {column + 1} onwards")).to_be_visible()


def test_numbers_are_typed_and_no_key_of_the_page_fires(panel):
    drawn = seen(panel)
    centre = panel.get_by_label("Weight in row 2, column 2")
    centre.click()
    centre.press("Control+a")
    centre.press("Delete")  # which elsewhere clears the pad
    expect(centre).to_have_attribute("aria-invalid", "true")
    centre.press_sequentially("-2.5")  # and digits elsewhere open panels
    expect(panel.get_by_label("Kernel", exact=True)).to_have_value("typed")
    panel.get_by_label("divided by").fill("4")
    row, column = place(panel)
    weights = -np.ones((3, 3))
    weights[1, 1] = -2.5
    right = (drawn[row : row + 3, column : column + 3] * weights).sum() / 4
    expect(panel.locator(".sum strong")).to_have_text(f"{right:.2f}".replace("-", "−"))
    for wrong in ("", "0"):
        panel.get_by_label("divided by").fill(wrong)
        expect(panel.get_by_label("divided by")).to_have_attribute("aria-invalid", "true")
    centre.fill("1e9")
    centre.press("Tab")
    expect(centre).to_have_value("-2.5")
    expect(panel.get_by_label("divided by")).to_have_value("4")
    choose(panel, size="5 × 5")  # what was typed stays, in a frame of zeros
    expect(panel.get_by_label("Weight in row 3, column 3")).to_have_value("-2.5")
    expect(panel.get_by_label("Weight in row 1, column 3")).to_have_value("0")
    choose(panel, size="3 × 3")
    expect(centre).to_have_value("-2.5")
    assert np.array_equal(seen(panel), drawn)
