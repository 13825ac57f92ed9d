"""The page's convolutions and pooling give the numbers that Python and torch give."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from model.explain.convolution import KERNELS, convolve

pytestmark = pytest.mark.browser


def made_case(random: np.random.Generator, operation: str) -> dict:
    size = int(random.integers(1, 6))
    width, height = (int(random.integers(1, 12)) for _ in range(2))
    most = size // 2 if operation != "convolution" else 3  # torch refuses wider padding in pooling
    return {
        "operation": operation,
        "image": {"width": width, "height": height, "values": random.normal(size=width * height).tolist()},
        "window": {"size": size, "stride": int(random.integers(1, 4)), "padding": int(random.integers(0, most + 1))},
        "kernel": {"weights": random.normal(size=size * size).tolist(), "divisor": float(random.uniform(0.5, 20))},
    }


def expected(case: dict) -> np.ndarray:
    image = np.reshape(case["image"]["values"], (1, 1, case["image"]["height"], case["image"]["width"]))
    size, stride, padding = (case["window"][name] for name in ("size", "stride", "padding"))
    if case["operation"] == "convolution":
        kernel = np.reshape(case["kernel"]["weights"], (1, 1, size, size)) / case["kernel"]["divisor"]
        return convolve(image, kernel, stride, padding)[0, 0]
    pool = {"max": F.max_pool2d, "average": F.avg_pool2d}[case["operation"]]
    return pool(torch.tensor(image), size, stride, padding)[0, 0].numpy()


@pytest.mark.parametrize("operation", ["convolution", "max", "average"])
def test_the_numbers_are_those_of_python_and_torch(call, operation):
    random = np.random.default_rng(20)
    cases = [made_case(random, operation) for _ in range(300)]
    refused = 0
    for case, found in zip(cases, call("tests/convolution.js", "slideAll", cases), strict=True):
        sides = (case["image"]["width"], case["image"]["height"])
        if min(sides) + 2 * case["window"]["padding"] < case["window"]["size"]:
            assert "does not fit" in found
            with pytest.raises((ValueError, RuntimeError)):
                expected(case)
            refused += 1
            continue
        right = expected(case)
        assert (found["height"], found["width"]) == right.shape
        np.testing.assert_allclose(np.reshape(found["values"], right.shape), right, atol=1e-12)
    assert 10 < refused < 200


def test_the_kernels_are_those_of_python(call):
    presets = call("tests/convolution.js", "presets")
    assert set(presets) == set(KERNELS)
    sums = {"identity": 1, "blur": 1, "sharpen": 1, "edge": 0, "sobel-x": 0, "sobel-y": 0, "emboss": 1}
    for name, sizes in presets.items():
        small, large = (np.reshape(sizes[side]["weights"], (int(side), int(side))) for side in ("3", "5"))
        np.testing.assert_allclose(small / sizes["3"]["divisor"], KERNELS[name], atol=1e-15)
        assert large.sum() / sizes["5"]["divisor"] == pytest.approx(sums[name])
        # A preset has the same symmetries at 3×3 and at 5×5.
        for mirrored in (np.transpose, np.fliplr, np.flipud):
            assert np.array_equal(mirrored(small), small) == np.array_equal(mirrored(large), large)
            assert np.array_equal(-mirrored(small), small) == np.array_equal(-mirrored(large), large)


def test_numbers_are_written_to_be_read(call):
    written = call(
        "tests/convolution.js", "written", [0, -0.004, 0.996, -12.345], [-1, 0.0625, -0.371], [-0.5, 0.25, -0.001, -3]
    )
    assert written == [["0.00", "0.00", "1.00", "−12.35"], ["−1", "0.06", "−0.37"], "−0.50 + 0.25 + 0.00 − 3.00"]


def test_what_the_window_has_passed_is_filled_in(call):
    acts = [
        ("resize 3 4 0 0", [0, 0, 0]), ("step", [0, 1, 1]), ("move 1 0", [1, 1, 5]), ("move -1 -9", [0, 0, 5]),
        ("back", [0, 0, 5]), ("move 0 2", [0, 2, 5]), ("back", [0, 1, 5]),  # only the last pixel is undone
        ("toEnd", [2, 3, 11]), ("step", [2, 3, 11]), ("back", [2, 2, 10]), ("step", [2, 3, 11]),
        ("move -1 0", [1, 3, 11]), ("resize 2 2 5 0", [1, 0, 3]),  # a full output stays full
        ("reset", [0, 0, 0]), ("go 1", [0, 1, 1]), ("resize 3 3 1 1", [1, 1, 4]),
    ]  # fmt: skip
    places = call("tests/convolution.js", "moves", [act for act, _ in acts])
    assert places == [place for _, place in acts]
