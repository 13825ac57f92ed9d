"""Photographed and scanned paper: tell whether a background is flat, and find the ink where it is not.

What falls on the paper is the product of light, paper and ink, so ink is what is left when an image is divided by its
own background. The background is a closing of the image (a maximum, then a minimum over a window: Serra 1982): it
leaves out what is narrower than the window, as pen strokes are, and keeps the edges of shadows where they are, which a
local mean, as in Sauvola and Pietikäinen (2000), does not. The window follows the pen, so that of a broad shadow's
corners little is taken for ink. Printed rules are a part of the background too: see `ruled_lines`.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from model.preprocessing import foreground, morphology, ruled_lines
from model.preprocessing.normalize import BLANK_BELOW, Ink

Floats = NDArray[np.float32]

SIDE: Final = 600  # in pixels, the longer side: a digit that takes a tenth of it has still three for each it will get
LEAST: Final = 48  # in pixels, the shorter side: of less, as MNIST's images have, nothing tells light from ink
TOLERANCE: Final = 1  # in levels: a flat background is exactly that, but for a rounding
BETWEEN: Final = 0.12  # of an image: more neither paper nor ink than strokes have in their soft edges
FAINT: Final = 8  # levels: what differs more from the paper is something
BROADEST: Final = 0.12  # of the longer side: the window that no pen stroke fills
TAIL: Final = 0.03  # of the longer side: how far faint ink goes on beyond what surely is ink
FAINTEST: Final = 0.07  # of the light: the least that ink takes


def apart(band: Ink) -> Ink:
    """Return how far each level of `band`, (H, W), is from the paper's, which is the median along its edges."""
    edges = np.concatenate(_sides(band))
    paper = np.partition(edges, len(edges) // 2)[len(edges) // 2]
    found: Ink = np.abs(band.astype(np.int16) - paper).astype(np.uint8)
    return found


def is_flat(found: Ink) -> bool:
    """Say of a grey image whether its background is one level, as in drawings, screenshots and MNIST.

    `found`, (H, W), is how far each pixel is `apart` from the paper. The background is flat when most of the border has
    one level, to a rounding: grain, noise or uneven light do not leave that. Nor may much of the image lie between
    paper and ink, as a shadow on overexposed paper does, nor rules cross it.
    """
    sides = _sides(found)
    if 2 * sum(np.count_nonzero(side <= TOLERANCE) for side in sides) < sum(map(len, sides)):
        return False
    step = max(1, max(found.shape) // 500)
    some = found[::step, ::step]
    darkest = int(some.max())
    if darkest < BLANK_BELOW or min(found.shape) < 2 * LEAST:
        return True
    if np.count_nonzero((some > FAINT) & (some < math.ceil(0.4 * darkest))) > BETWEEN * some.size:
        return False
    # A rule crosses two opposite sides; two rules cross them twice, which hardly any drawing does.
    top, bottom, left, right = (_crossings(side > FAINT) for side in sides)
    return min(top, bottom) < 2 and min(left, right) < 2


def _sides(band: Ink) -> tuple[Ink, Ink, Ink, Ink]:
    return band[0], band[-1], band[:, 0], band[:, -1]


def separate(image: Image.Image) -> Ink | None:
    """Separate the writing in the middle of a photograph from paper, light, rules, and marks at its edges.

    Returns (H, W) uint8 of at most SIDE pixels, 0 for paper and 255 for what is as dark as the writing mostly is; None
    for an image too narrow to know.
    """
    grey = _shrink(image)
    if min(grey.shape) < LEAST:
        return None
    if _is_light_on_dark(grey):
        grey = 255 - grey
    window = int(BROADEST * max(grey.shape))
    dark, paper = _divide(grey, window)
    taken = ruled_lines.find(dark)
    dark = morphology.smooth(ruled_lines.lift(dark, taken))
    found = _find_writing(dark, paper, taken)
    narrower = int(2 * foreground.stroke_width(found.seeds if found.seeds.any() else dark > dark.max() / 2) + 5)
    if narrower < window:
        dark, paper = _divide(grey, narrower)
        dark = morphology.smooth(ruled_lines.lift(dark, taken))
        found = _find_writing(dark, paper, taken)
    if not found.seeds.any():
        return np.zeros(grey.shape, np.uint8)
    core = float(np.median(dark[found.seeds]))
    least = 0.7 * found.least
    ink = (dark - least) * (255 / max(core - least, 0.02))
    around = morphology.grow(found.mask, 1)  # with its soft edge
    separated: Ink = np.rint(np.where(around, ink, 0).clip(0, 255)).astype(np.uint8)
    return separated


@dataclass(frozen=True)
class _Writing:
    """Where ink of the writing is, and where it surely is; `least` is the part of the light that it takes there."""

    mask: NDArray[np.bool_]
    seeds: NDArray[np.bool_]
    least: float


def _find_writing(dark: Floats, paper: Floats, taken: Floats) -> _Writing:
    # Noise is in the levels of the image: in the shadow it takes a larger part of the light.
    levels = (dark * paper)[::2, ::2]
    grain = float(np.median(levels))
    noise = 1.4826 * float(np.median(np.abs(levels - grain)))
    darkest = float(np.quantile(_middle(dark), 0.998))
    # What is left of a rule that was taken away must not count as ink, nor what is left beside it.
    beside = morphology.slide(np.maximum, morphology.slide(np.maximum, taken, 5, morphology.DOWN), 5, morphology.ACROSS)
    uncertain = (grain + 3.5 * noise) / np.maximum(paper, 1) + np.maximum(0.75 * taken, 0.4 * beside)
    least = max(0.8 * FAINTEST, 0.25 * darkest)
    inked = dark > np.maximum(least, uncertain)
    seeds = dark > np.maximum(max(FAINTEST, 0.45 * darkest), 1.5 * np.maximum(uncertain, beside))
    inked &= morphology.grow(seeds, round(TAIL * max(dark.shape)))
    mask = foreground.select(np.where(inked, dark, 0), seeds)
    return _Writing(mask, mask & seeds, least)


def _crossings(inked: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(inked[1:] & ~inked[:-1])) + int(inked[0])


def _shrink(image: Image.Image) -> Ink:
    grey = image.convert("L")
    scale = SIDE / max(grey.size)
    if scale < 1:
        size = max(1, round(grey.width * scale)), max(1, round(grey.height * scale))
        grey = grey.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(grey)


def _is_light_on_dark(grey: Ink) -> bool:
    """Say whether what stands out in the middle is lighter than its surroundings, as chalk on a board."""
    small = Image.fromarray(grey).reduce(3) if min(grey.shape) > 3 * LEAST else Image.fromarray(grey)
    levels = np.asarray(small, np.float32)
    # Against the mean around it, the paper that shows between broad strokes stands out less than they do.
    around = np.asarray(small.filter(ImageFilter.BoxBlur(max(levels.shape) / 8)), np.float32)
    darker, lighter = np.quantile(_middle(around - levels), (0.998, 0.002)) * (1, -1)
    if lighter < 1.3 * darker:
        return False
    # Light between shadows may do so, but it is not narrow.
    window = int(BROADEST / 3 * max(levels.shape))
    gaps, lines = (
        _middle(morphology.close(levels, window) - levels),
        _middle(levels + morphology.close(-levels, window)),
    )
    return bool(np.count_nonzero(lines > lighter / 3) > 1.5 * np.count_nonzero(gaps > lighter / 3))


def _divide(grey: Ink, window: int) -> tuple[Floats, Floats]:
    """Return the part of the light that is missing at each pixel, and the level of the paper there."""
    # The brightest of a window would be noise.
    calm = np.asarray(Image.fromarray(grey).filter(ImageFilter.BoxBlur(1)))
    paper = morphology.close(calm, window).astype(np.float32)
    return (1 - grey / np.maximum(paper, 1)).astype(np.float32), paper


def _middle(values: Floats) -> Floats:
    height, width = values.shape
    return values[height // 8 : height - height // 8, width // 8 : width - width // 8]
