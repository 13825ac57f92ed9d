"""What stands where on five screens, from a small phone to a wall: the sheet, the tools, the answer and the tabs."""

import pytest
from playwright.sync_api import expect

from tests.helpers.pad import boxes, expect_digit, rendered, sample

pytestmark = pytest.mark.browser

LAPTOPS = [(1280, 720), (1440, 900), (2560, 1440)]
PHONES = [(390, 844), (320, 568)]
PHONE = {"has_touch": True, "is_mobile": True}


def place(page, selector: str) -> dict[str, float]:
    """Return where an element is in the window, as `boxes` does."""
    return boxes(page.locator(selector))[0]


def sized(width: int, height: int, **options) -> dict:
    return {"viewport": {"width": width, "height": height}, **options}


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("size", LAPTOPS)
def test_on_a_laptop_all_is_seen_without_scrolling(open_page, size, locale):
    page = open_page(**sized(*size, locale=locale))
    sample(page, "3")
    expect_digit(page, "3")
    page.mouse.move(0, 0)
    tops = page.locator(".tools > :visible").evaluate_all("(tools) => tools.map((tool) => tool.offsetTop)")
    assert len(tops) == 7
    assert max(tops) - min(tops) < 4, "the tools stand in one row"
    for selector in ("#sheet", ".tools", ".sources", "#seen", "#bars li:last-child", ".invite", "#tabs"):
        assert place(page, selector)["bottom"] <= size[1], selector
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    sheet, answer = place(page, "#sheet"), place(page, "section.answer")
    assert answer["left"] > sheet["right"]  # beside the sheet
    assert sheet["width"] > 0.42 * size[0]
    assert sheet["height"] > 0.48 * size[1]
    assert answer["right"] > 0.95 * size[0]
    sample(page, "7")
    expect_digit(page, "37")
    assert place(page, "#tabs")["bottom"] <= size[1]  # also below the answer about a number


def test_the_answer_stays_beside_a_long_number(open_page):
    page = open_page(**sized(1280, 720))
    sample(page, "20482")
    expect_digit(page, "20482")
    assert place(page, "section.answer")["left"] > place(page, "#sheet")["right"]
    expect(page.locator("#reading")).to_be_in_viewport()


def test_a_tool_has_a_name_and_a_tooltip_where_only_its_icon_is_shown(open_page):
    page = open_page(**sized(1280, 720))
    assert place(page, "#undo span")["width"] <= 1
    for name in ("Undo", "Redo", "Clear", "Replay", "Save, share"):
        button = page.get_by_role("button", name=name, exact=True)
        expect(button).to_be_visible()
        assert button.get_attribute("title").startswith(name)
    page.set_viewport_size({"width": 2560, "height": 1440})
    assert place(page, "#clear span")["width"] > 20  # a word, where there is room


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("size", PHONES)
def test_on_a_phone_the_probabilities_and_the_seen_image_are_below_the_pad(open_page, size, locale):
    page = open_page(**sized(*size, **PHONE, locale=locale))
    before = {selector: place(page, selector) for selector in ("#sheet", "#seen", "#bars", ".tools", "#tabs")}
    sample(page, "3")
    expect_digit(page, "3")
    expect(page.locator("#seen")).to_be_visible()
    sheet, seen, tools = place(page, "#sheet"), place(page, "#seen"), place(page, ".tools")
    bars = boxes(page.locator("#bars .bar"))
    assert len(bars) == 10
    assert len({bar["top"] for bar in bars}) == 1, "ten bars in a row"
    assert sheet["bottom"] < bars[0]["top"] < place(page, "#bars")["bottom"] <= tools["top"] < size[1]
    assert sheet["bottom"] < seen["top"] < seen["bottom"] <= tools["top"]
    assert seen["right"] <= bars[0]["left"]
    assert bars[-1]["right"] <= size[0]
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    best = page.locator('#bars [data-label="3"] .bar i').evaluate("(bar) => getComputedStyle(bar).transform")
    assert best.startswith("matrix(1, 0, 0, 0.9"), "the bar rises"
    assert page.locator('#bars [data-label="3"]').inner_text().endswith("%")  # what a screen reader says
    page.evaluate("scrollTo(0, 0)")  # the samples are below
    for selector in ("#sheet", "#seen", "#bars", ".tools"):
        assert place(page, selector) == before[selector], f"{selector} has not moved"


def test_on_a_phone_whatever_is_touched_is_large_enough(open_page):
    page = open_page(**sized(390, 844, **PHONE))
    for selector in (".tools > button", ".choices label", ".sources > label", "#tabs button"):
        for box in boxes(page.locator(selector)):
            assert min(box["width"], box["height"]) >= 41, selector


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_no_word_of_a_tool_is_cut_off(open_page, locale):
    page = open_page(locale=locale)
    # What is only for screen readers is one pixel wide.
    cut = """(words) => words.filter((word) => word.clientWidth > 1 && word.scrollWidth > word.clientWidth)
      .map((word) => word.textContent)"""
    for width in range(320, 2600, 60):
        page.set_viewport_size({"width": width, "height": 800 if width < 1600 else 1440})
        rendered(page)
        assert page.locator(".tools > button > span").evaluate_all(cut) == [], width
