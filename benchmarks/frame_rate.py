"""The page's frame rate while somebody draws, with the panel "Inside" open and without it.

    python -m benchmarks.frame_rate
    python -m benchmarks.frame_rate --seconds 5 --model cnn-keras

Draws in Chromium against the production server, and takes the time between frames from requestAnimationFrame. The
screen is a laptop's, scrolled so that the lower half of the pad and the first layers are in view. The browser draws
without a graphics card and shares the machine with the server, so the machine's load is printed, too.
"""

import itertools
import math
import os
import statistics
import time

from playwright.sync_api import Page, sync_playwright

from benchmarks import arguments
from tests.helpers.chromium import ARGUMENTS, CHROMIUM
from tests.helpers.server import Server

LAPTOP = {"width": 1440, "height": 900}  # in CSS pixels
MOVES = 120  # a second: a mouse reports about as often
WATCH = """() => {
  window.frames_ = [];
  const note = (time) => { window.frames_.push(time); window.watching = requestAnimationFrame(note); };
  window.watching = requestAnimationFrame(note);
}"""


def draw(page: Page, seconds: float) -> list[float]:
    """Draw one long stroke. Returns the times between frames, in milliseconds."""
    box = page.locator("#pad").bounding_box()
    assert box
    low = max(0, -box["y"]) + 20  # the pad's part that is in view
    middle, radius = box["y"] + (low + box["height"]) / 2, (box["height"] - low) / 2 - 20
    page.mouse.move(box["x"] + 200, middle)
    page.mouse.down()
    page.evaluate(WATCH)
    started = time.perf_counter()
    while (passed := time.perf_counter() - started) < seconds:
        page.mouse.move(
            box["x"] + 200 + radius * math.sin(2 * passed), middle + radius * math.sin(3.1 * passed), steps=1
        )
        time.sleep(max(0.0, 1 / MOVES - (time.perf_counter() - started - passed)))
    frames = page.evaluate("() => { cancelAnimationFrame(window.watching); return window.frames_; }")
    page.mouse.up()
    return [after - before for before, after in itertools.pairwise(frames)]


def measure(page: Page, name: str, seconds: float, repeats: int) -> None:
    """Draw several strokes. Prints the frame rate, processor time, and requests to the server."""
    asked = {"read": 0, "inspect": 0}

    def count(kind: str, by: int = 1) -> None:
        asked[kind] += by

    page.on("requestfinished", lambda request: [count(kind) for kind in asked if f"/{kind}?" in request.url])
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})  # processor time, and no waiting

    def computed() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")

    times, busy = [], 0.0
    for _ in range(repeats):
        page.keyboard.press("Delete")
        before = computed()
        times += draw(page, seconds)
        busy += computed() - before
    total = seconds * repeats
    p99 = statistics.quantiles(times, n=100)[98]
    print(
        f"{name}: {1000 / statistics.mean(times):.1f} frames a second; between two {statistics.median(times):.1f} ms"
        f" in the median, {p99:.1f} ms in the 99th percentile, n = {len(times)};"
        f" the page's own thread computed {100 * busy / total:.0f} % of the time;"
        f" {asked['read'] / total:.1f} answers and {asked['inspect'] / total:.1f} inspections a second;"
        f" {os.getloadavg()[0]:.1f} processes wanted {os.cpu_count()} cores"
    )


def main() -> None:
    """Measure with the panel and without it."""
    parser = arguments.parser(__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long a stroke takes (default: 2)")
    parser.add_argument("--repeats", type=int, default=5, help="how many strokes (default: 5)")
    parser.add_argument("--model", default="digitpad", help="the network in the panel (default: digitpad)")
    options = parser.parse_args()
    server = Server()
    server.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page = browser.new_page(viewport=LAPTOP)
            page.goto(server.url)
            draw(page, 1)  # to warm up
            measure(page, "the page alone", options.seconds, options.repeats)
            page.close()
            page = browser.new_page(viewport=LAPTOP)
            page.goto(server.url)
            draw(page, 0.5)
            page.locator("#tab-inside").click()
            page.locator(".inside select").select_option(options.model)
            page.evaluate("document.querySelector('#pad').scrollIntoView(); scrollBy(0, pad.clientHeight / 2)")
            draw(page, 1)
            measure(page, f"with {options.model} inside", options.seconds, options.repeats)
            browser.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
