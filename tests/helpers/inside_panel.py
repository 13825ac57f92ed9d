"""The panel Inside, as tests open it and read what it shows."""

import base64
import re

import numpy as np
from playwright.sync_api import expect

from tests.helpers.pad import answers, expect_digit, number, quiet, sample

LAYERS = ".inside .path .maps canvas"
AT = ".inside .at:not([hidden])"


def inside(page, label: str = "8") -> dict:
    """Draw a digit and open the panel. Returns the answer that it shows."""
    sample(page, label)  # it changes the drawing once, so there is one answer
    expect_digit(page, label)
    page.keyboard.press("1")
    page.locator(".inside .how-to").scroll_into_view_if_needed()
    expect(page.locator(LAYERS).first).to_be_visible()
    expect(page.locator(".inside .softmax .best th")).to_have_text(label)
    return answer(page)


def answer(page) -> dict:
    """Return the answer that the panel shows once it asks no more: an older one may be of a pad of another size."""
    quiet(page)
    return answers(page, "/inspect?")[-1].json()


def look_into(page, network: str) -> None:
    """Choose a network, and wait until its layers are there instead of those of the one before."""
    if page.locator(".inside select").input_value() == network:
        return
    page.evaluate("document.querySelector('.inside .path').firstChild.dataset.before = ''")
    page.locator(".inside select").select_option(network)
    expect(page.locator(".inside .path [data-before]")).to_have_count(0)


def cells(layer: dict) -> np.ndarray:
    data = np.frombuffer(base64.b64decode(layer["values"]), np.uint8).reshape(layer["shape"])
    return layer["low"] + data * (layer["high"] - layer["low"]) / 255


def shown_value(page) -> float:
    return number(page.locator(".inside .value").text_content())


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


def corners(page, group: str) -> list[float]:
    """Return left, top, right and bottom of the outline on the drawing, in its units."""
    path = page.locator(f"#{group} #inside-outline").get_attribute("d")
    left, top, right, bottom = map(float, re.fullmatch(r"M(\S+) (\S+)H(\S+)V(\S+)H.*", path).groups())
    return [left, top, right, bottom]
