"""The tour: six steps from pixels to probabilities, each at the panel that shows it on the visitor's own digit."""

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.accessibility import DESKTOP, PHONE, expect_accessible
from tests.helpers.pad import boxes, draw, expect_digit, quiet, wait_until
from web.translations import words

pytestmark = pytest.mark.browser

STEPS = {  # the panel that each opens, and what it marks there
    "pixels": ("kernel", "figure.input"),
    "convolution": ("kernel", ".arithmetic"),
    "pooling": ("inside", ".path li:nth-child(2)"),
    "linear": ("inside", ".path li:last-child"),
    "loss": ("card", "section.training"),
    "training": ("kernel", ".pictures"),
}


def expect_step(page: Page, name: str, language: str = "en") -> None:
    """Expect that a step is shown: its words, its panel, and its mark, which is in view and not under the card."""
    panel, place = STEPS[name]
    text = words(language)["tour"][name]
    expect(page.locator("#tour-title")).to_have_text(text["title"])
    expect(page.locator("#tour-text")).to_contain_text(text["text"])
    expect(page.locator(f"#tab-{panel}")).to_have_attribute("aria-selected", "true")
    expect(page.locator(f"#panel .{panel} {place}.toured")).to_be_in_viewport()
    expect(page.locator(".toured")).to_have_count(1)
    near_the_top = page.viewport_size["height"] / 4
    wait_until(page, lambda: any(-2 < box["top"] < near_the_top for box in boxes(page.locator(".toured"))), "its place")


def test_the_tour_by_keyboard_alone(page):
    draw(page, "5")
    expect_digit(page, "5")
    page.locator("#start-tour").focus()
    page.keyboard.press("Enter")
    for step, name in enumerate(STEPS):
        expect_step(page, name)
        expect(page.locator("#tour .progress")).to_have_text(f"Step {step + 1} of 6")
        expect(page.get_by_role("button", name="Finish" if step == 5 else "Next")).to_be_focused()
        page.keyboard.press("Enter")
    expect(page.locator("#tour")).to_have_count(0)
    expect(page.locator(".toured")).to_have_count(0)
    expect(page.locator("#start-tour")).to_be_focused()
    assert page.locator("#kernel-preset").input_value().startswith("network-")  # the last step's learned kernel
    expect_digit(page, "5")  # the visitor's own digit all the while


def test_back_arrows_and_escape(page):
    draw(page, "5")
    expect_digit(page, "5")
    page.locator("#start-tour").click()
    expect(page.get_by_role("dialog", name="An image is numbers")).to_be_visible()
    back = page.locator("#tour").get_by_role("button", name="Back")
    expect(back).to_be_disabled()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect_step(page, "pooling")
    back.click()
    expect_step(page, "convolution")
    page.keyboard.press("ArrowLeft")
    expect_step(page, "pixels")
    expect(page.get_by_role("button", name="Next")).to_be_focused()  # Back is disabled: the focus is not lost
    page.keyboard.press("Tab")  # into the panel
    assert page.evaluate("panel.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_have_count(0)
    expect(page.locator("#start-tour")).to_be_focused()
    assert page.locator("#reading").text_content() == "5"


def test_by_touch_in_chinese_with_nothing_drawn(open_page):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="zh-CN")
    page.locator("#start-tour").tap()
    expect(page.locator("#tour-text")).to_contain_text(words("zh-Hans")["tour"]["sample"])
    expect_digit(page, "3")
    for name in STEPS:
        expect_step(page, name, "zh-Hans")
        card, mark = (page.locator(selector).bounding_box() for selector in ("#tour", ".toured"))
        assert card["width"] == 390
        assert card["y"] + card["height"] <= 844 + 1
        assert card["y"] - mark["y"] > 150  # most of what it points at is seen above it
        assert all(min(box["width"], box["height"]) >= 44 for box in boxes(page.locator("#tour button")))
        page.locator("#tour button").last.tap()
    expect(page.locator("#tour")).to_have_count(0)


def test_it_is_loaded_when_it_is_wanted_and_remembered_as_seen(page):
    expect(page.locator("#start-tour")).to_have_class("new")
    assert not [response for response in page.responses if "/tour/" in response.url]
    page.locator("#start-tour").click()
    expect(page.locator("#tour")).to_be_visible()
    page.get_by_role("button", name="Leave the tour").click()
    page.reload()
    expect(page.locator("#start-tour")).not_to_have_class("new")
    expect(page.locator("#start-tour")).to_be_visible()


@pytest.mark.parametrize("screen", [pytest.param(DESKTOP, marks=pytest.mark.slow), PHONE], ids=["desktop", "phone"])
def test_axe_finds_no_violation_in_the_tour(open_page, screen):
    page = open_page(**screen)
    page.locator("#start-tour").click()
    expect_step(page, "pixels")
    quiet(page)
    expect_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["viewport"]["width"]
