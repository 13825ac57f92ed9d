"""What is left of a drawing: after a reload, as a link, as a file and in the clipboard."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.helpers.pad import draw, expect_digit, ink, until, write
from tests.helpers.server import post

pytestmark = pytest.mark.browser


def test_the_drawing_survives_a_reload(page):
    write(page, "38")
    before = ink(page)
    until(page, "JSON.parse(localStorage['digitpad.drawing'] ?? '[]').length >= 2")  # stored without leaving the page
    page.reload()
    expect_digit(page, "38")
    assert ink(page) == pytest.approx(before, rel=1e-3)


def test_a_browser_that_stores_nothing_is_no_error(open_page):
    page = open_page("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })")
    draw(page, "5")
    expect_digit(page, "5")


def test_a_link_holds_the_drawing_and_nothing_of_it_is_sent_as_an_address(open_page):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    write(page, "64")
    expect_digit(page, "64")
    page.locator("#keep").click()
    page.get_by_role("button", name="Copy a link").click()
    expect(page.locator("#message")).to_contain_text("clipboard")
    link = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"http://[\d.:]+/#[\w-]{20,}", link)
    other = open_page()
    other.goto(link)
    expect_digit(other, "64")
    assert "#" not in other.url
    other.keyboard.press("Control+z")  # what was there before the link
    assert ink(other) == 0


def test_a_broken_link_says_so(open_page, server):
    page = open_page()
    page.goto(f"{server.url}#AQAAAAAAAAAA")
    page.reload()
    page.goto(f"{server.url}?x#zzzzzzzzzzzz")
    expect(page.get_by_role("alert")).to_contain_text("no drawing that can be read")
    draw(page, "2")
    expect_digit(page, "2")


def test_pictures_can_be_saved_and_are_read_again(page, server):
    draw(page, "9")
    expect_digit(page, "9")
    page.locator("#keep").click()
    with page.expect_download() as png:
        page.get_by_role("button", name="Save as PNG").click()
    assert png.value.suggested_filename == "digitpad.png"
    data = Path(png.value.path()).read_bytes()
    with Image.open(png.value.path()) as image:
        assert image.size == (1680, 1120)
    assert post(server, "predict", data)[1]["label"] == "9"
    with page.expect_download() as svg:
        page.keyboard.press("v")
    assert Path(svg.value.path()).read_text().startswith("<svg ")


def test_the_picture_can_be_copied(open_page):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    draw(page, "6")
    page.keyboard.press("c")
    expect(page.locator("#message")).to_contain_text("clipboard")
    assert page.evaluate("navigator.clipboard.read().then((items) => items[0].types)") == ["image/png"]
