"""A real browser."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.helpers.chromium import ARGUMENTS, HEADLESS, forbidden

MODULES = Path(__file__).parent / "modules"
# An empty page plays no example. A service worker would ask where tests cannot stop it: only its own tests have one.
WINDOW = {"viewport": {"width": 1280, "height": 1000}, "reduced_motion": "reduce", "service_workers": "block"}
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
    if HEADLESS is None:
        if os.environ.get("CI"):
            pytest.fail("the browser tests need Chromium: apt-get install chromium")
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=HEADLESS, args=ARGUMENTS)
        yield chromium
        chromium.close()


class Pages:
    """Pages with a window of their own. Opening one takes longer than most tests, so that later tests use it again."""

    MOST = 4  # spare pages; each is a process

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.spare: list[tuple[str, Page]] = []  # with what each was opened with; the one used last stands at the end

    def open(self, url: str, script: str | None, options: dict) -> Page:
        """Open `url` in a spare page that was opened with the same options, or in a new one."""
        opened_with = f"{url} {script} {sorted(options.items())}"
        for place, (with_, spare) in enumerate(self.spare):
            if with_ == opened_with:
                del self.spare[place]
                page = spare
                forget(page, url, options)
                break
        else:
            page = self.new(script, options)
        page.opened_with = opened_with
        page.goto(url)  # until it has loaded: by then, its modules have run
        return page

    def new(self, script: str | None, options: dict) -> Page:
        context = self.browser.new_context(**options)
        page = context.new_page()
        if script:
            page.add_init_script(script)
        page.cdp = context.new_cdp_session(page)
        page.errors, page.responses, page.pending = [], [], set()
        page.on("request", lambda request: page.pending.add(request))
        page.on("requestfinished", lambda request: page.pending.discard(request))
        page.on("requestfailed", lambda request: page.pending.discard(request))
        page.on("response", lambda response: page.responses.append(response))
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        # The browser reports violations of the security policy in the console.
        page.on("console", lambda message: forbidden(message.text) and page.errors.append(message.text))
        return page

    def give_back(self, page: Page) -> None:
        self.spare.append((page.opened_with, page))
        if len(self.spare) > self.MOST:
            self.spare.pop(0)[1].context.close()


def forget(page: Page, origin: str, options: dict) -> None:
    """Undo what a test set and stored."""
    page.unroute_all()
    page.evaluate("Storage.prototype.setItem = () => {}")  # or else leaving the page would store its drawing
    page.cdp.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage,cookies"})
    page.mouse.move(0, 0)
    page.emulate_media(color_scheme=options.get("color_scheme", "light"))
    if page.viewport_size != options["viewport"]:
        page.set_viewport_size(options["viewport"])
    page.errors.clear()
    page.responses.clear()
    page.pending.clear()


@pytest.fixture(scope="session")
def pages(browser):
    return Pages(browser)


@pytest.fixture
def open_page(request, pages, server):
    """Open the page in a window of its own, and run `script` before its own; an error in its console fails the test."""
    opened = []

    def open_(script: str | None = None, **options) -> Page:
        opened.append(pages.open(server.url, script, {**WINDOW, **options}))
        return opened[-1]

    yield open_
    errors = [error for page in opened for error in page.errors]
    for page in opened:
        if request.node.stash[FAILED] or errors:
            page.context.close()
        else:
            pages.give_back(page)
    assert errors == []


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture(scope="module")
def call(pages, server):
    """Call a function that a module exports: one of the page's, or "tests/NAME.js", which is modules/NAME.js."""
    page = pages.open(server.url, None, WINDOW)
    page.route("**/static/tests/*", lambda route: route.fulfill(path=MODULES / Path(route.request.url).name))

    def call_(module: str, name: str, *values):
        script = "async ([module, name, values]) => (await import(module))[name](...values)"
        return page.evaluate(script, [f"/static/{module}", name, values])

    yield call_
    pages.give_back(page)
