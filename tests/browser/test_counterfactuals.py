"""The counterfactuals in the panel Why."""

import base64
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.helpers.drawings import png_of
from tests.helpers.pad import choose_image, draw, expect_digit
from tests.helpers.server import post
from tests.helpers.why_panel import BUTTONS, alter, answered, map_pixels, settled, why

pytestmark = pytest.mark.browser

WORDS = ".why section:nth-of-type(2) .score"


def make_it(page, label: str) -> None:
    """Ask for the counterfactual `label`, and again where the search ran out of time on a busy machine."""
    for _ in range(20):
        page.locator(BUTTONS.format(2, label)).click()
        expect(page.get_by_role("heading", name=re.compile(f"would make it an? {label}"))).to_be_visible()
        settled(page)
        if answered(page, "towards")["change"].get("ended") != "time":
            return


def test_the_change_is_shown_can_be_tried_and_taken_back(open_page, server):
    page = why(open_page)
    draw(page, "8")
    settled(page)
    make_it(page, "3")
    expect(page.locator(WORDS)).to_contain_text("to make it a 3")
    expect(page.locator(BUTTONS.format(2, 8))).to_be_disabled()
    change = answered(page, "towards")["change"]
    for part, word in (("erased", "Erase"), ("added", "dd")):
        assert (word in page.locator(WORDS).text_content()) == (change[part] > 0)
    erase, add = (np.frombuffer(base64.b64decode(change[name]), np.uint8).reshape(28, 28) for name in ("erase", "add"))
    shown = map_pixels(page, 2)[:, :, :2, :2]
    bluer = (shown[..., 2] - shown[..., 0]).mean(axis=(2, 3))
    assert (bluer[erase > 128] < -30).all()
    assert (bluer[add > 128] > 30).all()
    assert (erase > 128).sum() + (add > 128).sum() > 0
    assert post(server, "predict", {"image": change["image"]})[1]["label"] == "3"
    page.get_by_role("button", name="Try the changed digit").click()
    expect_digit(page, "3")
    assert page.locator("#picture img").bounding_box()["height"] > 100  # its 28 pixels are enlarged
    expect(page.get_by_role("heading", name="Which ink spoke for a 3?")).to_be_visible()
    page.get_by_role("button", name="Back to what it was").click()
    expect_digit(page, "8")
    expect(page.locator("#picture")).to_be_hidden()
    expect(page.get_by_role("button", name="Back to what it was")).to_be_hidden()


def test_an_image_that_was_there_before_the_trial_comes_back(open_page):
    page = why(open_page)
    choose_image(page, png_of("8"))
    settled(page)
    make_it(page, "3")
    page.get_by_role("button", name="Try the changed digit").click()
    expect_digit(page, "3")
    page.get_by_role("button", name="Back to what it was").click()
    expect_digit(page, "8")
    expect(page.locator("#picture img")).to_have_attribute("alt", re.compile("chosen.png"))


@pytest.mark.parametrize(("ended", "words"), [("ink", "a fifth of the ink"), ("time", "press 1 again")])
def test_it_says_when_no_change_was_found(open_page, ended, words):
    page = why(open_page)
    alter(page, "towards=1", lambda answer: answer.update(change={"label": "1", "found": False, "ended": ended}))
    draw(page, "8")
    make_it(page, "3")
    expect(page.locator(".why .pictures")).to_be_visible()
    page.locator(BUTTONS.format(2, 1)).click()
    expect(page.locator(WORDS)).to_contain_text(re.compile(f"^No change .* makes it a 1 .*{words}"))
    expect(page.locator(".why .pictures")).to_be_hidden()
