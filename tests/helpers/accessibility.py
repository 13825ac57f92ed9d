"""Accessibility by axe's rules, and the screens to check it on."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}


def violations(page: Page, rules: str = "") -> list[str]:
    """Return the violations of axe's rules, or of the named ones only."""
    options = {"resultTypes": ["violations"], **({"runOnly": [rules]} if rules else {})}
    results = Axe().run(page, options=options).response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in results for node in each["nodes"]]


def expect_accessible(page: Page) -> None:
    """Expect no violation in light and dark colours. Only the colours differ between them."""
    found = violations(page)
    if found:  # on a busy machine the page may still have been changing: what stays is one
        page.wait_for_timeout(1000)
        found = violations(page)
    assert found == [], found
    page.emulate_media(color_scheme="dark")
    assert violations(page, "color-contrast") == []
    page.emulate_media(color_scheme="light")
