"""The panel Inside: every layer between the ink and the answer, and how each cell of it is computed."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.helpers.accessibility import PHONE, expect_accessible
from tests.helpers.drawings import png_of
from tests.helpers.inside_panel import (
    AT,
    LAYERS,
    answer,
    cells,
    chosen,
    corners,
    inside,
    look_into,
    point_at,
    shown_value,
)
from tests.helpers.pad import (
    answers,
    choose_image,
    draw,
    draw_strokes,
    expect_digit,
    hold_first,
    number,
    numbers,
    pixels,
    quiet,
    rendered,
    wait_until,
    watch,
    write,
)

pytestmark = pytest.mark.browser


def test_every_layer_is_there_with_its_name_its_shape_and_its_pixels(page):
    shown = inside(page)
    captions = page.locator(".inside .path figcaption")
    assert captions.locator("strong").all_text_contents()[:3] == [
        "input", "convolution 5×5", "pooling 2×2 → normalisation → ReLU"
    ]  # fmt: skip
    assert captions.locator(".shape").all_text_contents()[1:4] == [
        "16 maps of 20×20", "16 maps of 10×10", "48 maps of 8×8"
    ]  # fmt: skip
    input_, convolution = (pixels(page.locator(LAYERS).nth(layer)) for layer in (0, 1))
    ink = cells(shown["layers"][0])[0]
    assert np.corrcoef(255 - input_[..., 0].ravel(), ink.ravel())[0, 1] > 0.999
    # Above zero is bluer than red, below it redder than blue.
    layer = cells(shown["layers"][1])
    across = (convolution.shape[1] + 1) // 21
    for (map_, row, column), is_blue in (
        (np.unravel_index(layer.argmax(), layer.shape), True),
        (np.unravel_index(layer.argmin(), layer.shape), False),
    ):
        red, _, blue, _ = convolution[(map_ // across) * 21 + row, (map_ % across) * 21 + column]
        assert (blue > red + 50) if is_blue else (red > blue + 50)


def test_logits_become_the_probabilities_of_the_answer(page):
    shown = inside(page, "5")
    rows = page.locator(".inside .softmax tbody tr")
    expect(rows).to_have_count(11)
    assert numbers(rows.locator(".logit + .figure")) == pytest.approx(list(shown["logits"].values()), abs=0.006)
    percents = rows.locator(".probability + .figure").all_text_contents()
    assert percents[:10] == page.locator("#bars .percent").all_text_contents()
    assert percents[10] == ""


def test_it_follows_the_hand_and_keeps_the_chosen_cell(page):
    inside(page, "1")
    point_at(page, 3, 0.5, 0.5)
    cell, seen = chosen(page), len(answers(page, "/inspect?"))
    page.evaluate("scrollTo(0, 0)")
    box = page.locator("#pad").bounding_box()
    page.mouse.move(box["x"] + 150, box["y"] + 100)
    page.mouse.down()
    for step in range(200):
        page.mouse.move(box["x"] + 150 + 8 * (step % 20), box["y"] + 100 + 4 * (step % 20))
        if len(answers(page, "/inspect?")) > seen + 3:
            break
    assert len(answers(page, "/inspect?")) > seen + 3  # and the pen is still down
    page.mouse.up()
    shown = answer(page)
    assert chosen(page) == cell
    value = cells(shown["layers"][3])[cell]
    wait_until(page, lambda: shown_value(page) == pytest.approx(value, abs=0.006), f"the value {value}")


def test_nothing_is_asked_while_nobody_can_see_it(open_page):
    page = open_page(viewport={"width": 1000, "height": 500})
    inside(page)
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator("#inside-outline")).to_have_count(0)  # by now the panel knows that nobody can see it
    seen = len(answers(page, "/inspect?"))
    page.keyboard.press("Delete")
    draw(page, "3")
    expect_digit(page, "3")
    quiet(page)
    assert len(answers(page, "/inspect?")) == seen
    page.locator(".inside .intro").scroll_into_view_if_needed()
    page.mouse.wheel(0, 300)
    expect(page.locator(".inside .softmax .best th")).to_have_text("3")


LATE = """window.IntersectionObserver = class extends IntersectionObserver {
  constructor(tell, options) { super((changes) => tell([{ isIntersecting: false }, ...changes]), options); }
};"""


def test_a_browser_that_tells_late_that_it_can_be_seen_shows_it(open_page):
    """A busy browser reports several changes at once, the oldest first."""
    page = open_page(LATE)
    inside(page)
    expect(page.locator(LAYERS)).to_have_count(12)


def test_the_selected_digit_of_a_number_is_looked_into(page):
    page.keyboard.press("1")
    write(page, "274")
    expect_digit(page, "274")
    for place, label in enumerate("274"):
        page.locator("#digits button").nth(place).click()
        expect(page.locator(".inside .softmax .best th")).to_have_text(label)
        quiet(page)
        box = page.locator("#boxes rect").nth(place)
        left, width = float(box.get_attribute("x")), float(box.get_attribute("width"))
        outline = corners(page, "marks")
        assert left - 20 < outline[0] < outline[2] < left + width + 20


def test_an_image_file_is_looked_into(page):
    page.keyboard.press("1")
    choose_image(page, png_of("6"))
    expect_digit(page, "6")
    expect(page.locator(".inside .softmax .best th")).to_have_text("6")
    left, top, right, bottom = corners(page, "picture-boxes")
    assert 60 < left < right < 240
    assert 40 < top < bottom < 220
    page.keyboard.press("Escape")
    expect(page.locator("#inside-outline")).to_have_count(0)


# Point at the middle of each layer. Returns which layers have the chosen cell, its value, and the text of the panel.
POINT_AT_EACH = """(layers) => layers.map((layer) => {
  const { left, top, width, height } = layer.getBoundingClientRect();
  layer.dispatchEvent(new PointerEvent("pointermove", { clientX: left + width / 2, clientY: top + height / 2 }));
  const panel = document.querySelector(".inside");
  const isMarked = (each) => each.parentElement.querySelector(".at:not([hidden])") !== null;
  return [layers.map(isMarked), panel.querySelector(".value").textContent, panel.textContent];
})"""


@pytest.mark.slow
def test_every_network_can_be_looked_into(page):
    inside(page, "4")
    names = page.locator(".inside select option").all_text_contents()
    assert len(names) > 3
    default = page.locator(".inside select").input_value()
    for name in sorted(names, key=lambda name: name != default):
        look_into(page, name)
        expect(page.locator(".inside .softmax .best th")).to_have_text("4")
        layers = page.locator(LAYERS).count()
        for layer, (marked, value, text) in enumerate(page.locator(LAYERS).evaluate_all(POINT_AT_EACH)):
            assert marked == [place == layer for place in range(layers)]
            assert np.isfinite(number(value))
            assert "inside." not in text
    look_into(page, "mlp")
    expect(page.locator(LAYERS)).to_have_count(6)
    expect(page.locator(".inside .shape").nth(1)).to_have_text("400 numbers")
    expect_accessible(page)


def test_an_answer_about_what_was_cleared_is_dropped(page):
    inside(page, "8")
    watch(page, ".inside .softmax", ".inside .softmax .best th")
    held = hold_first(page, "**/inspect?*")
    draw_strokes(page, [[(10, 10), (12, 12)]], 0.7, 0.15, 0.15)
    wait_until(page, lambda: held)
    page.keyboard.press("Delete")
    draw(page, "1")
    expect_digit(page, "1")
    held[0].continue_()  # only now comes the answer about the 8
    expect(page.locator(".inside .softmax .best th")).to_have_text("1")
    assert "8" not in page.evaluate("shown")


def test_paper_is_dark_in_the_dark_and_light_in_the_light(open_page):
    page = open_page(color_scheme="dark")
    inside(page)
    canvas = page.locator(LAYERS).nth(0)
    assert pixels(canvas)[0, 0, 0] < 60
    page.emulate_media(color_scheme="light")
    wait_until(page, lambda: pixels(canvas)[0, 0, 0] > 240, "paper that is light")


def test_no_layer_is_wider_than_the_screen(page):
    inside(page)
    for name in ("digitpad", "mlp", "lenet5"):
        look_into(page, name)
        for width in (320, 700, 1000, 2560):
            page.set_viewport_size({"width": width, "height": 900})
            rendered(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            fit = "(all) => all.map((canvas) => canvas.offsetWidth <= canvas.closest('figure').clientWidth)"
            assert all(page.locator(LAYERS).evaluate_all(fit))


def test_a_cell_shows_its_value_and_the_sum_that_makes_it(page):
    shown = inside(page)
    for layer in (1, 3, 9):  # of one map, of a few, and of many with padding
        for x, y in ((0.02, 0.02), (0.4, 0.6), (0.97, 0.97)):
            point_at(page, layer, x, y)
            count = min(4, shown["layers"][layer - 1]["shape"][0])
            expect(page.locator(".inside .terms li:visible")).to_have_count(count)  # once the kernels have come
            value = cells(shown["layers"][layer])[chosen(page)]
            assert shown_value(page) == pytest.approx(value, abs=0.006)
            rows = page.locator(".inside .sum div")
            sums = dict(zip(rows.locator("dt").all_text_contents(), numbers(rows.locator("dd")), strict=True))
            assert sums["Σ patch × kernel"] == pytest.approx(value, abs=0.25)  # of rounded values; there are no biases
            terms = numbers(page.locator(".inside .terms li:visible .product"))
            others = sum(value for name, value in sums.items() if "other maps" in name)
            assert sum(terms) + others == pytest.approx(sums["Σ patch × kernel"], abs=0.03)
            assert len(terms) == count
            assert terms == sorted(terms, key=abs, reverse=True)
            under = page.locator(".inside .maps").nth(layer - 1).locator(".under:not([hidden])")
            expect(under).to_have_count(len(terms))


def test_pooling_shows_the_cells_that_it_is_made_of(page):
    shown = inside(page)
    point_at(page, 2, 0.3, 0.4)
    map_, row, column = chosen(page)
    before = cells(shown["layers"][1])[map_, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
    inputs = page.locator(".inside .inputs").text_content().split()
    assert [number(text) for text in inputs] == pytest.approx(before.ravel().tolist(), abs=0.006)
    assert shown_value(page) == pytest.approx(cells(shown["layers"][2])[map_, row, column], abs=0.006)


def test_what_a_cell_sees_is_outlined_on_the_drawing(page):
    shown = inside(page)
    x, y, side = shown["frame"]
    for layer in (1, 3):
        point_at(page, layer, 0.4, 0.4)
        _, row, column = chosen(page)
        field = shown["layers"][layer]["field"]
        pixels = [field["start"] + place * field["stride"] for place in (column, row)]
        pixels += [pixel + field["size"] for pixel in pixels]
        expected = [start + pixel * side / 28 for start, pixel in zip((x, y, x, y), pixels, strict=True)]
        assert corners(page, "marks") == pytest.approx(expected, abs=0.01)
        size = int(field["size"])
        expect(page.locator(".inside .cell")).to_contain_text(f"{size}×{size} pixels")
    page.keyboard.press("1")  # the outline goes with the panel
    expect(page.locator("#inside-outline")).to_have_count(0)


def test_cells_are_chosen_with_the_keys_alone(page):
    inside(page)
    page.locator(LAYERS).nth(2).focus()
    page.keyboard.press("Shift+Tab")
    expect(page.locator(LAYERS).nth(1)).to_be_focused()
    for _ in range(16):  # from the map with the strongest cell to the first
        page.keyboard.press("PageUp")
    for _ in range(40):
        page.keyboard.press("ArrowLeft")
    for _ in range(100):
        page.keyboard.press("ArrowUp")
    assert chosen(page) == (0, 0, 0)
    for key, expected in (
        ("ArrowRight", (0, 0, 1)), ("ArrowDown", (0, 1, 1)), ("PageDown", (1, 1, 1)), ("ArrowLeft", (1, 1, 0)),
        ("ArrowLeft", (0, 1, 19)), ("ArrowLeft", (0, 1, 18)),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert chosen(page) == expected
    expect(page.locator(".inside .unseen")).to_contain_text("map 1 of 16, row 2, column 19: ")
    expect(page.locator(AT)).to_have_count(1)
    expect(page.locator("#reading")).to_have_text("8")  # the keys have not drawn anything


def test_biases_are_part_of_the_sum(page):
    inside(page)
    look_into(page, "lenet")
    expect(page.locator(".inside .shape").nth(1)).to_have_text("6 maps of 28×28")
    shown = answer(page)
    for layer in (1, 3):
        point_at(page, layer, 0.05, 0.05)
        expect(page.locator(".inside .sum dd")).to_have_count(4 if layer == 3 else 3)  # once the kernels have come
        sums = numbers(page.locator(".inside .sum dd"))
        value = cells(shown["layers"][layer])[chosen(page)]
        assert sums[-1] == pytest.approx(value, abs=0.006)
        assert sums[-2] != 0
        assert sums[-3] + sums[-2] == pytest.approx(value, abs=0.12)


def test_kernels_are_fetched_once(page):
    inside(page)
    for x in (0.1, 0.5, 0.9):
        point_at(page, 1, x, 0.5)
    draw_strokes(page, [[(10, 10), (20, 20)]], 0.7, 0.15, 0.15)
    quiet(page)
    (asked,) = [response.url for response in page.responses if "/kernels/" in response.url]
    assert "version=sha256" in asked


def test_a_finger_chooses_on_a_phone(open_page):
    page = open_page(**PHONE)
    inside(page)
    canvas = page.locator(LAYERS).nth(3)
    canvas.scroll_into_view_if_needed()
    canvas.tap(position={"x": 30, "y": 10})
    expect(page.locator(".inside .cell h2")).to_have_text("Step 2: convolution 3×3")
    expect(page.locator(".inside .cell")).to_be_in_viewport()
