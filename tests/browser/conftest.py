"""A real browser."""

import os

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.helpers.chromium import ARGUMENTS, CHROMIUM, forbidden

# What is expected comes at once on a quiet machine; one that also runs other tests may take its time.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("the browser tests need Chromium: apt-get install chromium")
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, server):
    """Open the page in a window of its own; an error in its console fails the test."""
    contexts, errors = [], []

    def open_(**options):
        context = browser.new_context(**{"viewport": {"width": 1000, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        # What the security policy forbids is told in the console, and by an event that no script of ours hears.
        page.on("console", lambda message: forbidden(message.text) and errors.append(message.text))
        page.goto(server.url)  # until it has loaded: by then, its modules have run
        return page

    yield open_
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(open_page):
    return open_page()
