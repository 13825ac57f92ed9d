"""The page on a static host: it reads, in both languages, with nothing behind it but files."""

import re

import pytest
from playwright.sync_api import expect

import app
from tests.helpers.accessibility import DESKTOP, PHONE, expect_accessible
from tests.helpers.drawings import png_of
from tests.helpers.pad import choose_image, draw, sample, until, wait_until, write
from tests.helpers.paper import photograph_of
from tests.helpers.static_server import serve_files
from web import site

pytestmark = pytest.mark.browser

FIRST_LOAD = 300_000  # bytes, before weights


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Export the site into a folder below the root of a static host, and return its address."""
    root = tmp_path_factory.mktemp("host")
    site.write(app.create_app, app.HOME / "weights", root / "pages" / "digits")
    with serve_files(root) as url:
        yield f"{url}pages/digits/"


@pytest.fixture
def open_site(pages, address):
    opened = []

    def open_(path: str = "", **options):
        page = pages.new(None, {**DESKTOP, "reduced_motion": "reduce", **options})
        opened.append(page)
        page.goto(address + path)
        return page

    yield open_
    for page in opened:
        assert page.errors == []
        assert [
            response.url for response in page.responses if not response.url.startswith((address, "data:", "blob:"))
        ] == []
        assert [response.url for response in page.responses if response.status >= 400] == []
        page.context.close()


def test_it_reads_digits_and_numbers_and_photographs(open_site):
    page = open_site()
    draw(page, "7")
    expect(page.locator("#words")).to_contain_text("A 7, sure")
    expect(page.locator("#seen")).to_be_visible()
    expect(page.locator("#model")).to_contain_text("digitpad")
    page.keyboard.press("Delete")
    write(page, "123")
    expect(page.locator("#reading")).to_have_text("123")
    choose_image(page, png_of("5"))
    expect(page.locator("#reading")).to_have_text("5")
    choose_image(page, photograph_of("8"))
    expect(page.locator("#reading")).to_have_text("8")
    choose_image(page, b"no image")
    expect(page.get_by_role("alert")).to_contain_text("not an image")


@pytest.mark.slow
def test_what_needs_a_server_is_not_shown(open_site):
    page = open_site()
    sample(page, "3")
    expect(page.locator("#reading")).to_have_text("3")
    assert page.locator("#tabs button").evaluate_all("tabs => tabs.map(({ dataset }) => dataset.panel)") == list(
        site.PANELS
    )
    for absent in ("#correct", "footer a", "form.upload"):
        expect(page.locator(absent)).to_have_count(0)


@pytest.mark.slow
def test_the_panels_show_the_visitors_digit_and_what_the_export_wrote(open_site):
    page = open_site()
    sample(page, "3")
    page.locator("#tab-inside").click()
    expect(page.locator("#panel .path li canvas").first).to_be_visible()
    page.locator("#tab-kernel").click()
    expect(page.locator("#panel canvas").first).to_be_visible()
    page.locator("#tab-card").click()
    expect(page.locator(".card .matrix")).to_be_visible()
    page.locator(".card .matrix tbody tr:nth-child(4) td:nth-child(5) button").click()
    expect(page.locator(".card .pictures img").first).to_be_visible()


@pytest.mark.slow
def test_the_tour_leads_through_them(open_site):
    page = open_site()
    page.locator("#start-tour").click()
    for _ in range(6):
        expect(page.locator(".toured")).to_be_visible()
        page.locator("#tour .primary").click()
    expect(page.locator("#tour")).to_have_count(0)


@pytest.mark.slow
def test_chinese_has_a_page_of_its_own(open_site):
    page = open_site()
    page.get_by_role("link", name="简体中文").click()
    page.wait_for_url(re.compile("zh-Hans/$"))
    sample(page, "2")
    expect(page.locator("#words")).to_contain_text("2，确定")
    page.get_by_role("link", name="English").click()
    page.wait_for_url(re.compile("digits/$"))


@pytest.mark.slow
def test_it_is_accessible_on_a_phone_and_by_keyboard(open_site):
    page = open_site(**PHONE)
    page.locator("#pad").focus()
    for key in ("Enter", *("ArrowDown",) * 12, "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#reading")).to_have_text("1")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect_accessible(page)


@pytest.mark.slow
def test_it_starts_without_a_network(open_site):
    page = open_site(service_workers="allow")
    until(page, "navigator.serviceWorker.controller !== null")
    page.evaluate("navigator.serviceWorker.controller.postMessage('keep weights')")
    wait_until(page, lambda: page.evaluate("caches.match('weights/ink.safetensors').then(Boolean)"), "the weights")
    page.context.set_offline(True)
    page.reload()
    sample(page, "6")
    expect(page.locator("#reading")).to_have_text("6")
    expect(page.get_by_role("alert")).to_be_hidden()  # a site has no server to miss


def test_the_first_load_is_small(open_site):
    page = open_site()
    page.wait_for_timeout(500)
    loaded = [response for response in page.responses if "/weights/" not in response.url]
    size = sum(len(response.body()) for response in loaded if response.url.startswith("http"))
    assert len(loaded) > 20
    assert size < FIRST_LOAD
