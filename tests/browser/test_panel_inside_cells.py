"""A cell in the panel Inside: its receptive field, its kernel, and the sum that gives its value."""

import pytest
from playwright.sync_api import expect

from tests.helpers.accessibility import PHONE
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
from tests.helpers.pad import draw_strokes, number, numbers, quiet

pytestmark = pytest.mark.browser


def test_a_cell_shows_its_value_and_the_sum_that_makes_it(page):
    inside(page)
    shown = answer(page)
    for layer in (1, 3, 9):  # of one map, of a few, and of many with padding
        for x, y in ((0.02, 0.02), (0.4, 0.6), (0.97, 0.97)):
            point_at(page, layer, x, y)
            count = min(4, shown["layers"][layer - 1]["shape"][0])
            expect(page.locator(".inside .terms li:visible")).to_have_count(count)  # once the kernels have come
            value = cells(shown["layers"][layer])[chosen(page)]
            assert shown_value(page) == pytest.approx(value, abs=0.006)
            rows = page.locator(".inside .sum div")
            sums = dict(zip(rows.locator("dt").all_text_contents(), numbers(rows.locator("dd")), strict=True))
            assert sums["Σ patch × kernel"] == pytest.approx(value, abs=0.12)  # this network has no biases
            terms = numbers(page.locator(".inside .terms li:visible .product"))
            others = sum(value for name, value in sums.items() if "other maps" in name)
            assert sum(terms) + others == pytest.approx(sums["Σ patch × kernel"], abs=0.03)
            assert len(terms) == count
            assert terms == sorted(terms, key=abs, reverse=True)
            under = page.locator(".inside .maps").nth(layer - 1).locator(".under:not([hidden])")
            expect(under).to_have_count(len(terms))


def test_pooling_shows_the_cells_that_it_is_made_of(page):
    inside(page)
    shown = answer(page)
    point_at(page, 2, 0.3, 0.4)
    map_, row, column = chosen(page)
    before = cells(shown["layers"][1])[map_, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
    inputs = page.locator(".inside .inputs").text_content().split()
    assert [number(text) for text in inputs] == pytest.approx(before.ravel().tolist(), abs=0.006)
    assert shown_value(page) == pytest.approx(cells(shown["layers"][2])[map_, row, column], abs=0.006)


def test_what_a_cell_sees_is_outlined_on_the_drawing(page):
    inside(page)
    shown = answer(page)
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
