"""A real browser."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.helpers.chromium import ARGUMENTS, CHROMIUM, forbidden

MODULES = Path(__file__).parent / "modules"
FAILED = pytest.StashKey[bool]()

# What is expected comes at once on a quiet machine; one that also runs other tests may take its time.
expect.set_options(timeout=20_000)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


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


class Pages:
    """Pages with a window of their own. Opening one takes longer than most tests, so that later tests use it again."""

    MOST = 4  # spare pages; each is a process

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.spare: list[tuple[str, Page]] = []  # with what it was opened with, the one used last at the end

    def take(self, url: str, script: str | None, options: dict) -> Page:
        """Return a page that nothing has happened on: a spare one that was opened with the same, or a new one."""
        opened_with = f"{url} {script} {sorted(options.items())}"
        for place, (with_, page) in enumerate(self.spare):
            if with_ == opened_with:
                del self.spare[place]
                return page
        context = self.browser.new_context(**options)
        page = context.new_page()
        if script:
            page.add_init_script(script)
        page.opened_with, page.options, page.cdp = opened_with, options, context.new_cdp_session(page)
        page.errors, page.responses, page.pending = [], [], set()
        page.on("request", lambda request: page.pending.add(request))
        page.on("requestfinished", lambda request: page.pending.discard(request))
        page.on("requestfailed", lambda request: page.pending.discard(request))
        page.on("response", lambda response: page.responses.append(response))
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        # What the security policy forbids is told in the console, and by an event that no script of ours hears.
        page.on("console", lambda message: forbidden(message.text) and page.errors.append(message.text))
        return page

    def give_back(self, page: Page, origin: str) -> None:
        """Leave the page, and forget what the test stored and set."""
        page.unroute_all()
        page.evaluate("Storage.prototype.setItem = () => {}")  # leaving stores the drawing, and may do so later
        page.goto("about:blank")
        page.cdp.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage,cookies"})
        page.set_viewport_size(page.options["viewport"])
        page.emulate_media(color_scheme=page.options.get("color_scheme", "light"))
        page.mouse.move(0, 0)
        page.errors.clear()
        page.responses.clear()
        page.pending.clear()
        self.spare.append((page.opened_with, page))
        if len(self.spare) > self.MOST:
            self.spare.pop(0)[1].context.close()


@pytest.fixture(scope="session")
def pages(browser):
    return Pages(browser)


@pytest.fixture
def open_page(request, pages, server):
    """Open the page in a window of its own, and run `script` before its own; an error in its console fails the test."""
    opened = []

    def open_(script: str | None = None, **options) -> Page:
        page = pages.take(server.url, script, {"viewport": {"width": 1000, "height": 800}, **options})
        opened.append(page)
        page.goto(server.url)  # until it has loaded: by then, its modules have run
        return page

    yield open_
    errors = [error for page in opened for error in page.errors]
    for page in opened:
        if request.node.stash[FAILED] or errors:
            page.context.close()
        else:
            pages.give_back(page, server.url)
    assert errors == []


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture(scope="module")
def call(pages, server):
    """Call a function that a module exports: one of the page's, or "tests/NAME.js", which is modules/NAME.js."""
    page = pages.take(server.url, None, {"viewport": {"width": 1000, "height": 800}})
    page.route("**/static/tests/*", lambda route: route.fulfill(path=MODULES / Path(route.request.url).name))
    page.goto(server.url)

    def call_(module: str, name: str, *values):
        script = "async ([module, name, values]) => (await import(module))[name](...values)"
        return page.evaluate(script, [f"/static/{module}", name, values])

    yield call_
    pages.give_back(page, server.url)
