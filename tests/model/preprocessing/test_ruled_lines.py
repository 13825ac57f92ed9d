"""Ruled lines are removed; strokes, however long and straight, are not."""

import numpy as np
import pytest

from model.preprocessing import ruled_lines

WIDTH, HEIGHT = 600, 450
ROWS, COLUMNS = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)


def lines(pitch: float, slope: float = 0.0, bend: float = 0.0, width: float = 2.0, dark: float = 0.2) -> np.ndarray:
    """Draw horizontal rules that absorb `dark` of the light."""
    across = COLUMNS / WIDTH * 2 - 1
    row = ROWS - slope * (COLUMNS - WIDTH / 2) - bend * across**2
    distance = np.abs(row - np.round(row / pitch) * pitch)
    return (dark * np.clip(width / 2 + 0.5 - distance, 0, 1)).astype(np.float32)


def grain() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.01, (HEIGHT, WIDTH)).astype(np.float32)


@pytest.mark.parametrize(
    "printed",
    [
        pytest.param(lines(50), id="lined"),
        pytest.param(lines(18, slope=0.1, width=1.2), id="narrow and aslant"),
        pytest.param(lines(60, slope=-0.2, dark=0.35), id="dark and steep"),
        pytest.param(lines(90, width=8), id="broad"),
        pytest.param(lines(50, bend=3), id="bent"),
    ],
)
@pytest.mark.parametrize("upright", [False, True])
def test_rules_are_removed(printed, upright):
    dark = (printed + grain()).T if upright else printed + grain()
    dark = np.ascontiguousarray(dark)
    left = ruled_lines.lift(dark, ruled_lines.find(dark))
    ruled = (printed.T if upright else printed) > printed.max() / 2
    inside = np.s_[30:-30, 30:-30]
    assert left[inside][ruled[inside]].mean() < 0.15 * printed.max() + 0.01
    assert np.abs(left[inside][~ruled[inside]]).mean() < 0.02


def test_ink_on_a_rule_keeps_its_darkness():
    printed = lines(50)
    stroke = np.zeros_like(printed)
    stroke[100:320, 295:305] = 0.7
    dark = 1 - (1 - printed) * (1 - stroke) + grain()
    left = ruled_lines.lift(dark, ruled_lines.find(dark))
    assert np.allclose(left[110:310, 298:302], 0.7, atol=0.12)


@pytest.mark.parametrize("angle", [0.0, 0.05])
def test_a_long_stroke_is_not_a_rule(angle):
    row = np.abs(ROWS - 200 - angle * (COLUMNS - WIDTH / 2)) < 4
    stroke = np.where(row & (COLUMNS > 100) & (COLUMNS < 500), 0.7, 0).astype(np.float32)
    assert not ruled_lines.find(stroke + grain()).any()


@pytest.mark.parametrize("shape", [(1, 1), (10, 600), (600, 10), (24, 24), (80, 80)])
def test_small_images_have_no_rules(shape):
    assert ruled_lines.find(np.zeros(shape, np.float32)).shape == shape
    assert not ruled_lines.find(np.zeros(shape, np.float32)).any()
