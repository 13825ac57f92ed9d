"""The networks in the browser, beside ONNX Runtime Web: start, time of a reading, and bytes to download.

    npm install onnxruntime-web
    python -m benchmarks.ort_web node_modules/onnxruntime-web/dist

Both read the same made images in Chromium, on one thread, in turn. The start is from the import of the modules to the
first logits, in a new page whose files are not cached. What is before and after the network, such as decoding, is
left out; benchmarks.ondevice measures it.
"""

import gzip
import os
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks import arguments
from tests.helpers.chromium import ARGUMENTS, CHROMIUM
from tests.helpers.drawings import ROOT
from tests.helpers.static_server import serve_files

FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
SHAPES = {"digitpad": (1, 28, 28), "line": (1, 1, 32, 160), "ink": (1, 3, 256, 192)}
TIMED = """
  const pixels = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => ((i * 7919) % 255) / 255);
  const run = await begin();
  await run();
  const start = performance.now() - started;
  for (let i = 0; i < 10; i++) await run();
  const times = [];
  for (let i = 0; i < repeats; i++) {
    const before = performance.now();
    await run();
    times.push(performance.now() - before);
  }
  return [start, times];
"""
RUNTIMES = {
    "ONNX Runtime Web": """async ([name, shape, repeats]) => {
      const started = performance.now();
      async function begin() {
        const ort = await import("/ort/ort.wasm.min.mjs");
        Object.assign(ort.env.wasm, { numThreads: 1, wasmPaths: "/ort/" });
        const session = await ort.InferenceSession.create(`/weights/${name}.onnx`, { executionProviders: ["wasm"] });
        return () => session.run({ images: new ort.Tensor("float32", pixels, shape) });
      }
    """,
    "our own kernel": """async ([name, shape, repeats]) => {
      const started = performance.now();
      async function begin() {
        const folder = "/static/ondevice/networks/";
        const { Kernel } = await import(`${folder}kernel.js`);
        const { Weights } = await import(`${folder}weights.js`);
        const network = Object.values(await import(`${folder}${name}.js`)).find((one) => one.prototype?.logits);
        const file = await fetch(`/weights/${name}.safetensors`);
        const reads = new network(new Kernel(), await Weights.read(await file.arrayBuffer(), name));
        const [height, width] = shape.slice(-2);
        const values = Uint8Array.from(pixels.subarray(0, height * width), (value) => 255 * value);
        const bands = [values, values, values];
        const image = { digitpad: [pixels], line: { values, height, width }, ink: { bands, height, width } }[name];
        return () => reads.logits(image);
      }
    """,
}


def measure(browser: Browser, url: str, script: str, name: str, repeats: int) -> tuple[float, list[float]]:
    """Open a page of its own. Returns the milliseconds of the start, and of each reading after it."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{url}static/icon.svg")
        start, times = page.evaluate(f"{script}{TIMED}}}", [name, SHAPES[name], repeats])
    return start, times


def main() -> None:
    """Measure and print."""
    parser = arguments.parser(__doc__)
    parser.add_argument("dist", type=Path, help="the folder dist/ of the npm package onnxruntime-web")
    parser.add_argument("--repeats", type=int, default=50, help="readings in each round (default: 50)")
    parser.add_argument("--rounds", type=int, default=5, help="pages that are opened for each (default: 5)")
    options = parser.parse_args()
    missing = [name for name in FILES if not (options.dist / name).is_file()]
    if missing:
        parser.error(f"{options.dist} has no {missing[0]}: npm install onnxruntime-web, and name its dist folder")
    contents = [(options.dist / name).read_bytes() for name in FILES]
    sizes = [sum(map(len, contents)), sum(len(gzip.compress(content)) for content in contents)]
    print("ONNX Runtime Web: {:.1f} MB to download, {:.1f} MB compressed".format(*(size / 1e6 for size in sizes)))
    with tempfile.TemporaryDirectory() as folder, serve_files(Path(folder)) as url, sync_playwright() as playwright:
        for name, to in (("ort", options.dist), ("static", ROOT / "static"), ("weights", ROOT / "weights")):
            (Path(folder) / name).symlink_to(to.resolve())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name in SHAPES:
            found: dict[str, list[tuple[float, list[float]]]] = {runtime: [] for runtime in RUNTIMES}
            for _ in range(options.rounds):
                for runtime, script in RUNTIMES.items():
                    found[runtime].append(measure(browser, url, script, name, options.repeats))
            for runtime, rounds in found.items():
                start = statistics.median(start for start, _ in rounds)
                reading = statistics.median(time for _, times in rounds for time in times)
                print(f"{name}, {runtime}: start {start:.0f} ms, a reading {reading:.1f} ms, in the median")
        browser.close()
    print(f"{os.getloadavg()[0]:.1f} processes wanted {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
