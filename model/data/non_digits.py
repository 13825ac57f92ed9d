"""Non-digits: letters and signs, scribbles, dots, parts of digits, several digits at once, pages and pictures.

A network that has seen digits only reads a digit in everything. From these images it learns rejection. They serve
training and validation; the real measure is the rejection of letters that people wrote.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from model.data import sampling, templates
from model.data.pen_digits import PenDigit
from model.data.sampling import rotation
from model.data.stroke_variation import vary_strokes
from model.preprocessing import strokes
from model.preprocessing.arrays import Ink, Points

Digits = Mapping[int, Sequence[PenDigit]]  # by label
Maker = Callable[[Digits, np.random.Generator], Ink]
T = TypeVar("T")
_draw = partial(sampling.draw, max_pen=0.2)  # of the longer side

# Digits of which this half is not a digit itself: a wrong cut between two digits leaves such halves. The right half of
# an 8 is a 3, and that of a 4 is a 1.
LEFT_HALVES: Final = frozenset({0, 2, 3, 5, 8})
RIGHT_HALVES: Final = frozenset({0, 2, 5, 6})
MIRRORED: Final = frozenset({3, 4, 6, 7, 9})  # a mirrored 2 may be a 5, and a mirrored 5 a 2
QUARTER_TURNED: Final = frozenset({1, 2, 3, 4, 5, 7, 8})  # on its side, an 8 is the sign for infinity and a 1 is a dash
HALF_TURNED: Final = frozenset({3, 4, 7})
VARIED: Final = 0.6  # of the letters and signs


def by_label(digits: Sequence[PenDigit]) -> Digits:
    """Group digits by label; if there are none, digits from templates."""
    groups: dict[int, list[PenDigit]] = {}
    for digit in templates.or_templates(digits):
        groups.setdefault(digit.label, []).append(digit)
    return groups


def make(kinds: Sequence[str], digits: Digits, random: np.random.Generator) -> Ink:
    """Make a non-digit of a kind that is chosen from `kinds` by its share. Some are made from `digits`.

    Returns (H, W) uint8, 0 for paper and 255 for ink, never blank.
    """
    shares = np.array([SHARES[kind] for kind in kinds])
    return KINDS[kinds[random.choice(len(kinds), p=shares / shares.sum())]](digits, random)


def letter(digits: Digits, random: np.random.Generator) -> Ink:
    """Write a letter or a sign, mostly as another hand than the template's would."""
    written = templates.write(_choose(list(templates.OTHERS.values()), random), random, templates.OF_LETTERS)
    return _draw(vary_strokes(written, random) if random.random() < VARIED else written, random)


def scribble(digits: Digits, random: np.random.Generator) -> Ink:
    """Scribble with smooth curves or corners, in random directions or back and forth."""
    count = int(random.integers(7, 25))
    points = random.uniform(0, 1, (count, 2))
    if random.random() < 0.5:  # back and forth, moving on slowly
        points[:, 0] = np.arange(count) % 2 + random.normal(0, 0.15, count)
        points[:, 1] = np.linspace(0, random.uniform(0.4, 1.5), count) + random.normal(0, 0.03, count)
        points = points @ rotation(np.radians(random.uniform(0, 180)))
    return _draw([templates.curve(points) if random.random() < 0.7 else points], random)


def dots(digits: Digits, random: np.random.Generator) -> Ink:
    """Draw one dot or a few."""
    places = random.uniform(0, 1, (int(random.integers(1, 6)), 2))
    return strokes.draw([place[None] for place in places], width=random.uniform(0.03, 0.25))


def dashes(digits: Digits, random: np.random.Generator) -> Ink:
    """Draw horizontal lines: the bar of a 5 alone, a minus sign, an underline."""
    rows = np.sort(random.uniform(0, 0.6, int(random.integers(1, 4))))
    lines = [np.array([[random.uniform(0, 0.2), row], [random.uniform(0.8, 1), row]]) for row in rows]
    return _draw([line + random.normal(0, 0.04, line.shape) for line in lines], random)


def half(digits: Digits, random: np.random.Generator) -> Ink:
    """Cut a digit vertically near its middle and return the smaller side."""
    left = random.random() < 0.5
    digit = _digit(digits, random, LEFT_HALVES if left else RIGHT_HALVES)
    ink = _draw(digit.strokes, random)
    size = max(1, round(ink.shape[1] * random.uniform(0.3, 0.5)))
    return ink[:, :size] if left else ink[:, -size:]


def several(digits: Digits, random: np.random.Generator) -> Ink:
    """Write two to five digits side by side, apart or touching."""
    written: list[Points] = []
    edge = 0.0
    for _ in range(int(random.integers(2, 6))):
        placed = _at_origin(_digit(digits, random), random)
        width = max(float(np.concatenate(placed)[:, 0].max()), 0.15)
        drop = random.normal(0, 0.08)
        written += [points + np.array((edge, drop)) for points in placed]
        edge += width + random.uniform(-0.1, 0.35)
    return _draw(written, random, max_pen=0.1)


def overlapping(digits: Digits, random: np.random.Generator) -> Ink:
    """Write two digits over one another."""
    first, second = (_at_origin(_digit(digits, random), random) for _ in range(2))
    if not (_is_wide(first) and _is_wide(second)):  # a bar through a digit may be that of a crossed 7
        return several(digits, random)
    offset = random.uniform(0.15, 0.4, 2) * random.choice([-1, 1], 2)
    return _draw([*first, *(points + offset for points in second)], random, max_pen=0.12)


def mirrored(digits: Digits, random: np.random.Generator) -> Ink:
    """Mirror a digit."""
    digit = _digit(digits, random, MIRRORED)
    return _draw([points * (-1, 1) for points in digit.strokes], random)


def turned(digits: Digits, random: np.random.Generator) -> Ink:
    """Rotate a digit by about 90° or 180°."""
    if random.random() < 0.7:
        digit, angle = _digit(digits, random, QUARTER_TURNED), random.choice([-90, 90])
    else:
        digit, angle = _digit(digits, random, HALF_TURNED), 180
    return _draw([points @ rotation(np.radians(angle + random.normal(0, 8))) for points in digit.strokes], random)


def page(digits: Digits, random: np.random.Generator) -> Ink:
    """Fill a page with lines of small writing."""
    written: list[Points] = []
    rows, columns = int(random.integers(2, 7)), int(random.integers(4, 14))
    for row in range(rows):
        for column in range(int(columns * random.uniform(0.4, 1))):
            if random.random() < 0.85:
                placed = templates.write(_choose(list(templates.OTHERS.values()), random), random)
                written += [points + np.array((column * 0.9, row * 1.6)) for points in placed]
    return _draw(written, random, max_pen=0.03) if written else scribble(digits, random)


def picture(digits: Digits, random: np.random.Generator) -> Ink:
    """Paint patches of grey, as in a photograph."""
    side = 96
    canvas = Image.new("L", (side, side), int(random.integers(0, 80)))
    brush = ImageDraw.Draw(canvas)
    for _ in range(int(random.integers(2, 12))):
        corners = [tuple(corner) for corner in random.uniform(-20, side + 20, (int(random.integers(3, 7)), 2)).tolist()]
        grey = int(random.integers(0, 256))
        if random.random() < 0.5:
            brush.polygon(corners, fill=grey)
        else:
            (left, top), (right, bottom) = np.sort(np.array(corners[:2]), axis=0).tolist()
            brush.ellipse((left, top, right + 4, bottom + 4), fill=grey)
    blurred = np.asarray(canvas.filter(ImageFilter.GaussianBlur(random.uniform(0, 4))), np.float32)
    grain = random.normal(0, random.uniform(0, 25), blurred.shape)
    ink = (blurred + grain).clip(0, 255).astype(np.uint8)
    ink[0, 0] = 255  # never blank
    return ink


_MAKERS = (letter, scribble, dots, dashes, half, several, overlapping, mirrored, turned, page, picture)
KINDS: Final[Mapping[str, Maker]] = {maker.__name__: maker for maker in _MAKERS}
SHARES: Final[Mapping[str, float]] = {name: 6.0 if name == "letter" else 1.0 for name in KINDS}


def _at_origin(digit: PenDigit, random: np.random.Generator) -> list[Points]:
    """Move a digit to the origin, and scale it to a height of about 1."""
    everything = np.concatenate(digit.strokes)
    low = everything.min(axis=0)
    size = random.uniform(0.8, 1.2) / max(float(np.ptp(everything[:, 1])), 1e-6)
    return [(points - low) * size for points in digit.strokes]


def _is_wide(written: Sequence[Points]) -> bool:
    return float(np.ptp(np.concatenate(written)[:, 0])) > 0.35


def _digit(digits: Digits, random: np.random.Generator, among: frozenset[int] = frozenset(range(10))) -> PenDigit:
    return _choose(digits[_choose(sorted(among & digits.keys()) or sorted(digits), random)], random)


def _choose(choices: Sequence[T], random: np.random.Generator) -> T:
    return choices[int(random.integers(len(choices)))]
