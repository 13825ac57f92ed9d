"""The reader in the browser: the time of a digit, a number and a photograph, of the start, and the bytes of a download.

    python -m benchmarks.ondevice
    python -m benchmarks.ondevice --repeats 100 --plain

Reads in Chromium, on one thread, from a server of files. A reading is all from the image file to the answer's JSON,
decoding included. The start is from the import of the modules to the first answer about a drawn digit, in a new page
whose files are not cached. --plain measures the kernel in JavaScript, for pages where WebAssembly is not allowed.
"""

import base64
import os
import statistics

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from benchmarks import arguments
from tests.helpers import ondevice_vectors
from tests.helpers.chromium import ARGUMENTS, CHROMIUM
from tests.helpers.drawings import ROOT, encode, png_of
from tests.helpers.number_images import row_png
from tests.helpers.static_server import serve_files

FIRST = """async ([file, plain]) => {
  const started = performance.now();
  const { OnDevice } = await import("/static/ondevice/answers.js");
  window.device = new OnDevice("/weights", { plain });
  window.blobOf = (text) => new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]);
  await device.answer("read?input=true", blobOf(file));
  return performance.now() - started;
}"""
READ = """async ([file, repeats]) => {
  const blob = blobOf(file), times = [];
  for (let i = 0; i < repeats; i++) {
    const started = performance.now();
    await device.answer("read?input=true", blob);
    times.push(performance.now() - started);
  }
  return times;
}"""
SIZES = """() => performance.getEntriesByType("resource").map(({ name, decodedBodySize }) => [name, decodedBodySize])"""


def files() -> dict[str, bytes]:
    """Draw a digit and a number as the page sends them, and photograph a digit."""
    photograph = ondevice_vectors.photograph(np.random.default_rng(3))
    return {
        "a drawn digit": png_of("3"),
        "a number of five digits": row_png("20241"),
        "a photograph": encode(photograph),
    }


def start(browser: Browser, url: str, file: bytes, plain: bool) -> tuple[float, dict[str, int]]:
    """Open a page of its own, and read a digit. Returns the milliseconds, and the bytes of modules and of weights."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{url}static/icon.svg")
        took = page.evaluate(FIRST, [base64.b64encode(file).decode(), plain])
        sizes = page.evaluate(SIZES)
    weights = sum(size for name, size in sizes if name.endswith(".safetensors"))
    return took, {"modules": sum(size for name, size in sizes if name.endswith(".js")), "weights": weights}


def main() -> None:
    """Measure and print."""
    parser = arguments.parser(__doc__)
    parser.add_argument("--repeats", type=int, default=50, help="readings of each image (default: 50)")
    parser.add_argument("--starts", type=int, default=5, help="pages that are opened (default: 5)")
    parser.add_argument("--plain", action="store_true", help="without WebAssembly")
    options = parser.parse_args()
    images = files()
    with serve_files(ROOT) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        starts = [start(browser, url, images["a drawn digit"], options.plain) for _ in range(options.starts)]
        print(
            f"start: {statistics.median(took for took, _ in starts):.0f} ms in the median, n = {len(starts)};", end=" "
        )
        print(", ".join(f"{size / 1000:.0f} kB of {name}" for name, size in starts[-1][1].items()))
        page = browser.new_page()
        page.goto(f"{url}static/icon.svg")
        page.evaluate(FIRST, [base64.b64encode(images["a drawn digit"]).decode(), options.plain])
        for name, file in images.items():
            text = base64.b64encode(file).decode()
            page.evaluate(READ, [text, 10])  # to warm up
            times = page.evaluate(READ, [text, options.repeats])
            middle, tenth = statistics.median(times), statistics.quantiles(times, n=10)[0]
            print(f"{name}: {middle:.1f} ms in the median, {tenth:.1f} in the fastest tenth, n = {len(times)}")
        browser.close()
    print(f"{os.getloadavg()[0]:.1f} processes wanted {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
