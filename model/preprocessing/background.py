"""Background estimation: whether an image's background is flat, and the ink on a background that is not.

A pixel is the product of light, paper and ink. Dividing an image by its background leaves the ink.

The background is a morphological closing of the image: a maximum, then a minimum, over a window (Serra 1982). Closing
removes what is narrower than the window, which pen strokes are. It leaves the edges of shadows in place; a local mean,
as in Sauvola and Pietikäinen (2000), blurs them. The window is only a little wider than the strokes, because a wide
window takes the corners of a shadow for ink. Printed rules belong to the background too: see `ruled_lines`.
"""

import math
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from model.preprocessing import foreground, morphology, ruled_lines
from model.preprocessing.arrays import Floats, Ink, Mask
from model.preprocessing.normalize import BLANK_BELOW

SIDE: Final = 600  # in pixels, the longer side: a digit of a tenth of it still has three times the 20 pixels it needs
MIN_SIDE: Final = 48  # in pixels, the shorter side: in smaller images, such as MNIST's, light and ink look alike
TOLERANCE: Final = 1  # in levels: what rounding adds to a flat background
MAX_BETWEEN: Final = 0.12  # of the pixels, between paper and ink: the soft edges of strokes have fewer
FAINT: Final = 8  # in levels: what differs more from the paper is not paper
MAX_STROKE: Final = 0.12  # of the longer side: no stroke is wider than this window
FAINT_REACH: Final = 0.03  # of the longer side: how far faint ink extends beyond certain ink
MIN_DARKNESS: Final = 0.07  # of the light: ink absorbs at least this


def contrast_to_paper(band: Ink) -> Ink:
    """Return how far each level of `band`, (H, W), is from that of the paper: the median along the image's edges."""
    edges = np.concatenate(_sides(band))
    paper = np.partition(edges, len(edges) // 2)[len(edges) // 2]
    return np.abs(band.astype(np.int16) - paper).astype(np.uint8)


def is_flat(contrast: Ink) -> bool:
    """Tell whether a grey image has a background of one level, as drawings, screenshots and MNIST have.

    `contrast`, (H, W), is what `contrast_to_paper` returns. A flat background meets three conditions: most of the
    border has one level, which grain, noise and uneven light rule out; few pixels lie between paper and ink, which a
    shadow on overexposed paper rules out; and no rules cross the image.
    """
    sides = _sides(contrast)
    if 2 * sum(np.count_nonzero(side <= TOLERANCE) for side in sides) < sum(map(len, sides)):
        return False
    step = max(1, max(contrast.shape) // 500)
    sampled = contrast[::step, ::step]
    darkest = int(sampled.max())
    if darkest < BLANK_BELOW or min(contrast.shape) < 2 * MIN_SIDE:
        return True
    if np.count_nonzero((sampled > FAINT) & (sampled < math.ceil(0.4 * darkest))) > MAX_BETWEEN * sampled.size:
        return False
    # Ruled paper has at least two rules, each from side to side. Hardly any drawing crosses two opposite sides twice.
    top, bottom, left, right = (_crossings(side > FAINT) for side in sides)
    return min(top, bottom) < 2 and min(left, right) < 2


def _sides(band: Ink) -> tuple[Ink, Ink, Ink, Ink]:
    return band[0], band[-1], band[:, 0], band[:, -1]


def separate(image: Image.Image) -> Ink | None:
    """Separate the writing in the middle of a photograph from paper, light, rules, and marks at its edges.

    Returns (H, W) uint8 of at most SIDE pixels a side: 0 for paper, 255 for the median darkness of the writing. Returns
    None where the image is too narrow to tell.
    """
    grey = _shrink(image)
    if min(grey.shape) < MIN_SIDE:
        return None
    if _is_light_on_dark(grey):
        grey = 255 - grey
    window = int(MAX_STROKE * max(grey.shape))
    dark, paper = _divide(grey, window)
    rules = ruled_lines.find(dark)
    dark = morphology.smooth(ruled_lines.lift(dark, rules))
    mask, seeds, least = _find_writing(dark, paper, rules)
    narrower = int(2 * foreground.stroke_width(seeds if seeds.any() else dark > dark.max() / 2) + 5)
    if narrower < window:
        dark, paper = _divide(grey, narrower)
        dark = morphology.smooth(ruled_lines.lift(dark, rules))
        mask, seeds, least = _find_writing(dark, paper, rules)
    if not seeds.any():
        return np.zeros(grey.shape, np.uint8)
    core = float(np.median(dark[seeds]))
    least *= 0.7
    ink = (dark - least) * (255 / max(core - least, 0.02))
    around = morphology.grow(mask, 1)  # with its soft edge
    return np.rint(np.where(around, ink, 0).clip(0, 255)).astype(np.uint8)


def _find_writing(dark: Floats, paper: Floats, rules: Floats) -> tuple[Mask, Mask, float]:
    """Find the writing's ink: all of it, the certain part, and the part of the light that it absorbs at least."""
    # Noise is constant in levels, so it is a larger part of the light in shadows.
    levels = (dark * paper)[::2, ::2]
    grain = float(np.median(levels))
    noise = 1.4826 * float(np.median(np.abs(levels - grain)))
    darkest = float(np.quantile(_middle(dark), 0.998))
    # The remains of a removed rule, and of its edges, must not count as ink.
    beside = morphology.grow(rules, 2)
    uncertain = (grain + 3.5 * noise) / np.maximum(paper, 1) + np.maximum(0.75 * rules, 0.4 * beside)
    least = max(0.8 * MIN_DARKNESS, 0.25 * darkest)
    inked = dark > np.maximum(least, uncertain)
    seeds = dark > np.maximum(max(MIN_DARKNESS, 0.45 * darkest), 1.5 * np.maximum(uncertain, beside))
    inked &= morphology.grow(seeds, round(FAINT_REACH * max(dark.shape)))
    mask = foreground.select(np.where(inked, dark, 0), seeds)
    return mask, mask & seeds, least


def _crossings(inked: Mask) -> int:
    return int(np.count_nonzero(inked[1:] & ~inked[:-1])) + int(inked[0])


def _shrink(image: Image.Image) -> Ink:
    grey = image.convert("L")
    scale = SIDE / max(grey.size)
    if scale < 1:
        size = max(1, round(grey.width * scale)), max(1, round(grey.height * scale))
        grey = grey.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(grey)


def _is_light_on_dark(grey: Ink) -> bool:
    """Tell whether the writing is lighter than its background, like chalk on a board."""
    small = Image.fromarray(grey).reduce(3) if min(grey.shape) > 3 * MIN_SIDE else Image.fromarray(grey)
    levels = np.asarray(small, np.float32)
    # Compared with the local mean, paper between broad strokes stands out less than the strokes.
    around = np.asarray(small.filter(ImageFilter.BoxBlur(max(levels.shape) / 8)), np.float32)
    darker, lighter = np.quantile(_middle(around - levels), (0.998, 0.002)) * (1, -1)
    if lighter < 1.3 * darker:
        return False
    # Light between shadows may be as bright, but it is not as narrow as strokes.
    window = int(MAX_STROKE / 3 * max(levels.shape))
    gaps, lines = (
        _middle(morphology.close(levels, window) - levels),
        _middle(levels + morphology.close(-levels, window)),
    )
    return bool(np.count_nonzero(lines > lighter / 3) > 1.5 * np.count_nonzero(gaps > lighter / 3))


def _divide(grey: Ink, window: int) -> tuple[Floats, Floats]:
    """Return, for each pixel, the part of the light that is absorbed and the level of the paper."""
    # Without the blur, the maximum of each window would be noise.
    calm = np.asarray(Image.fromarray(grey).filter(ImageFilter.BoxBlur(1)))
    paper = morphology.close(calm, window).astype(np.float32)
    return (1 - grey / np.maximum(paper, 1)).astype(np.float32), paper


def _middle(values: Floats) -> Floats:
    height, width = values.shape
    return values[height // 8 : height - height // 8, width // 8 : width - width // 8]
