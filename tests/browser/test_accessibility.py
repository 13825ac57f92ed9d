"""The page is for everyone: accessible, on every screen, in two languages, without scripts."""

import pytest
from playwright.sync_api import expect

from tests.helpers.accessibility import DESKTOP, PHONE, expect_accessible
from tests.helpers.drawings import png_of
from tests.helpers.pad import choose_image, draw, expect_digit, rendered, sample

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("screen", [pytest.param(DESKTOP, marks=pytest.mark.slow), PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_axe_finds_no_violation(open_page, screen, locale):
    page = open_page(**screen, locale=locale)
    expect_accessible(page)
    sample(page, "27")
    expect_digit(page, "27")
    expect_accessible(page)
    page.keyboard.press("?")
    expect_accessible(page)


def test_nothing_is_wider_than_the_screen(page):
    sample(page, "1234")
    expect_digit(page, "1234")
    for width in (320, 360, 768, 1280, 2560, 5120):
        page.set_viewport_size({"width": width, "height": 800})
        rendered(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_speaks_the_browsers_language_and_can_be_switched(open_page):
    page = open_page(locale="zh-CN")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    expect(page.locator("#words")).to_have_text("还没有写")
    draw(page, "7")
    expect(page.locator("#words")).to_contain_text("确定")
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.locator("#words")).to_contain_text("A 7, sure")  # and the drawing is still there
    page.goto(page.url.split("?")[0])
    assert page.locator("html").get_attribute("lang") == "en"  # it is remembered


def test_without_scripts_an_image_can_be_sent(open_page):
    page = open_page(java_script_enabled=False)
    expect(page.locator("#pad")).to_be_hidden()
    choose_image(page, png_of("3"), "main.plain input[type=file]")
    page.get_by_role("button", name="Read it").click()
    expect(page.locator("output")).to_have_text("3")
    choose_image(page, b"no image", "main.plain input[type=file]")
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("alert")).to_contain_text("PNG, JPEG")
