"""Loading the page: little, from this server alone, and under a strict security policy."""

import pytest

from tests.helpers.chromium import forbidden
from tests.helpers.pad import wait_until

pytestmark = pytest.mark.browser


def test_the_first_load_is_light_and_comes_from_here_alone(browser, server):
    context = browser.new_context()
    page = context.new_page()
    loaded = {}
    page.on("response", lambda response: loaded.update({response.url: response}))
    page.goto(server.url)
    page.wait_for_load_state("networkidle")
    assert {response.status for response in loaded.values()} == {200}
    assert sum(len(response.body()) for response in loaded.values()) < 150_000
    assert {url.split("/")[2] for url in loaded} == {server.address}
    preloaded = page.locator("link[rel=modulepreload]").evaluate_all("(links) => links.map(({ href }) => href)")
    assert set(preloaded) == {url for url in loaded if url.endswith(".js")}
    context.close()


def test_the_security_policy_is_in_force_and_what_it_forbids_is_noticed(browser, server):
    with browser.new_context() as context:
        page, said = context.new_page(), []
        page.on("console", lambda message: said.append(message.text))
        page.goto(server.url)
        page.wait_for_load_state("networkidle")
        assert not any(forbidden(text) for text in said)
        page.evaluate(
            """() => {
              const script = document.createElement("script");
              script.textContent = "window.ran = true";
              document.body.append(script);
              document.body.setAttribute("style", "color: red");
              document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:9/x.png" }));
            }"""
        )
        wait_until(page, lambda: sum(forbidden(text) for text in said) >= 3)
        assert page.evaluate("window.ran") is None
