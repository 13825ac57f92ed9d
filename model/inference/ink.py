"""Ink from image files: by its contrast where the paper is flat, and found by the ink network everywhere else."""

import functools
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from PIL import Image

from model.errors import DigitpadError
from model.files import WEIGHTS
from model.inference.engines.sized import SizedNetwork
from model.networks.description import INK_CLASSES, INK_STEP
from model.preprocessing.arrays import Floats, Ink, Mask
from model.preprocessing.components import LARGE, dilated, find_components, line_height
from model.preprocessing.flat import flat_ink
from model.preprocessing.image_files import decode_and_measure
from model.preprocessing.normalize import Paper, Scan

SIDE: Final = 192  # in pixels: the longer side of a picture that the network looks at
WIDE: Final = 1.6  # of its height: what is wider is a row
ROW: Final = 160  # in pixels, the height of a row that is looked at
LONGEST: Final = 3 * SIDE  # in pixels, its width at most
LINE: Final = 48  # in pixels, the height of digits in several lines that are looked at
LARGEST: Final = 2 * SIDE  # in pixels, the longer side of such a picture at most
SEVERAL: Final = 1.9  # times the height of its digits: writing that is higher than this, of at least PARTS digits
PARTS: Final = 4
CERTAIN: Final = 0.4  # the probability of ink from which it counts
FAINT, FULL = 0.15, 0.9  # probabilities that become no ink, and full ink
CLOSER: Final = 0.55  # of the picture: smaller writing is looked at again, from nearer
MARGIN: Final = 0.35  # of the writing's shorter side, around it in the second look
NARROW: Final = 0.8  # of the longer side: the shorter one counts as at least this, so that a 1 has room at its ends
AHEAD: Final = 2.5  # of a row's height: so far to both sides of it the second look reaches
DIM: Final = 0.015  # the probability from which a spot away from all ink may be a point or a colon
AWAY: Final = 3  # pixels from ink: its edges are dim, too
PRINTED: Final = 0.01  # of the picture: what is printed covers at least this

Box = tuple[int, int, int, int]  # left, top, right, bottom, in pixels


class NoInkNetwork(DigitpadError):
    """An image needs the ink network, which is not there."""


class InkFinder(SizedNetwork):
    """Finds ink in pictures of paper, forms, boards and screens."""

    name = "ink"
    classes = INK_CLASSES
    size = INK_STEP, 2 * INK_STEP
    outputs = (len(INK_CLASSES), *size)

    def find(self, image: Image.Image) -> Scan:
        """Find the ink in a picture, with its place there in pixels.

        The whole picture is looked at first. Where the writing fills a small part of it, that part is looked at again;
        several lines and rows of digits in more pixels, rows beyond their ends, too, where the first look may have
        missed a small digit.
        """
        image = image.convert("RGB")
        whole = (0, 0, *image.size)
        ink, printed = self._look(image, whole, SIDE)
        box, scale = _box(ink > CERTAIN), max(image.size) / max(ink.shape)
        seen = _scan(printed, whole) if np.count_nonzero(printed > CERTAIN) > PRINTED * printed.size else None
        if box is None:
            return _scan(np.zeros_like(ink), whole, seen)
        nearer = _around(box, scale, image.size)
        across, down = nearer[2] - nearer[0], nearer[3] - nearer[1]
        if across > WIDE * down:
            ahead = round(AHEAD * (box[3] - box[1]) * scale)
            nearer = max(0, nearer[0] - ahead), nearer[1], min(image.width, nearer[2] + ahead), nearer[3]
            side = min(round(ROW * (nearer[2] - nearer[0]) / down), LONGEST)
        elif (height := _height_in_lines(ink > CERTAIN)) is not None:
            side = min(max(SIDE, round(LINE * max(across, down) / (height * scale))), LARGEST)
        elif max(across, down) <= CLOSER * max(image.size):
            side = SIDE
        else:
            return _scan(ink, whole, seen)
        closer = self._look(image, nearer, side)[0]
        return _scan(closer, nearer, seen, _lost(ink, scale, closer, nearer))

    def _look(self, image: Image.Image, box: Box, side: int) -> Floats:
        """Look at a part of a picture. Returns the probabilities of ink and print, (2, height, width).

        `side` is the longer of both in pixels.
        """
        across, down = box[2] - box[0], box[3] - box[1]
        scale = side / max(across, down)
        width, height = max(1, round(across * scale)), max(1, round(down * scale))
        fitted = image.resize((width, height), Image.Resampling.BILINEAR, box, reducing_gap=2.0)
        room = (SIDE - height, SIDE - width) if side == SIDE else (-height % INK_STEP, -width % INK_STEP)
        padded = np.pad(np.asarray(fitted), ((0, room[0]), (0, room[1]), (0, 0)), mode="edge")
        logits = self.run(np.ascontiguousarray(padded.transpose(2, 0, 1))[None])[0, :, :height, :width]
        chances: Floats = 1 / (1 + np.exp(-logits.clip(-30, 30)))
        return chances


def read_ink(data: bytes, finder: InkFinder | None) -> Ink:
    """Decode an image file and separate its ink from paper: (H, W) uint8, 0 for paper. Raises what `read_scan` does."""
    return read_scan(data, finder).ink


def read_scan(data: bytes, finder: InkFinder | None) -> Scan:
    """Decode an image file and separate its ink from paper, with its place in pixels of the upright image in the file.

    Raises NothingToRead, UnknownFormat, TooLarge or Undecodable; and NoInkNetwork where `finder` would be needed.
    """
    image, sent = decode_and_measure(data)
    ink = flat_ink(image)
    if ink is not None:
        return Scan(ink, sent / max(ink.shape))
    if finder is None:
        raise NoInkNetwork(
            "This image is a photograph or a scan, and reading it needs the ink network: put ink.safetensors beside "
            "the other weights, or train it with `python train.py --network ink`."
        )
    return finder.find(image).magnified(sent / max(image.size))  # decoding may have reduced the image


def ink_reader() -> Callable[[bytes], Ink]:
    """Return `read_ink` with the ink network in weights/, which is loaded when it is first needed."""
    finder = functools.cache(lambda: InkFinder.in_folder(WEIGHTS))
    return lambda data: read_ink(data, finder())


def _scan(chances: Floats, box: Box, printed: Scan | None = None, lost: Sequence[Box] = ()) -> Scan:
    paper: Paper = ("print",) if printed else ()
    ink: Ink = np.rint((chances - FAINT) * (255 / (FULL - FAINT))).clip(0, 255).astype(np.uint8)
    return Scan(ink, (box[2] - box[0]) / ink.shape[1], box[0], box[1], paper, printed, (*_misses(chances), *lost))


def _misses(chances: Floats) -> tuple[Box, ...]:
    """Find dim spots between the ends of the ink, in its rows or a little below them, in pixels: (left, top, w, h)."""
    box = _box(chances > CERTAIN)
    if box is None:
        return ()
    near = chances > FAINT
    for _ in range(AWAY):
        near = dilated(near)
    left, top, right, bottom = box
    around = slice(top, bottom + (bottom - top) // 4), slice(left, right)
    dim = (chances[around] > DIM) & ~near[around]
    if not dim.any():
        return ()
    spots = find_components(dim).boxes.tolist()
    return tuple((left + x, top + y, end - x, below - y) for x, y, end, below in spots)


def _lost(first: Floats, scale: float, closer: Floats, place: Box) -> list[Box]:
    """Find spots between the ends of the ink where a first look saw ink, and a closer one, of `place`, sees none.

    A pixel of the first look is `scale` wide in the picture. Returns boxes as `_misses` does, in pixels of the closer.
    """
    box = _box(closer > CERTAIN)
    if box is None:
        return []
    left, top, right, bottom = box
    pixel = (place[2] - place[0]) / closer.shape[1]
    spots = (find_components(first > FAINT).boxes * scale - (place[:2] * 2)) / pixel
    low, high = np.floor(spots[:, :2]).astype(int), np.ceil(spots[:, 2:]).astype(int)
    return [
        (x, y, end - x, below - y)
        for (x, y), (end, below) in zip(low.tolist(), high.tolist(), strict=True)
        if left <= x and end <= right and top <= y and below <= bottom + (bottom - top) // 4
        and closer[y:below, x:end].max(initial=0) <= FAINT
    ]  # fmt: skip


def _height_in_lines(mask: Mask) -> float | None:
    """Return the height of digits in pixels where the ink has several lines of them, and else None."""
    parts = find_components(mask)
    if len(parts) < PARTS:
        return None
    height = line_height(parts.boxes, parts.areas)
    digits = parts.boxes[parts.boxes[:, 3] - parts.boxes[:, 1] >= LARGE * height]
    is_higher = digits[:, 3].max() - digits[:, 1].min() > SEVERAL * height
    return height if is_higher and len(digits) >= PARTS else None


def _box(mask: Mask) -> Box | None:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1) if len(rows) else None


def _around(box: Box, scale: float, size: tuple[int, int]) -> Box:
    """Scale a box, and grow it by the margin of a second look, within an image of `size`."""
    left, top, right, bottom = (side * scale for side in box)
    margin = max(MARGIN * max(min(right - left, bottom - top), NARROW * max(right - left, bottom - top)), 2 * scale)
    return (
        max(0, int(left - margin)), max(0, int(top - margin)),
        min(size[0], int(right + margin) + 1), min(size[1], int(bottom + margin) + 1),
    )  # fmt: skip
