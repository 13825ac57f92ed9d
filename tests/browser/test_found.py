"""What the page shows over an image: boxes, lines, the ink that was found, and what was not read."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.helpers import photographs
from tests.helpers.number_images import row_png, strokes_of
from tests.helpers.pad import choose_image, sample
from tests.helpers.paper import photograph_of
from tests.helpers.photographs import Conditions

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def two_lines() -> bytes:
    """Photograph 274 above 5081 on lined paper."""
    below = [[(x + 20, y + 170) for x, y in stroke] for stroke in strokes_of("5081")]
    conditions = Conditions(paper="lined", pen="felt", height=30.0, size=(1000, 750), gradient=0.3, noise=2.0)
    image = photographs.photograph([*strokes_of("274"), *below], conditions, np.random.default_rng(1))
    return photographs.encode(image, conditions.quality)


def test_lines_are_shown_as_lines(page, two_lines):
    choose_image(page, two_lines)
    expect(page.locator("#reading")).to_have_text("274\n5081")
    texts = page.locator("#picture-boxes g text")
    assert texts.all_text_contents() == list("2745081")
    frames = page.locator("#picture-boxes .line")
    expect(frames).to_have_count(2)
    upper, lower = (frames.nth(place).bounding_box() for place in (0, 1))
    assert upper["y"] < lower["y"]
    first = page.locator("#picture-boxes g.sure rect").first.bounding_box()
    assert upper["x"] < first["x"] < upper["x"] + upper["width"]
    assert upper["y"] < first["y"] < first["y"] + first["height"] < upper["y"] + upper["height"]
    rows = page.locator("#digits .digits-line")
    assert [rows.nth(place).locator("button").all_text_contents() for place in (0, 1)] == [list("274"), list("5081")]
    rows.nth(1).locator("button").nth(2).click()
    expect(page.locator('#bars [data-label="8"]')).to_have_class("best")
    for said in ("2 lines. Taken for ink.", "Printed lines, boxes and text were left out."):
        expect(page.locator("#found")).to_contain_text(said)
    expect(page.locator("#found .unread")).to_have_count(0)
    printed = page.locator("#picture-boxes rect.print")
    assert printed.get_attribute("mask") == "url(#print-mask)"
    viewed = page.locator("#picture-boxes").get_attribute("viewBox").split()
    assert [float(printed.get_attribute(side)) for side in ("width", "height")] == [*map(float, viewed[2:])]
    page.get_by_role("button", name="Back to the drawing").click()
    expect(page.locator("#found")).to_be_empty()


def test_on_a_phone_no_line_is_broken(page, two_lines):
    page.set_viewport_size({"width": 390, "height": 844})
    choose_image(page, two_lines)
    reading = page.locator("#reading")
    expect(reading).to_have_text("274\n5081")
    height, size = reading.evaluate("(it) => [it.offsetHeight, parseFloat(getComputedStyle(it).fontSize)]")
    assert height < 2.4 * size  # of two lines
    assert height <= page.locator(".headline").evaluate("(it) => it.clientHeight")


def test_ink_that_was_not_read_is_marked(page, two_lines):
    """As if the server had read the upper line only."""

    def answer(route):
        whole = route.fetch().json()
        route.fulfill(json={**whole, "text": "274", "lines": whole["lines"][:1], "digits": whole["lines"][0]["digits"]})

    page.route("**/read?*", answer)
    choose_image(page, two_lines)
    expect(page.locator("#found .unread")).to_have_text("Ink that was not read.")
    assert page.locator("#picture-boxes rect.unread").get_attribute("mask") == "url(#ink-mask)"
    assert page.locator("#picture-boxes g[clip-path] rect.ink").count() == 1
    expect(page.locator("#ink-read rect")).to_have_count(1)
    expect(page.locator("#picture-boxes .line")).to_have_count(0)  # a single line needs no frame


def test_a_place_where_a_point_may_be_missing_is_ringed(page, two_lines):
    page.route("**/read?*", lambda route: route.fulfill(json={**route.fetch().json(), "missed": [[500, 300, 4, 6]]}))
    choose_image(page, two_lines)
    expect(page.locator("#found .missed")).to_have_text("A point may be missing here.")
    ring = page.locator("#picture-boxes circle.missed")
    assert [ring.get_attribute(name) for name in ("cx", "cy")] == ["502", "303"]
    assert 3.6 < float(ring.get_attribute("r")) < 30


def test_a_single_digit_on_paper_is_boxed_and_one_on_a_clean_image_is_not(page):
    choose_image(page, photograph_of("6"))
    expect(page.locator("#picture-boxes g.sure text")).to_have_text("6")
    choose_image(page, row_png("8"))
    expect(page.locator("#reading")).to_have_text("8")
    expect(page.locator("#picture-boxes g text")).to_have_count(0)
    expect(page.locator("#found")).to_be_empty()
    sample(page, "3")
    expect(page.locator("#boxes g")).to_have_count(0)
