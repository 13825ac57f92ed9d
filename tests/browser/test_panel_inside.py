"""The panel that shows every layer between the ink and the answer."""

import base64
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.pad import draw, draw_strokes, expect_digit, write
from tests.browser.test_manners import violations
from tests.conftest import png_of

pytestmark = pytest.mark.browser

WIDE = {"viewport": {"width": 1280, "height": 1000}}
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
LAYERS = ".inside .path .maps canvas"
AT = ".inside .at:not([hidden])"


@pytest.fixture
def page(open_page):
    return open_page(**WIDE)


def inside(page, label: str = "8") -> list[dict]:
    """Draw a digit, open the panel, and return the last answer that it shows; later ones are appended."""
    answers = []
    page.on("response", lambda response: answers.append(response) if "/inspect?" in response.url else None)
    draw(page, label)
    expect_digit(page, label)
    page.keyboard.press("1")
    page.locator(".inside .how-to").scroll_into_view_if_needed()
    expect(page.locator(LAYERS).first).to_be_visible()
    settle(page)
    return answers


def settle(page) -> None:
    page.wait_for_timeout(150)
    page.wait_for_load_state("networkidle")


def settle_until(page, is_done) -> None:
    for _ in range(200):
        if is_done():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never happened")


def cells(layer: dict) -> np.ndarray:
    data = np.frombuffer(base64.b64decode(layer["values"]), np.uint8).reshape(layer["shape"])
    return layer["low"] + data * (layer["high"] - layer["low"]) / 255


def number(page, place: str = ".inside .value") -> float:
    return float(page.locator(place).text_content().replace("−", "-"))


def chosen(page) -> tuple[int, ...]:
    """Return the map, row and column of the chosen cell, from 0."""
    found = re.fullmatch(r"map (\d+) of \d+, row (\d+), column (\d+)", page.locator(".inside .place").text_content())
    return tuple(int(text) - 1 for text in found.groups())


def point_at(page, layer: int, x: float, y: float) -> None:
    """Move the mouse to a place in a layer, in parts of its width and height."""
    canvas = page.locator(LAYERS).nth(layer)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])


def corners(page, group: str) -> list[float]:
    """Return left, top, right and bottom of the outline on the drawing, in its units."""
    path = page.locator(f"#{group} #inside-outline").get_attribute("d")
    left, top, right, bottom = map(float, re.fullmatch(r"M(\S+) (\S+)H(\S+)V(\S+)H.*", path).groups())
    return [left, top, right, bottom]


def test_it_opens_by_a_click_and_by_its_key_and_says_what_to_do_first(page):
    tab = page.get_by_role("tab", name="Inside")
    tab.click()
    expect(page.locator(".inside .note")).to_have_text("Draw something first.")
    expect(page.locator(".inside .body")).to_be_hidden()
    page.keyboard.press("1")
    expect(page.locator("#panel")).to_be_hidden()
    page.keyboard.press("1")
    draw(page, "3")
    expect(page.locator(LAYERS)).to_have_count(12)
    expect(page.locator(".inside .softmax .best th")).to_have_text("3")
    page.keyboard.press("Delete")
    expect(page.locator(".inside .body")).to_be_hidden()
    expect(page.locator(".inside .note")).to_have_text("Draw something first.")
    expect(page.locator("#inside-outline")).to_have_count(0)


def test_every_layer_is_there_with_its_name_its_shape_and_its_pixels(page):
    answer = inside(page)[-1].json()
    captions = page.locator(".inside .path figcaption")
    assert captions.locator("strong").all_text_contents()[:3] == [
        "input", "convolution 5×5", "pooling 2×2 → normalising → rectifying"
    ]  # fmt: skip
    assert captions.locator(".shape").all_text_contents()[1:4] == [
        "16 maps of 20×20", "16 maps of 10×10", "48 maps of 8×8"
    ]  # fmt: skip
    dark = (
        page.locator(LAYERS)
        .nth(0)
        .evaluate(
            """(canvas) => [...canvas.getContext("2d").getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"""
        )
    )
    ink = cells(answer["layers"][0])[0]
    assert np.corrcoef(255 - np.array(dark), ink.ravel())[0, 1] > 0.999
    # Above zero is bluer than red, below it redder than blue.
    layer = cells(answer["layers"][1])
    across = page.locator(LAYERS).nth(1).evaluate("(canvas) => (canvas.width + 1) / 21")
    for (map_, row, column), is_blue in (
        (np.unravel_index(layer.argmax(), layer.shape), True),
        (np.unravel_index(layer.argmin(), layer.shape), False),
    ):
        x, y = (map_ % across) * 21 + column, (map_ // across) * 21 + row
        red, _, blue, _ = (
            page.locator(LAYERS)
            .nth(1)
            .evaluate(
                """(canvas, [x, y]) => [...canvas.getContext("2d").getImageData(x, y, 1, 1).data]""", [int(x), int(y)]
            )
        )
        assert (blue > red + 50) if is_blue else (red > blue + 50)


def test_logits_become_the_probabilities_of_the_answer(page):
    answer = inside(page, "5")[-1].json()
    rows = page.locator(".inside .softmax tbody tr")
    expect(rows).to_have_count(11)
    shown = [float(text.replace("−", "-")) for text in rows.locator(".logit + .figure").all_text_contents()]
    assert shown == pytest.approx(list(answer["logits"].values()), abs=0.006)
    percents = rows.locator(".probability + .figure").all_text_contents()
    assert percents[:10] == page.locator("#bars .percent").all_text_contents()
    assert percents[10] == ""


def test_a_cell_shows_its_value_and_the_sum_that_makes_it(page):
    answer = inside(page)[-1].json()
    for layer in (1, 3, 9):  # of one map, of a few, and of many with padding
        for x, y in ((0.02, 0.02), (0.4, 0.6), (0.97, 0.97)):
            point_at(page, layer, x, y)
            settle(page)
            value = cells(answer["layers"][layer])[chosen(page)]
            assert number(page) == pytest.approx(value, abs=0.006)
            rows = page.locator(".inside .sum div")
            numbers = dict(
                zip(rows.locator("dt").all_text_contents(), rows.locator("dd").all_text_contents(), strict=True)
            )
            numbers = {name: float(text.replace("−", "-")) for name, text in numbers.items()}
            assert numbers["Σ patch × kernel"] == pytest.approx(value, abs=0.12)  # this network's have no bias
            terms = [
                float(t.replace("−", "-"))
                for t in page.locator(".inside .terms li:visible .product").all_text_contents()
            ]
            others = sum(number for name, number in numbers.items() if "other maps" in name)
            assert sum(terms) + others == pytest.approx(numbers["Σ patch × kernel"], abs=0.03)
            assert len(terms) == min(4, answer["layers"][layer - 1]["shape"][0])
            assert terms == sorted(terms, key=abs, reverse=True)
            under = page.locator(".inside .maps").nth(layer - 1).locator(".under:not([hidden])")
            expect(under).to_have_count(len(terms))


def test_pooling_shows_the_cells_that_it_is_made_of(page):
    answer = inside(page)[-1].json()
    point_at(page, 2, 0.3, 0.4)
    map_, row, column = chosen(page)
    before = cells(answer["layers"][1])[map_, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
    shown = page.locator(".inside .inputs").text_content().replace("−", "-").split()
    assert [float(text) for text in shown] == pytest.approx(before.ravel().tolist(), abs=0.006)
    assert number(page) == pytest.approx(cells(answer["layers"][2])[map_, row, column], abs=0.006)


def test_what_a_cell_sees_is_outlined_on_the_drawing(page):
    answer = inside(page)[-1].json()
    x, y, side = answer["frame"]
    for layer in (1, 3):
        point_at(page, layer, 0.4, 0.4)
        _, row, column = chosen(page)
        field = answer["layers"][layer]["field"]
        pixels = [field["start"] + place * field["stride"] for place in (column, row)]
        pixels += [pixel + field["size"] for pixel in pixels]
        expected = [start + pixel * side / 28 for start, pixel in zip((x, y, x, y), pixels, strict=True)]
        assert corners(page, "marks") == pytest.approx(expected, abs=0.01)
        size = int(field["size"])
        expect(page.locator(".inside .cell")).to_contain_text(f"{size}×{size} pixels")
    page.keyboard.press("1")  # with the panel it goes
    expect(page.locator("#inside-outline")).to_have_count(0)


def test_it_follows_the_hand_and_keeps_the_chosen_cell(page):
    answers = inside(page, "1")
    point_at(page, 3, 0.5, 0.5)
    cell, seen = chosen(page), len(answers)
    page.evaluate("scrollTo(0, 0)")
    box = page.locator("#pad").bounding_box()
    page.mouse.move(box["x"] + 150, box["y"] + 100)
    page.mouse.down()
    for step in range(20):
        page.mouse.move(box["x"] + 150 + 8 * step, box["y"] + 100 + 4 * step)
        page.wait_for_timeout(15)
    page.wait_for_function("document.querySelector('.inside .value').textContent")
    assert len(answers) > seen + 3  # and the pen is still down
    page.mouse.up()
    settle(page)
    assert chosen(page) == cell
    assert number(page) == pytest.approx(cells(answers[-1].json()["layers"][3])[cell], abs=0.006)


def test_nothing_is_asked_while_nobody_can_see_it(open_page):
    page = open_page(viewport={"width": 1000, "height": 500})
    answers = inside(page)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(100)
    seen = len(answers)
    page.keyboard.press("Delete")
    draw(page, "3")
    expect_digit(page, "3")
    settle(page)
    assert len(answers) == seen
    page.locator(".inside .intro").scroll_into_view_if_needed()
    page.mouse.wheel(0, 300)
    expect(page.locator(".inside .softmax .best th")).to_have_text("3")


def test_the_selected_digit_of_a_number_is_looked_into(page):
    page.keyboard.press("1")
    write(page, "274")
    expect_digit(page, "274")
    for place, label in enumerate("274"):
        page.locator("#digits button").nth(place).click()
        expect(page.locator(".inside .softmax .best th")).to_have_text(label)
        settle(page)
        box = page.locator("#boxes rect").nth(place)
        left, width = float(box.get_attribute("x")), float(box.get_attribute("width"))
        outline = corners(page, "marks")
        assert left - 20 < outline[0] < outline[2] < left + width + 20


def test_an_image_file_is_looked_into(page):
    page.keyboard.press("1")
    page.locator("#file").set_input_files({"name": "6.png", "mimeType": "image/png", "buffer": png_of("6")})
    expect_digit(page, "6")
    expect(page.locator(".inside .softmax .best th")).to_have_text("6")
    left, top, right, bottom = corners(page, "picture-boxes")
    assert 60 < left < right < 240
    assert 40 < top < bottom < 220
    page.keyboard.press("Escape")
    expect(page.locator("#inside-outline")).to_have_count(0)


def test_cells_are_chosen_with_the_keys_alone(page):
    inside(page)
    page.locator(LAYERS).nth(2).focus()
    page.keyboard.press("Shift+Tab")
    expect(page.locator(LAYERS).nth(1)).to_be_focused()
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
    expect(page.locator("#reading")).to_have_text("8")  # nothing of it moved the pen


def test_every_network_can_be_looked_into(page):
    inside(page, "4")
    names = page.locator(".inside select option").all_text_contents()
    assert len(names) > 3
    for name in names:
        page.locator(".inside select").select_option(name)
        settle(page)
        expect(page.locator(".inside .softmax .best th")).to_have_text("4")
        for layer in range(page.locator(LAYERS).count()):
            point_at(page, layer, 0.5, 0.5)
            settle(page)
            assert np.isfinite(number(page))
            assert "inside." not in page.locator(".inside").text_content()
    page.locator(".inside select").select_option("mlp")
    expect(page.locator(LAYERS)).to_have_count(6)
    expect(page.locator(".inside .shape").nth(1)).to_have_text("400 numbers")


def test_biases_are_part_of_the_sum(page):
    answers = inside(page)
    page.locator(".inside select").select_option("lenet")
    settle(page)
    expect(page.locator(".inside .shape").nth(1)).to_have_text("6 maps of 28×28")
    answer = answers[-1].json()
    for layer in (1, 3):
        point_at(page, layer, 0.05, 0.05)
        settle(page)
        sums = [float(text.replace("−", "-")) for text in page.locator(".inside .sum dd").all_text_contents()]
        value = cells(answer["layers"][layer])[chosen(page)]
        assert sums[-1] == pytest.approx(value, abs=0.006)
        assert sums[-2] != 0
        assert sums[-3] + sums[-2] == pytest.approx(value, abs=0.12)


def test_kernels_are_fetched_once(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/kernels/" in request.url else None)
    inside(page)
    for x in (0.1, 0.5, 0.9):
        point_at(page, 1, x, 0.5)
        settle(page)
    draw_strokes(page, [[(10, 10), (20, 20)]], 0.7, 0.15, 0.15)
    settle(page)
    assert len(asked) == 1
    assert "version=sha256" in asked[0]


def test_an_answer_about_what_was_cleared_is_dropped(page):
    inside(page, "8")
    page.evaluate(
        """() => {
          window.shown = [];
          const table = document.querySelector(".softmax");
          new MutationObserver(() => window.shown.push(table.querySelector(".best th").textContent))
            .observe(table, { subtree: true, attributes: true, childList: true, characterData: true });
        }"""
    )
    held = []
    page.route("**/inspect?*", lambda route: route.continue_() if held else held.append(route))
    draw_strokes(page, [[(10, 10), (12, 12)]], 0.7, 0.15, 0.15)
    settle_until(page, lambda: held)
    page.keyboard.press("Delete")
    draw(page, "1")
    expect_digit(page, "1")
    held[0].continue_()  # only now comes the answer about the 8
    expect(page.locator(".inside .softmax .best th")).to_have_text("1")
    assert "8" not in page.evaluate("shown")


def test_a_server_that_goes_away_is_told_and_comes_back(page):
    page.keyboard.press("1")
    page.route("**/inspect?*", lambda route: route.abort())
    draw(page, "2")
    expect(page.locator(".inside .note")).to_contain_text("cannot be reached")
    page.unroute("**/inspect?*")
    page.keyboard.press("Delete")
    draw(page, "7")
    expect(page.locator(".inside .softmax .best th")).to_have_text("7")
    expect(page.locator(".inside .note")).to_have_text("")


def test_it_speaks_chinese_and_wears_dark_colours(open_page):
    page = open_page(**WIDE, locale="zh-CN", color_scheme="dark")
    draw(page, "8")
    expect_digit(page, "8")
    page.get_by_role("tab", name="内部").click()
    expect(page.locator(".inside .path figcaption strong").nth(1)).to_have_text("卷积 5×5")
    expect(page.locator(".inside .place")).to_contain_text("行")
    corner = """(canvas) => canvas.getContext("2d").getImageData(0, 0, 1, 1).data[0]"""
    assert page.locator(LAYERS).nth(0).evaluate(corner) < 60  # paper is dark
    page.emulate_media(color_scheme="light")
    page.wait_for_timeout(100)
    assert page.locator(LAYERS).nth(0).evaluate(corner) > 240


def test_a_finger_chooses_on_a_phone(open_page):
    page = open_page(**PHONE)
    inside(page)
    canvas = page.locator(LAYERS).nth(3)
    canvas.scroll_into_view_if_needed()
    canvas.tap(position={"x": 30, "y": 10})
    expect(page.locator(".inside .cell h2")).to_have_text("Step 2: convolution 3×3")
    expect(page.locator(".inside .cell")).to_be_in_viewport()


@pytest.mark.parametrize("width", [320, 700, 1000, 2560])
def test_no_layer_is_wider_than_the_screen(open_page, width):
    page = open_page(viewport={"width": width, "height": 900})
    inside(page)
    for name in ("digitpad", "mlp", "lenet5"):
        page.locator(".inside select").select_option(name)
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for canvas in page.locator(LAYERS).all():
            assert canvas.evaluate("(canvas) => canvas.offsetWidth <= canvas.closest('figure').clientWidth")


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(open_page, screen, scheme):
    page = open_page(**screen, color_scheme=scheme)
    inside(page)
    assert violations(page) == []
    page.locator(".inside select").select_option("mlp")
    settle(page)
    assert violations(page) == []
