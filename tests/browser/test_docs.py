"""The page about the HTTP interface: accessible, from this server alone, without scripts."""

import pytest
from playwright.sync_api import expect

from tests.helpers.accessibility import DESKTOP, PHONE, expect_accessible
from web.openapi import document

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("screen", [pytest.param(DESKTOP, marks=pytest.mark.slow), PHONE], ids=["desktop", "phone"])
def test_axe_finds_no_violation(open_page, server, screen):
    page = open_page(**screen)
    page.goto(f"{server.url}docs")
    expect_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["viewport"]["width"]


@pytest.mark.parametrize(
    ("locale", "words"), [("en-GB", "For programs: the interface"), ("zh-CN", "供程序使用：接口说明")]
)
def test_the_footer_leads_there_without_scripts(open_page, server, locale, words):
    page = open_page(java_script_enabled=False, locale=locale)
    page.get_by_role("link", name=words).click()
    expect(page).to_have_url(f"{server.url}docs")
    expect(page.get_by_role("heading", name="POST /predict")).to_be_visible()
    page.get_by_role("navigation", name="Addresses").get_by_role("link", name="GET /readyz").click()
    assert page.evaluate("document.querySelector(':target').id") == "readiness"


def test_every_link_leads_to_something(open_page, server):
    page = open_page()
    page.goto(f"{server.url}docs")
    dangling = "[...document.querySelectorAll('main a[href^=\"#\"]')].filter(a => !document.querySelector(a.hash))"
    assert page.evaluate(f"{dangling}.map(a => a.href)") == []
    schemas = document()["components"]["schemas"]
    assert page.locator("article").count() == len(schemas) + page.locator("nav li").count()
