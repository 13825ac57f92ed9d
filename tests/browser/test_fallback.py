"""Where the server cannot be reached, the page reads on the device; once opened, it starts without a network."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WINDOW
from tests.helpers.chromium import ARGUMENTS, CHROMIUM
from tests.helpers.pad import draw, ink, sample, until, wait_until
from tests.helpers.server import Server

pytestmark = pytest.mark.browser

HERE = "read on your device"
KEPT = """caches.keys().then(async ([name]) => {
  const kept = await (await caches.open(name)).keys();
  return kept.map(({ url }) => new URL(url).pathname);
})"""


@pytest.fixture
def away(pages):
    """Give a server of its own, which is running, and a page of it with a service worker that keeps everything."""
    server = Server()
    with server.running():
        page = pages.new(None, {**WINDOW, "service_workers": "allow"})
        page.goto(server.url)
        until(page, "navigator.serviceWorker.controller !== null")
        page.evaluate("navigator.serviceWorker.controller.postMessage('keep weights')")
        wait_until(page, lambda: "/weights/ink.safetensors" in page.evaluate(KEPT), "the weights")
        yield server, page
        assert page.errors == []
        page.context.close()


def test_it_reads_on_while_the_server_is_away_and_asks_it_again_when_it_is_back(away):
    server, page = away
    draw(page, "7")
    expect(page.locator("#reading")).to_have_text("7")
    expect(page.locator("#time")).to_contain_text("in the server")
    expect(page.get_by_role("alert")).to_be_hidden()
    server.stop()
    drawn = ink(page)
    sample(page, "3")
    expect(page.get_by_role("alert")).to_contain_text(HERE)
    expect(page.locator("#reading")).to_have_text("73")
    expect(page.locator("#time")).to_contain_text("on this device")
    assert ink(page) > drawn
    page.locator("#tab-inside").click()
    expect(page.locator("#panel .path li canvas").first).to_be_visible()  # every layer is computed on the device, too
    page.locator("#tab-why").click()
    expect(page.locator("#panel .why")).to_contain_text("cannot be reached")
    page.locator("#correct summary").click()
    page.locator("#correct").get_by_role("button", name="1", exact=True).click()
    expect(page.locator("#corrected")).to_contain_text("cannot be reached")  # and nothing is said to be stored
    server.start()
    expect(page.get_by_role("alert")).to_be_hidden()
    page.keyboard.press("Delete")
    sample(page, "5")
    expect(page.locator("#reading")).to_have_text("5")
    expect(page.locator("#time")).to_contain_text("in the server")


@pytest.mark.slow
def test_why_an_image_was_refused_is_told_until_there_is_an_answer(away):
    server, page = away
    server.stop()
    sample(page, "3")
    expect(page.get_by_role("alert")).to_contain_text(HERE)
    page.locator("#file").set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"buy milk"})
    expect(page.get_by_role("alert")).to_contain_text("not an image")
    server.start()
    until(page, "import('/static/client.js').then(({ server }) => !server.isAway)")
    expect(page.get_by_role("alert")).to_contain_text("not an image")
    page.locator("#dismiss").click()
    expect(page.locator("#reading")).to_have_text("3")
    expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.slow
def test_once_opened_it_starts_without_a_network(away):
    server, page = away
    sample(page, "4")
    expect(page.locator("#reading")).to_have_text("4")
    page.wait_for_timeout(500)  # until the drawing is stored
    server.stop()
    page.reload()
    expect(page.locator("#reading")).to_have_text("4")  # the drawing is there, and read
    expect(page.get_by_role("alert")).to_contain_text(HERE)


@pytest.mark.slow
def test_it_is_installed_as_an_app_and_starts_without_a_network(browser, tmp_path):
    server = Server()
    options = {"executable_path": CHROMIUM, "args": ARGUMENTS, **WINDOW, "service_workers": "allow"}
    with server.running(), browser.browser_type.launch_persistent_context(tmp_path, **options) as profile:
        page = profile.new_page()  # a window for guests, as other tests have, installs nothing
        page.goto(server.url)
        until(page, "navigator.serviceWorker.controller !== null")
        page.evaluate("navigator.serviceWorker.controller.postMessage('keep weights')")
        wait_until(page, lambda: "/weights/line.safetensors" in page.evaluate(KEPT), "the weights")
        session = profile.new_cdp_session(page)
        assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
        app = {"manifestId": session.send("Page.getAppId")["appId"]}
        session.send("PWA.install", app)
        page.close()
        server.stop()
        with profile.expect_page() as opened:
            profile.new_cdp_session(profile.pages[0]).send("PWA.launch", app)
        sample(opened.value, "7")
        expect(opened.value.locator("#reading")).to_have_text("7")
        expect(opened.value.get_by_role("alert")).to_contain_text(HERE)


@pytest.mark.slow
def test_answers_and_other_pages_are_never_kept(away):
    _, page = away
    sample(page, "4")
    expect(page.locator("#reading")).to_have_text("4")
    page.evaluate("Promise.all(['models', 'healthz', 'docs', 'nothing-here'].map((address) => fetch(address)))")
    kept = page.evaluate(KEPT)
    assert {"/", "/static/page.js", "/static/ondevice/answers.js", "/weights/line.safetensors"} <= set(kept)
    assert [path for path in kept if not path.startswith(("/static/", "/weights/"))] == ["/"]
