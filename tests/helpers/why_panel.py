"""The panel Why, as tests open it and read what it shows."""

import base64
import re
from collections.abc import Callable

import numpy as np
from playwright.sync_api import expect

from tests.helpers.pad import answers, draw, pixels

BUTTONS = ".why section:nth-of-type({}) .choice [data-label='{}']"


def why(page, label: str = "") -> None:
    """Open the panel. Draw a digit, and wait until it is explained."""
    page.locator("#tab-why").click()
    expect(page.locator("#panel .why")).to_be_visible()
    if label:
        draw(page, label)
        settled(page)


def answered(page, question: str) -> dict:
    """Return the newest answer to one of the panel's questions: "why" or "towards"."""
    return answers(page, f"{question}=")[-1].json()


def settled(page) -> None:
    expect(page.locator(".why section:nth-of-type(1)")).to_have_attribute("aria-busy", "false")
    expect(page.locator(".why section:nth-of-type(2)")).to_have_attribute("aria-busy", "false")


def map_of(page, number: int) -> np.ndarray:
    described = answered(page, "why")["why"]["maps"][number]
    values = np.frombuffer(base64.b64decode(described["values"]), np.uint8).astype(float)
    return ((values - 128) / 127 * described["high"]).reshape(28, 28)


def map_pixels(page, canvas: int) -> np.ndarray:
    """Return what a canvas of the panel shows, in cells: (28, 28, side, side, 3)."""
    shown = pixels(page.locator(".why canvas").nth(canvas))[..., :3]
    side = len(shown) // 28
    return shown.reshape(28, side, 28, side, 3).swapaxes(1, 2)


def alter(page, part: str, change) -> Callable[[], None]:
    """Change the server's answers to addresses with `part`. Returns a function that ends that."""

    def fulfill(route):
        answer = route.fetch()
        told = answer.json()
        change(told)
        route.fulfill(response=answer, json=told)

    pattern = re.compile(re.escape(part))
    page.route(pattern, fulfill)
    return lambda: page.unroute(pattern)
