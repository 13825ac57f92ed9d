"""What scipy.ndimage and OpenCV would cost and save in place of model/preprocessing/components.py.

    pip install scipy opencv-python-headless
    python -m benchmarks.libraries

Prints, for what is installed: megabytes of files, milliseconds and megabytes of memory of an import in a new process,
and the median milliseconds of finding the components of a canvas, a row of five digits and the grain of a photograph,
and of one dilation, on one thread. The components must be the same.
"""

import importlib.metadata
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import arguments
from model.preprocessing.arrays import Mask
from model.preprocessing.components import dilated, find_components
from tests.helpers.drawings import ink_of
from tests.helpers.number_images import row_image

SQUARE = np.ones((3, 3), np.uint8)  # of neighbours
IMPORT = """
import resource, time
def memory(): return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
import numpy
before, started = memory(), time.perf_counter()
import {module}
print(1000 * (time.perf_counter() - started), memory() - before)
"""
Boxes = Any  # (n, 4): left, top, right and bottom
Libraries = dict[str, tuple[str, Callable[[Mask], Boxes], Callable[[Mask], Any]]]


def main() -> None:
    """Print the table."""
    arguments.parser(__doc__).parse_args()
    row = 255 - np.asarray(row_image("20241").convert("L"))
    masks = {
        "canvas": ink_of("8") > 127,
        "row": row > 127,
        "grain": np.random.default_rng(0).random((500, 375)) < 0.12,
    }
    print(
        "{:24}{:>8}{:>10}{:>8}".format("", "MB", "import ms", "MB") + "".join(f"{name:>9}" for name in masks),
        "dilation",
    )
    expected = {name: sorted(find_components(mask).boxes.tolist()) for name, mask in masks.items()}
    for name, (module, find, dilate) in {"our own": ("numpy", _own, dilated), **_installed()}.items():
        took, memory = map(float, subprocess.check_output([sys.executable, "-c", IMPORT.format(module=module)]).split())
        for kind, mask in masks.items():
            assert sorted(np.asarray(find(mask)).tolist()) == expected[kind], (name, kind)
        times = [_median(find, mask) for mask in masks.values()]
        print(
            f"{name:24}{_size(name):8.0f}{took:10.0f}{memory:8.0f}" + "".join(f"{each:9.3f}" for each in times),
            f"{_median(dilate, masks['row']):8.3f}",
        )


def _own(mask: Mask) -> Boxes:
    return find_components(mask).boxes


def _installed() -> Libraries:
    libraries: Libraries = {}
    try:
        from scipy import ndimage

        def slices(mask: Mask) -> Boxes:
            found = ndimage.find_objects(ndimage.label(mask, SQUARE)[0])
            return [(columns.start, rows.start, columns.stop, rows.stop) for rows, columns in found]

        libraries["scipy"] = "scipy.ndimage", slices, lambda mask: ndimage.binary_dilation(mask, SQUARE)
    except ImportError:
        pass
    try:
        import cv2

        def stats(mask: Mask) -> Boxes:
            boxes = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)[2][1:, :4]
            return boxes + np.pad(boxes[:, :2], ((0, 0), (2, 0)))

        libraries["opencv-python-headless"] = "cv2", stats, lambda mask: cv2.dilate(mask.view(np.uint8), SQUARE)
    except ImportError:
        pass
    return libraries


def _size(name: str) -> float:
    """Return the size of a distribution's files in megabytes; 0 for our own."""
    if name == "our own":
        return 0
    files = importlib.metadata.files(name) or []
    return sum(path.stat().st_size for path in (file.locate() for file in files) if path.is_file()) / 1e6


def _median(act: Callable[[Mask], Any], mask: Mask) -> float:
    times = []
    for _ in range(200):
        started = time.perf_counter()
        act(mask)
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
