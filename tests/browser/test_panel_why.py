"""The panel Why: the attribution maps, and the counterfactuals."""

import base64
import json
import re

import numpy as np
import pytest
from PIL import ImageOps
from playwright.sync_api import expect

from tests.helpers.accessibility import violations
from tests.helpers.drawings import canvas_of, encode, png_of
from tests.helpers.pad import (
    choose_image,
    decoded,
    draw,
    draw_by_hand,
    expect_digit,
    hold_first,
    number,
    wait_until,
    write,
)
from tests.helpers.server import post
from tests.helpers.why_panel import BUTTONS, alter, answered, map_of, map_pixels, settled, why

pytestmark = pytest.mark.browser

WORDS = ".why section:nth-of-type(2) .score"


def test_each_cell_shows_the_number_that_the_server_found_and_its_sign(page):
    why(page)
    draw(page, "8")
    expect(page.get_by_role("heading", name="Which ink spoke for an 8?")).to_be_visible()
    settled(page)
    readouts = page.locator(".why .readout")
    for map_ in (0, 1):
        values = map_of(page, map_)
        row, column = np.unravel_index(np.abs(values).argmax(), values.shape)
        page.locator(".why canvas").nth(map_).focus()
        expect(readouts.nth(map_)).to_contain_text(f"Row {row + 1}, column {column + 1}:")
        for key, down, right in (("ArrowDown", 1, 0), ("ArrowLeft", 0, -1), ("ArrowUp", -1, 0)):
            page.keyboard.press(key)
            row, column = row + down, column + right
            for each in (0, 1):
                expect(readouts.nth(each)).to_contain_text(f"Row {row + 1}, column {column + 1}:")
                told = re.search(r": ([+−]?[\d.]+)", readouts.nth(each).text_content()).group(1)
                assert number(told) == pytest.approx(map_of(page, each)[row, column], abs=0.06)
        assert violations(page) == []
        page.locator("#undo").focus()
        expect(readouts.nth(map_)).to_be_empty()
    assert page.locator("#boxes g").count() == 0  # the arrows have drawn nothing
    shown, values = map_pixels(page, 0), map_of(page, 0)
    bluer = (shown[..., 2] - shown[..., 0])[:, :, :2, :2].mean(axis=(2, 3))  # in a corner, beside the sign
    strong = np.abs(values) > 0.3 * np.abs(values).max()
    assert (values[strong] < 0).any()
    assert np.array_equal(bluer[strong] > 0, values[strong] > 0)
    middle = shown.shape[2] // 2
    across, up = (np.abs(shown[:, :, y, x] - shown[:, :, 1, 1]).max(axis=-1) > 40 for y, x in
                  ((middle, middle - 2), (middle - 2, middle)))  # fmt: skip
    assert across[strong].all()
    assert np.array_equal(up[strong], values[strong] > 0)  # a plus has a vertical line, a minus has none


def test_pointing_at_a_cell_tells_its_number(page):
    why(page, "8")
    page.locator(".why canvas").first.scroll_into_view_if_needed()
    box = page.locator(".why canvas").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 13.5 / 28, box["y"] + box["height"] * 12.5 / 28)
    expect(page.locator(".why .readout").first).to_contain_text("Row 13, column 14:")
    expect(page.locator(".why .readout").last).to_contain_text("Row 13, column 14:")
    page.mouse.move(box["x"] - 30, box["y"] - 30)
    expect(page.locator(".why .readout").first).to_be_empty()


def test_scores_and_sums_are_the_servers(page):
    why(page, "3")
    explained = answered(page, "why")["why"]
    shown = page.locator(".why section").first.inner_text().replace("−", "-")
    for value in (explained["score"], explained["on_paper"], *(each["sum"] for each in explained["maps"])):
        assert f"{value:+.1f}" in shown
    for each in explained["maps"]:
        assert each["method"] in shown


def drawing(page):
    draw(page, "2", 0.5, 0.4, 0.35)


def second_of_a_number(page):
    write(page, "27")
    expect_digit(page, "27")
    page.locator("#digits button").nth(1).click()
    expect(page.get_by_role("heading", name="Which ink spoke for a 7?")).to_be_visible()


def light_on_dark(page):
    choose_image(page, encode(ImageOps.invert(canvas_of("4"))))
    expect_digit(page, "4")


@pytest.mark.parametrize("made", [drawing, second_of_a_number, light_on_dark])
def test_the_maps_lie_on_the_ink_that_they_are_of(page, made):
    why(page)
    made(page)
    settled(page)
    shown = 255 - map_pixels(page, 1).mean(axis=(2, 3, 4))
    ink = decoded(answered(page, "why")["input"])[..., 0]
    elsewhere = np.abs(map_of(page, 1)) < 0.05 * np.abs(map_of(page, 1)).max()
    assert (ink[elsewhere] > 128).sum() > 5
    assert np.corrcoef(shown[elsewhere], ink[elsewhere])[0, 1] > 0.85


def test_another_digit_can_be_explained_and_stays_chosen_until_the_pad_is_cleared(page):
    why(page, "8")
    answers, three = page.locator(BUTTONS.format(1, 8)), page.locator(BUTTONS.format(1, 3))
    expect(answers).to_have_attribute("aria-pressed", "true")
    expect(answers).to_have_attribute("aria-label", "8, the answer")
    three.click()
    expect(page.get_by_role("heading", name="Which ink spoke for a 3?")).to_be_visible()
    expect(three).to_have_attribute("aria-pressed", "true")
    assert answered(page, "why")["why"]["score"] < 0
    page.keyboard.press("Control+z")
    expect(page.locator(".why .note")).to_have_text("Draw something first.")
    draw(page, "8")
    expect(page.get_by_role("heading", name="Which ink spoke for an 8?")).to_be_visible()


def test_the_server_is_asked_only_once_the_drawing_rests(open_page):
    page = open_page(
        """const real = window.fetch; window.asked = []; window.answered = [];
           window.fetch = (address, request) => {
             if (String(address).includes("why=")) asked.push(performance.now());
             return real(address, request);
           };
           addEventListener("DOMContentLoaded", () =>
             new MutationObserver(() => answered.push(performance.now())).observe(time, { childList: true }));"""
    )
    page.locator("#tab-why").click()
    for label in "38":
        draw_by_hand(page, label)
        expect(page.get_by_role("heading", name=re.compile(f"spoke for an? {label}"))).to_be_visible()
        settled(page)
        page.keyboard.press("Delete")
    asked, answered = page.evaluate("[asked, answered]")
    assert asked
    assert len(answered) > len(asked)
    for then in asked:  # the answer is shown a little before the panel gets it
        assert then - max(shown for shown in answered if shown < then) > 100


def test_maps_of_an_older_drawing_are_faded_until_there_are_newer_ones(page):
    why(page, "3")
    held = hold_first(page, "**/inspect?*why=true*")
    with_maps = page.locator(".why section").first
    draw(page, "1", 0.4, 1.0, 0.3)
    expect(with_maps).to_have_attribute("aria-busy", "true")
    expect(with_maps.locator("canvas").first).to_have_css("opacity", "0.3")
    wait_until(page, lambda: held)
    held[0].continue_()
    settled(page)
    expect(with_maps.locator("canvas").first).to_have_css("opacity", "1")


def test_it_says_when_a_digit_by_itself_is_read_otherwise(page):
    why(page)
    forget = alter(page, "/read", lambda answer: [digit.update(label="1") for digit in answer["digits"]])
    draw(page, "7")
    expect(page.locator(".why .differs")).to_be_visible()
    expect(page.locator(".why .differs")).to_contain_text("is read otherwise: a 7, ")
    settled(page)
    forget()
    page.keyboard.press("Control+z")
    draw(page, "3")
    settled(page)
    expect(page.locator(".why .differs")).to_be_hidden()


def test_a_score_of_one_look_is_told_from_the_bars_of_several(page):
    why(page, "3")
    expect(page.locator(".why .score").first).not_to_contain_text("score of the original")
    alter(page, "why=true", lambda answer: answer.update(second_look=True))
    draw(page, "1", 0.4, 1.0, 0.3)
    expect(page.locator(".why .score").first).to_contain_text("score of the original")


def test_a_refusal_is_shown_in_words(page):
    why(page)
    problem = json.dumps({"detail": "Send less."})
    page.route("**/inspect?*", lambda route: route.fulfill(status=413, body=problem))
    draw(page, "3")
    expect(page.locator(".why .note")).to_have_text("Send less.")
    page.unroute("**/inspect?*")
    draw(page, "3")
    settled(page)
    expect(page.locator(".why .note")).to_be_hidden()


def test_who_has_to_wait_is_told(page):
    why(page)
    held = hold_first(page, "**/inspect?*why=true*")
    draw(page, "7", 0.3)
    wait_until(page, lambda: held)
    draw(page, "7", 0.3, 0.9)  # written on meanwhile: this question waits for the one before it
    expect(page.locator(".why .note")).to_contain_text("One moment")
    held[0].continue_()
    expect(page.locator(".why .note")).to_be_hidden()
    expect(page.locator(".why .maps")).to_be_visible()


def make_it(page, label: str) -> None:
    """Ask for the counterfactual `label`, and again where the search ran out of time on a busy machine."""
    for _ in range(20):
        page.locator(BUTTONS.format(2, label)).click()
        expect(page.get_by_role("heading", name=re.compile(f"would make it an? {label}"))).to_be_visible()
        settled(page)
        if answered(page, "towards")["change"].get("ended") != "time":
            return


def test_the_change_is_shown_can_be_tried_and_taken_back(page, server):
    why(page, "8")
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


def test_an_image_that_was_there_before_the_trial_comes_back(page):
    why(page)
    choose_image(page, png_of("8"))
    settled(page)
    make_it(page, "3")
    page.get_by_role("button", name="Try the changed digit").click()
    expect_digit(page, "3")
    page.get_by_role("button", name="Back to what it was").click()
    expect_digit(page, "8")
    expect(page.locator("#picture img")).to_have_attribute("alt", re.compile("chosen.png"))


@pytest.mark.parametrize(("ended", "words"), [("ink", "a fifth of the ink"), ("time", "press 1 again")])
def test_it_says_when_no_change_was_found(page, ended, words):
    why(page)
    alter(page, "towards=1", lambda answer: answer.update(change={"label": "1", "found": False, "ended": ended}))
    draw(page, "8")
    make_it(page, "3")
    expect(page.locator(".why .pictures")).to_be_visible()
    page.locator(BUTTONS.format(2, 1)).click()
    expect(page.locator(WORDS)).to_contain_text(re.compile(f"^No change .* makes it a 1 .*{words}"))
    expect(page.locator(".why .pictures")).to_be_hidden()
