"""Drawing on the pad, choosing images, and waiting for what comes of it."""

from collections.abc import Callable

import numpy as np
from playwright.sync_api import Locator, Page, Response, Route, expect

from tests.helpers.drawings import DRAWINGS, image_at

Strokes = list[list[tuple[float, float]]]


def placed(strokes: Strokes, page: Page, size: float, left: float, top: float) -> Strokes:
    """Map strokes in a 100 × 100 box to the screen: `size`, `left` and `top` are parts of the pad's height."""
    box = page.locator("#pad").bounding_box()
    side = box["height"]
    scale = side * size / 100
    x0, y0 = box["x"] + side * left, box["y"] + side * top
    return [[(x0 + x * scale, y0 + y * scale) for x, y in stroke] for stroke in strokes]


def write(page: Page, text: str, size: float = 0.4, top: float = 0.3) -> None:
    """Write digits beside each other, as far apart as most people do."""
    for place, label in enumerate(text):
        draw(page, label, size, 0.1 + 0.9 * size * place, top)


def draw(page: Page, label: str, size: float = 0.7, left: float = 0.15, top: float = 0.15) -> None:
    """Draw a digit at once: the pad gets the events of a mouse, but the browser does not wait a frame for each."""
    page.evaluate(
        """(strokes) => {
          const pad = document.getElementById("pad");
          const mouse = { pointerId: 7, pointerType: "mouse", bubbles: true };
          const send = (kind, [clientX, clientY]) =>
            pad.dispatchEvent(new PointerEvent(kind, { ...mouse, clientX, clientY }));
          for (const stroke of strokes) {
            send("pointerdown", stroke[0]);
            for (const point of stroke) send("pointermove", point);
            send("pointerup", stroke.at(-1));
          }
        }""",
        placed(DRAWINGS[label], page, size, left, top),
    )


def draw_by_hand(page: Page, label: str, size: float = 0.7, left: float = 0.15, top: float = 0.15) -> None:
    """Draw a digit with the mouse. A browser takes one movement a frame, so every other point is left out."""
    draw_strokes(page, thinned(DRAWINGS[label]), size, left, top)


def thinned(strokes: Strokes) -> Strokes:
    return [[*stroke[:-1:2], stroke[-1]] for stroke in strokes]


def draw_strokes(page: Page, strokes: Strokes, size: float, left: float, top: float) -> None:
    """Draw strokes in a 100 × 100 box with the mouse."""
    for stroke in placed(strokes, page, size, left, top):
        page.mouse.move(*stroke[0])
        page.mouse.down()
        for point in stroke[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def sample(page: Page, digits: str) -> None:
    """Draw samples beside each other. Each changes the drawing once, and so asks the server once."""
    for digit in digits:
        page.locator("#samples button").nth(int(digit)).click()


def choose_image(page: Page, content: bytes, field: str = "#file") -> None:
    page.locator(field).set_input_files({"name": "chosen.png", "mimeType": "image/png", "buffer": content})


def boxes(elements: Locator) -> list[dict[str, float]]:
    """Return where elements are in the window: left, top, right, bottom, width and height."""
    return elements.evaluate_all("(all) => all.map((each) => each.getBoundingClientRect().toJSON())")


def until(page: Page, expression: str) -> None:
    """Wait until a JavaScript expression is true. The page's policy forbids `eval`, so that the test asks."""
    wait_until(page, lambda: page.evaluate(expression), expression)


def wait_until(page: Page, is_true: Callable[[], bool], what: str = "it") -> None:
    for _ in range(1000):
        if is_true():
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"{what} did not become true")


def quiet(page: Page) -> None:
    """Wait until the page has its answers, and has asked nothing for a moment."""
    for _ in range(200):
        asked = len(page.responses)
        page.wait_for_timeout(100)
        if not page.pending and len(page.responses) == asked:
            return
    raise AssertionError("the page asks on and on")


def answers(page: Page, part: str) -> list[Response]:
    """Return the answers so far to addresses with `part`."""
    return [response for response in page.responses if part in response.url]


def hold_first(page: Page, addresses: str) -> list[Route]:
    """Hold back the next question to one of these addresses. Returns a list that it is in as soon as it is asked."""
    held: list[Route] = []
    page.route(addresses, lambda route: route.continue_() if held else held.append(route))
    return held


def watch(page: Page, root: str, part: str) -> None:
    """Collect the text of `part` after each change in `root` in the page's variable `shown`."""
    page.evaluate(
        """([root, part]) => {
          window.shown = [];
          new MutationObserver(() => shown.push(document.querySelector(part).textContent))
            .observe(document.querySelector(root), { attributes: true, childList: true, subtree: true });
        }""",
        [root, part],
    )


def number(text: str) -> float:
    """Read a number that the page has written, with a real minus sign."""
    return float(text.replace("−", "-"))


def numbers(cells: Locator) -> list[float]:
    return [number(text) for text in cells.all_text_contents()]


def expect_digit(page: Page, label: str) -> None:
    expect(page.locator("#reading")).to_have_text(label)


def rendered(page: Page) -> None:
    """Wait until the browser has drawn the page as it is now."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def decoded(url: str) -> np.ndarray:
    """Decode an image in a data URL: (height, width, 4), from 0 to 255."""
    return np.asarray(image_at(url).convert("RGBA"), float)


def pixels(canvas: Locator) -> np.ndarray:
    """Return what a canvas shows: (height, width, 4), from 0 to 255."""
    rendered(canvas.page)
    return decoded(canvas.evaluate("(canvas) => canvas.toDataURL()"))


def ink(page: Page) -> float:
    """Measure how much of the pad is inked: the mean alpha of its pixels, from 0 to 255."""
    return pixels(page.locator("#pad"))[..., 3].mean()


class Fingers:
    """A touch screen: `touch` says where all fingers are now."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def pointer(page: Page, kind: str, x: float, y: float, **options) -> None:
    """Send the pad a pointer event that no real device of the test machine sends."""
    page.evaluate(
        """([kind, init]) => document.getElementById("pad").dispatchEvent(new PointerEvent(kind, init))""",
        [kind, {"pointerId": 7, "clientX": x, "clientY": y, "button": 0, "bubbles": True, **options}],
    )
