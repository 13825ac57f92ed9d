"""Images on a flat background, as drawings, screenshots and MNIST have it: their ink is how far a pixel is from paper.

Whatever else may be on such an image (lines of a form, a frame, the page around a pad) is not told from ink here:
these images, and all whose background is not flat, need the ink network. Only from the smallest is grain cleared here.
"""

import functools
import math
from typing import Final, Literal

import numpy as np
from PIL import Image

from model.preprocessing.arrays import Ink, Mask, bounds
from model.preprocessing.components import dilated, find_components
from model.preprocessing.corners import has_corners
from model.preprocessing.normalize import BLANK_BELOW, EDGE_AT

MIN_SIDE: Final = 48  # in pixels, the shorter side: in smaller images, such as MNIST's, light and ink look alike
TOLERANCE: Final = 1  # in levels: what rounding adds to a flat background
MAX_NOISE: Final = 0.12  # of the border, neither paper nor ink: that of a scan has more
MAX_BETWEEN: Final = 0.12  # of the pixels, between paper and ink: the soft edges of strokes have fewer
FAINT: Final = 8  # in levels: what differs more from the paper is not paper
STROKE: Final = 0.4  # of the darkest ink: strokes are as dark
STRAIGHT: Final = 0.008  # of the ink's longer side: how far a printed line is from straight at most
THIN: Final = 0.1  # of the ink's longer side: printed lines are thinner
MAX_INK: Final = 0.85  # of the pixels: drawings cover less
FAINTER: Final = 1.3  # of the clear ink: the soft edges of strokes add less than faint print
DASH: Final = 2.0  # of its height: a dash is wider
DASHES: Final = 4  # in a row, at least, are a broken line
AT_END: Final = 0.15  # of the ink's height: it is no farther from the ink's upper or lower end
UNEVEN: Final = 2.0  # times a dash's median thickness: it is nowhere thicker
STEEPEST: Final = 0.1  # slope of a printed line
MIN_PAD: Final = 0.3  # of the image's shorter side: a rectangle of paper is larger, a straight stroke narrower
MAX_EDGE: Final = 0.5  # of the border: drawings touch less of it
STRIP: Final = 0.06  # of the image's width: what lies beside the paper may be as narrow
ALONG: Final = 0.9  # of a side of the image: it is at least as long
FILLED: Final = 0.3  # of that side: it may be broken
MAX_GRAIN: Final = 0.15  # of the darkest ink: three quarters of the border of a small image with grain are fainter
ABOVE_GRAIN: Final = 4  # times that level: hardly any grain is as dark


def flat_ink(image: Image.Image) -> Ink | None:
    """Measure how far each pixel is from the paper, lighter or darker, in any colour. Alpha is ignored.

    The colour of the paper is the median along the image's edges. Returns (H, W) uint8: 0 for paper, up to 255 for the
    greatest difference from it; None where the background is not flat, or has printed lines. Grain is cleared from
    images under 48 pixels, and from no others.
    """
    bands = _bands(image)
    grey = contrast_to_paper(bands[0] if len(bands) == 1 else np.asarray(image.convert("L")))
    flat, small = is_flat(grey), max(grey.shape) < MIN_SIDE
    if not flat and not small:
        return None
    ink = grey if len(bands) == 1 else functools.reduce(np.maximum, map(contrast_to_paper, bands))
    if small:
        cleared = _without_grain(ink)
        return cleared if cleared is not None or not flat else ink
    return None if has_print(ink) else ink


def _without_grain(ink: Ink) -> Ink | None:
    """Clear what lies away from strokes and is not joined to them by darker ink than grain is.

    In small images the ink network loses strokes, and grain would widen the crop, so that the digit came out smaller.
    `ink` (H, W) is not changed. Returns None where there is no grain, or where it may be a shadow.
    """
    border: Ink = np.concatenate(_sides(ink))
    third_quartile = 3 * len(border) // 4
    grain, darkest = int(np.partition(border, third_quartile)[third_quartile]), int(ink.max())
    if not TOLERANCE < grain < MAX_GRAIN * darkest:
        return None
    darker = ink > min(ABOVE_GRAIN * grain, int(STROKE * darkest))
    strokes = ink > int(STROKE * darkest)
    while not np.array_equal(strokes, grown := dilated(strokes) & darker):  # a hairline is no darker than a speck
        strokes = grown
    return np.where(dilated(strokes), ink, 0).astype(np.uint8)  # their soft edges are as faint as grain


def _bands(image: Image.Image) -> list[Ink]:
    """Split the colours into contiguous arrays, which are quick to work on; a grey image gives one."""
    if image.mode == "RGBA":  # as canvases are: a pixel is one number, red in its lowest byte
        pixels = np.asarray(image).view("<u4")[:, :, 0]
        unequal = pixels >> 8
        unequal ^= pixels
        unequal &= 0xFFFF
        if not unequal.any():
            return [pixels.astype(np.uint8)]
    red, *others = [np.asarray(band) for band in image.split()[:3]]
    return [red] if all(np.array_equal(red, other) for other in others) else [red, *others]


def contrast_to_paper(band: Ink) -> Ink:
    """Return how far each level of `band`, (H, W), is from that of the paper: the median along the image's edges."""
    edges = np.concatenate(_sides(band))
    paper = np.partition(edges, len(edges) // 2)[len(edges) // 2]
    if paper in (0, 255):
        return band ^ paper  # the same, in a sixth of the time
    return np.abs(band.astype(np.int16) - paper).astype(np.uint8)


def is_flat(contrast: Ink) -> bool:
    """Tell whether a grey image has a background of one level, as drawings, screenshots and MNIST have.

    `contrast`, (H, W), is what `contrast_to_paper` returns. A flat background meets four conditions:
    nearly all of the border has the level of paper or of ink, which grain, noise and uneven light rule out; nothing
    fainter than a stroke lies away from the strokes, as dust and haze do; few pixels lie between paper and ink, which a
    shadow on overexposed paper rules out; and no rules cross the image.
    """
    sides = _sides(contrast)
    border: Ink = np.concatenate(sides)
    if 2 * np.count_nonzero(border <= TOLERANCE) < len(border):
        return False
    sampled = _sampled(contrast)
    darkest = int(sampled.max())
    noise = np.count_nonzero((border > TOLERANCE) & (border < darkest // 4))
    if max(contrast.shape) >= MIN_SIDE and noise > MAX_NOISE * len(border):
        return False
    if darkest < BLANK_BELOW or max(contrast.shape) < MIN_SIDE:
        return True
    if _has_dust(sampled, darkest):
        return False
    if min(contrast.shape) < 2 * MIN_SIDE:  # soft edges cover much, but the paper of a photograph has grain
        return bool(2 * np.count_nonzero(sampled <= TOLERANCE) >= np.count_nonzero(sampled <= FAINT))
    fainter = np.count_nonzero(sampled < math.ceil(STROKE * darkest)) - np.count_nonzero(sampled <= FAINT)
    if fainter > MAX_BETWEEN * sampled.size:
        return False
    # Ruled paper has at least two rules, each from side to side. Hardly any drawing crosses two opposite sides twice.
    top, bottom, left, right = (_crossings(side > FAINT) for side in sides)
    return min(top, bottom) < 2 and min(left, right) < 2


def _has_dust(contrast: Ink, darkest: int) -> bool:
    """Tell whether anything away from the strokes, (H, W), is fainter than they are, and would widen the crop."""
    levels = int(STROKE * darkest), max(FAINT, int(darkest * EDGE_AT)) + 1
    (top, bottom, left, right), faint = bounds(contrast, *levels)
    around = max(3, len(contrast) // 60)
    return (
        faint[0] < top - around or faint[1] > bottom + around or faint[2] < left - around or faint[3] > right + around
    )


def has_print(ink: Ink) -> bool:
    """Tell whether the ink (H, W) of a flat image is more than a drawing: a frame, lines, a page around the paper.

    Drawings touch little of the image's border. The lines of a form, thin and straight, make a side of the ink that is
    at least as long as the ink is high, or goes from edge to edge of the image, or three sides of a box; boxes that
    the writing crosses, or that stand apart, have corners, also where their lines are faint. A row of dashes above or
    below everything else is such a line, too. A large rectangle is paper on a page of another colour, and a narrow
    strip along an edge, away from the ink, is where the sheet ends.
    """
    mask = _sampled(ink) > max(BLANK_BELOW, int(ink.max()) // 3)
    if max(ink.shape) < MIN_SIDE or not mask.any():
        return False
    if np.count_nonzero(mask) > MAX_INK * mask.size:
        return True
    if max(np.count_nonzero(side) / len(side) for side in _sides(mask)) > MAX_EDGE:
        return True
    if any(_has_strip(seen) for seen in (mask, mask[::-1], mask.T, mask.T[::-1])):
        return True
    whole_height, whole_width = mask.shape
    mask = _cut(mask)
    height, width = mask.shape
    is_high, is_wide = height >= whole_height - 2, width >= min(height, whole_width - 2)
    sides: list[Literal["line", "edge"] | None] = []
    for seen in (mask, mask[:, ::-1], mask.T, mask.T[:, ::-1]):  # from the left, the right, above and below
        sides.append(_side(seen))
        if sides.count(None) > 1 and not is_high and not is_wide:
            break  # one straight side tells something only of high or wide ink, else three do
    upright, level = sides[:2].count("line"), sides[2:].count("line")
    if upright == 1 and is_high:
        return True
    if level and is_wide:
        return width >= whole_width - 2 or not _only_dashes(mask)
    large = min(height, width) > MIN_PAD * min(whole_height, whole_width)
    if level + upright >= 3 or (large and sides.count(None) <= 1) or has_corners(mask) or _has_broken_line(mask):
        return True
    fainter = _sampled(ink) > BLANK_BELOW
    return bool(np.count_nonzero(fainter) > FAINTER * np.count_nonzero(mask)) and has_corners(_cut(fainter))


def _has_strip(seen: Mask) -> bool:
    """Tell whether something narrow lies along the upper edge of a mask, away from the ink, as a sheet's end does."""
    if not seen[0].any():
        return False
    inked: Mask = np.asarray(seen[: int(STRIP * len(seen)) + 2].any(axis=1))
    depth = int(inked.argmin())
    if inked[depth]:
        return False
    along = np.flatnonzero(seen[:depth].any(axis=0))
    return bool(len(along) > FILLED * seen.shape[1] and along[-1] - along[0] > ALONG * seen.shape[1])


def _cut(mask: Mask) -> Mask:
    [(top, bottom, left, right)] = bounds(mask.view(np.uint8), 1)
    return mask[top:bottom, left:right]


def _only_dashes(mask: Mask) -> bool:
    """Tell whether there is nothing but dashes: somebody drew them."""
    parts = find_components(mask)
    return all(
        right - left > DASH * (bottom - top) and _is_solid(parts.labels[top:bottom, left:right] == label)
        for label, (left, top, right, bottom) in enumerate(parts.boxes.tolist(), start=1)
    )


def _has_broken_line(mask: Mask) -> bool:
    """Tell whether dashes lie in a row above or below everything else; between digits, they are hyphens."""
    if len(np.flatnonzero(np.diff(mask.any(axis=0), prepend=False))) < 2 * DASHES - 1:
        return False  # runs of columns with ink: components take longer
    left, top, right, bottom = find_components(mask).boxes.T
    middle, x = (top + bottom) / 2, (left + right) / 2
    is_dash = (right - left > DASH * (bottom - top)) & (bottom - top <= max(2.0, THIN * len(mask)))
    if is_dash.all():
        return False
    for row in (is_dash & (middle < len(mask) / 2), is_dash & (middle >= len(mask) / 2)):
        if np.count_nonzero(row) < DASHES:
            continue
        centre = x[row].mean()
        spread = float((x[row] - centre) @ (x[row] - centre))
        if not spread:  # one above the other
            continue
        slope = float((x[row] - centre) @ middle[row]) / spread  # least squares
        level = middle - slope * (x - centre)
        tops, bottoms = top - slope * (x - centre), bottom - slope * (x - centre)
        height, at = float(bottoms.max() - tops.min()), float(level[row].mean())
        if abs(slope) > STEEPEST or np.ptp(level[row]) > max(3.0, THIN * height):
            continue
        if min(at - tops.min(), bottoms.max() - at) <= AT_END * height:
            return True
    return False


def _is_solid(mask: Mask) -> bool:
    """Tell whether a part has about as much ink in each column, unlike a comb with its teeth, or cells."""
    thickness = np.sort(mask.sum(axis=0))
    return bool(thickness[-1] <= UNEVEN * thickness[len(thickness) // 2] + 1)


def _side(seen: Mask) -> Literal["line", "edge"] | None:
    """Tell whether a side of a mask is straight: a thin line, or the edge of something larger.

    `seen` (width, height) goes from that side into the ink.
    """
    width, height = seen.shape
    longer = max(height, width)
    inner = np.ascontiguousarray(seen[width // 20 : width - width // 20])
    first = inner.argmax(axis=1)
    count = len(first)
    if count < 2 or not inner[first == 0, 0].all():  # 0 is also the answer where there is no ink
        return None
    fitted = np.arange(count) - (count - 1) / 2
    slope = float(fitted @ first) / float(fitted @ fitted)  # least squares
    if abs(slope) > STEEPEST:
        return None
    away = np.abs(first - int(first.sum()) / count - slope * fitted)
    if np.count_nonzero(away > max(1.0, STRAIGHT * longer)) > 0.05 * count:
        return None
    most = max(2, int(THIN * longer))
    below = inner[np.arange(count)[:, None], np.minimum(first[:, None] + np.arange(most + 2), height - 1)]
    thickness = np.sort(np.logical_and.accumulate(below, axis=1).sum(axis=1))
    return "line" if thickness[(count - 1) // 2] + thickness[count // 2] <= 2 * most else "edge"  # the median


def _sampled(values: Ink) -> Ink:
    step = max(1, max(values.shape) // 500)
    return values[::step, ::step]


def _sides(band: Ink | Mask) -> tuple[Ink | Mask, ...]:
    return band[0], band[-1], band[:, 0], band[:, -1]


def _crossings(inked: Mask) -> int:
    return int(np.count_nonzero(inked[1:] & ~inked[:-1])) + int(inked[0])
