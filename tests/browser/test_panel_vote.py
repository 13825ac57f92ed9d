"""The panel "Ask them all": every network's answer on the same drawing, and the vote."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.helpers.accessibility import violations
from tests.helpers.drawings import png_of
from tests.helpers.pad import choose_image, draw, expect_digit, hold_first, quiet, until, watch, write
from tests.helpers.why_panel import alter
from web.translations import PANELS

pytestmark = pytest.mark.browser

KEY = str(PANELS.index("vote") + 1)
# Keep count of what is asked at the same time.
WATCH = """
  window.asked = []; window.most = 0;
  let running = 0;
  const fetch_ = window.fetch;
  window.fetch = async (address, ...rest) => {
    const name = /predict\\?model=(.*)/.exec(address)?.[1];
    if (!name) return fetch_(address, ...rest);
    asked.push({ name, at: performance.now() });
    most = Math.max(most, ++running);
    try { return await fetch_(address, ...rest); } finally { running--; }
  };
"""


def rows(page):
    return page.locator(".vote tbody tr")


def row(page, name: str):
    return rows(page).filter(has=page.locator("th", has_text=re.compile(rf"^{name}(≠|$)")))


def expect_line(page, text: str) -> None:
    """Expect the summary to begin with `text`; the number of unsure networks may follow."""
    expect(page.locator(".vote .line")).to_have_text(re.compile(f"^{re.escape(text)}"))


@pytest.fixture
def networks(server) -> list[dict]:
    with urllib.request.urlopen(f"{server.url}models") as answer:
        return json.load(answer)["models"]


def test_every_network_answers_with_what_it_is(page, networks):
    page.locator("#tab-vote").click()
    expect_line(page, "Draw something first.")
    draw(page, "7")
    expect_line(page, f"All {len(networks)} say 7")
    expect(rows(page)).to_have_count(len(networks))
    for network in networks:
        cells = row(page, network["name"])
        expect(cells.locator(".answer")).to_have_text("7")
        expect(cells.locator(".verdict")).to_have_text("A 7, sure")
        expect(cells.locator("td.sure")).to_have_text(re.compile(r"9\d\.\d%$"))
        expect(cells.locator(".second")).to_have_text(re.compile(r"^\d, (under )?\d+\.\d%$"))
        expect(cells.locator(".time")).to_have_text(re.compile(r"^[\d.,]+ ms$"))
        expect(cells.locator(".parameters")).to_have_text(f"{network['parameters']:,}")
        expect(cells.locator(".accuracy")).to_have_text(f"{network['metrics']['test']:.2%}")
    accuracies = page.locator(".vote tbody .accuracy").all_text_contents()
    assert accuracies == sorted(accuracies, reverse=True)
    expect(page.locator(".vote .against:visible")).to_have_count(0)
    page.set_viewport_size({"width": 320, "height": 800})
    expect(page.get_by_role("row")).to_have_count(9)  # on a phone, too, where each is laid out as a card


def test_a_numbers_selected_digit_and_an_image_file_are_read(page):
    page.keyboard.press(KEY)
    write(page, "27")
    expect_digit(page, "27")
    expect_line(page, "All 8 say 2")
    page.locator("#digits button").nth(1).click()
    expect_line(page, "All 8 say 7")
    choose_image(page, png_of("3"))
    expect_line(page, "All 8 say 3")


def test_it_asks_once_the_drawing_rests_and_two_at_a_time(open_page):
    page = open_page(WATCH)
    started = page.evaluate(
        """async () => {
          const { mount } = await import("/static/panels/vote/panel.js");
          const { Digit } = await import("/static/digit.js");
          const root = document.body.appendChild(document.createElement("div"));
          const panel = mount(root);
          const strokes = [{ width: 18, points: [[100, 50, 1], [100, 200, 1]] }];
          panel.refresh(null);
          while (!root.querySelector("tbody tr")) await new Promise(requestAnimationFrame);
          for (let i = 0; i < 50; i++) panel.refresh(new Digit({ strokes, reading: {} }));
          return performance.now();
        }"""
    )
    until(page, "asked.length >= 8")
    quiet(page)
    asked = page.evaluate("asked")
    assert len({each["name"] for each in asked}) == len(asked) == 8  # about the last of the fifty only
    assert min(each["at"] for each in asked) >= started + 149
    assert page.evaluate("most") == 2


def test_networks_answer_at_their_own_pace_and_late_answers_are_dropped(page):
    held = hold_first(page, "**/predict?model=lenet")
    page.keyboard.press(KEY)
    draw(page, "7")
    expect_line(page, "7 of 8 say 7")
    expect(row(page, "lenet")).to_have_class("waiting")
    expect(row(page, "lenet").locator(".answer")).to_have_text("–")
    page.keyboard.press("Delete")
    expect(page.locator(".vote tbody .answer")).to_have_text(["–"] * 8)
    draw(page, "1")
    expect_line(page, "7 of 8 say 1")
    names = page.locator(".vote tbody th span:first-child").all_text_contents()
    watch(page, ".vote tbody", f".vote tbody tr:nth-child({names.index('lenet') + 1}) .answer")
    held[0].continue_()
    expect_line(page, "All 8 say 1")
    assert set(page.evaluate("shown")) == {"1"}


def test_a_network_that_disagrees_is_marked_in_words(page):
    otherwise = {"label": "1", "verdict": "unsure", "alternatives": ["1", "7"]}
    alter(page, "predict?model=lenet5", lambda answer: answer.update(otherwise))
    page.keyboard.press(KEY)
    draw(page, "7")
    expect_line(page, "7 of 8 say 7; lenet5 says 1; one is unsure")
    expect(row(page, "lenet5").locator(".against")).to_be_visible()
    expect(row(page, "lenet5").locator(".verdict")).to_have_text("1 or 7?")
    expect(page.locator(".vote .against:visible")).to_have_count(1)
    assert page.locator(".vote .ballot span").all_text_contents() == ["7"] * 7 + ["1"]
    assert violations(page) == []


def test_a_network_that_cannot_answer_says_why_and_the_others_do(page):
    detail = "The model 'mlp' cannot read: its weights were not found"
    page.route("**/predict?model=mlp", lambda route: route.fulfill(status=503, json={"detail": detail}))
    page.keyboard.press(KEY)
    draw(page, "7")
    expect_line(page, "7 of 8 say 7")
    expect(row(page, "mlp").locator(".verdict")).to_have_text(detail)


@pytest.mark.parametrize(
    ("labels", "line"),
    [
        (["4", "9", "4", "9"], "No majority; 2 of 4 say 4; 2 of 4 say 9."),
        (["4", "9", "9", "7"], "2 of 4 say 9; a says 4; d says 7."),
        ([None, "7", "7", None], "No majority; 2 of 4 say “no digit”; 2 of 4 say 7."),
        (["7", None, None, "7", "7"], "3 of 5 say 7; b and c say “no digit”."),
        (["7"], "a says 7."),
    ],
)
def test_votes_are_counted(call, labels, line):
    assert call("tests/tally.js", "voteInWords", labels) == line
