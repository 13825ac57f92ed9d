"""What the panels have in common: they open, follow the drawing, survive a lost server, and are for everyone."""

import re

import pytest
from playwright.sync_api import expect

from tests.helpers.accessibility import DESKTOP, PHONE, expect_accessible, violations
from tests.helpers.pad import expect_digit, quiet, rendered, sample
from web.translations import PANELS

pytestmark = pytest.mark.browser

EMPTY = "Draw something first."
# Panel → where it shows the digit, and in which words.
SHOWS = {
    "inside": (".softmax .best th", "{}"),
    "why": ("section:nth-of-type(1) h2", "Which ink spoke for a {}?"),
    "kernel": (".output figcaption", "Output, 26 × 26"),
    "vote": (".line", "All 8 say {}"),
    "card": (".figures", "right on MNIST’s test split"),
}


def expect_shown(page, name: str, label: str) -> None:
    part, text = SHOWS[name]
    expect(page.locator(f"#panel .{name} {part}")).to_contain_text(text.format(label))
    expect(page.locator(f"#panel .{name} {part}")).to_be_visible()


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_opens_by_click_and_by_key(page, name):
    tab, panel = page.locator(f"#tab-{name}"), page.locator(f"#panel .{name}")
    key = tab.get_attribute("aria-keyshortcuts")
    for act in (tab.click, lambda: page.keyboard.press(key)):
        act()
        expect(panel).to_be_visible()
        act()
        expect(panel).to_be_hidden()


@pytest.mark.parametrize("name", [name for name in PANELS if name != "card"])
def test_a_panel_follows_the_drawing(page, name):
    tab, empty = page.locator(f"#tab-{name}"), page.locator(f"#panel .{name}").get_by_text(EMPTY)
    tab.click()
    for label in "37":
        expect(empty).to_be_visible()
        sample(page, label)
        expect_shown(page, name, label)
        expect(empty).to_be_hidden()
        page.keyboard.press("Delete")
    expect(empty).to_be_visible()
    expect(page.locator(f"#panel .{name} canvas:visible")).to_have_count(0)
    sample(page, "1")
    expect_shown(page, name, "1")
    tab.click()
    page.keyboard.press("Delete")
    tab.click()
    expect(empty).to_be_visible()


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("why", "**/inspect?*"),
        ("vote", "**/models"),
        ("card", "**/models"),
        ("card", "**/models/digitpad"),
    ],
)
def test_without_the_server_a_panel_says_so_and_tries_again(page, name, address):
    page.route(address, lambda route: route.abort())
    tab, trouble = page.locator(f"#tab-{name}"), page.locator(f"#panel .{name}").get_by_text("The server cannot be")
    tab.click()
    sample(page, "3")
    expect(trouble).to_be_visible()
    page.unroute(address)
    page.keyboard.press("Delete")
    sample(page, "7")
    tab.click()
    tab.click()
    expect_shown(page, name, "7")
    expect(trouble).to_be_hidden()


@pytest.mark.parametrize(
    ("screen", "locale"),
    [pytest.param(DESKTOP, "en-GB", marks=pytest.mark.slow, id="desktop"), pytest.param(PHONE, "zh-CN", id="phone")],
)
@pytest.mark.parametrize("name", PANELS)
def test_a_panel_is_accessible_and_fits_every_screen(open_page, name, screen, locale):
    page = open_page(**screen, locale=locale)
    page.locator(f"#tab-{name}").click()
    expect(page.locator(f"#panel .{name}")).to_be_visible()
    assert violations(page) == []
    sample(page, "8")
    expect_digit(page, "8")
    quiet(page)
    expect_accessible(page)
    text = page.locator("#panel").inner_text()
    assert not re.search("undefined|[{}]", text)
    assert bool(re.search("[一-龥]{2}", text)) == (locale == "zh-CN")
    for width in (320, 700, 1280, 2560):
        page.set_viewport_size({"width": width, "height": 800})
        rendered(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
