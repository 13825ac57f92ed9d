"""The panel Inside, as tests open it and read what it shows."""

import base64
import re

import numpy as np
from playwright.sync_api import expect

from tests.helpers.pad import draw, expect_digit

WIDE = {"viewport": {"width": 1280, "height": 1000}}
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
LAYERS = ".inside .path .maps canvas"
AT = ".inside .at:not([hidden])"


def inside(page, label: str = "8") -> list[dict]:
    """Draw a digit, open the panel, and return the last answer that it shows; later ones are appended."""
    answers = []
    page.on("response", lambda response: answers.append(response) if "/inspect?" in response.url else None)
    draw(page, label)
    expect_digit(page, label)
    page.keyboard.press("1")
    page.locator(".inside .how-to").scroll_into_view_if_needed()
    expect(page.locator(LAYERS).first).to_be_visible()
    settle(page)
    return answers


def settle(page) -> None:
    page.wait_for_timeout(150)
    page.wait_for_load_state("networkidle")


def settle_until(page, is_done) -> None:
    for _ in range(200):
        if is_done():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never happened")


def cells(layer: dict) -> np.ndarray:
    data = np.frombuffer(base64.b64decode(layer["values"]), np.uint8).reshape(layer["shape"])
    return layer["low"] + data * (layer["high"] - layer["low"]) / 255


def number(page, place: str = ".inside .value") -> float:
    return float(page.locator(place).text_content().replace("−", "-"))


def chosen(page) -> tuple[int, ...]:
    """Return the map, row and column of the chosen cell, from 0."""
    found = re.fullmatch(r"map (\d+) of \d+, row (\d+), column (\d+)", page.locator(".inside .place").text_content())
    return tuple(int(text) - 1 for text in found.groups())


def point_at(page, layer: int, x: float, y: float) -> None:
    """Move the mouse to a place in a layer, in parts of its width and height."""
    canvas = page.locator(LAYERS).nth(layer)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])


def marked(page, layer: int) -> None:
    """Wait until a cell of this layer is the chosen one."""
    expect(page.locator(".inside .path .maps").nth(layer).locator(".at:not([hidden])")).to_have_count(1)


def corners(page, group: str) -> list[float]:
    """Return left, top, right and bottom of the outline on the drawing, in its units."""
    path = page.locator(f"#{group} #inside-outline").get_attribute("d")
    left, top, right, bottom = map(float, re.fullmatch(r"M(\S+) (\S+)H(\S+)V(\S+)H.*", path).groups())
    return [left, top, right, bottom]
