"""What is no digit: letters and signs, scribbles, dots, pieces of digits, several digits at once, pages and pictures.

A network that only ever saw digits has an answer for everything. These are made so that it can learn to refuse. They
are for training and for validation; what decides is how well letters are refused that real people wrote.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from model.data import templates
from model.data.pen_digits import PenDigit
from model.data.templates import Points
from model.preprocessing import strokes
from model.preprocessing.normalize import Ink

Digits = Mapping[int, Sequence[PenDigit]]  # by label
Maker = Callable[[Digits, np.random.Generator], Ink]
T = TypeVar("T")

THINNEST: Final = 0.03  # pen width as a part of the longer side
THICKEST: Final = 0.2
# Halves of digits that are not digits themselves, as a wrong cut between two digits leaves them. The right half of an 8
# is a 3, that of a 4 is a 1.
LEFT_HALVES: Final = frozenset({0, 2, 3, 5, 8})
RIGHT_HALVES: Final = frozenset({0, 2, 5, 6})
MIRRORED: Final = frozenset({3, 4, 6, 7, 9})  # a mirrored 2 or 5 may be meant for the other
QUARTER_TURNED: Final = frozenset({1, 2, 3, 4, 5, 7, 8})  # on its side, an 8 is a sign and a 1 is a dash
HALF_TURNED: Final = frozenset({3, 4, 7})


def by_label(digits: Sequence[PenDigit]) -> Digits:
    """Group digits for the makers to choose among: if there are none, digits from templates."""
    found: dict[int, list[PenDigit]] = {}
    for digit in templates.or_templates(digits):
        found.setdefault(digit.label, []).append(digit)
    return found


def make(kinds: Sequence[str], digits: Digits, random: np.random.Generator) -> Ink:
    """Make one of `kinds`, each as often as its share says. Some are made from `digits`.

    Returns (H, W) uint8, 0 for paper and 255 for ink, never empty.
    """
    shares = np.array([SHARES[kind] for kind in kinds])
    return KINDS[kinds[random.choice(len(kinds), p=shares / shares.sum())]](digits, random)


def letter(digits: Digits, random: np.random.Generator) -> Ink:
    """Write a letter or a sign."""
    return _draw(templates.write(_any(list(templates.OTHERS.values()), random), random), random)


def scribble(digits: Digits, random: np.random.Generator) -> Ink:
    """Let the pen wander: smooth or with corners, here and there or to and fro."""
    count = int(random.integers(7, 25))
    points = random.uniform(0, 1, (count, 2))
    if random.random() < 0.5:  # to and fro, moving on slowly
        points[:, 0] = np.arange(count) % 2 + random.normal(0, 0.15, count)
        points[:, 1] = np.linspace(0, random.uniform(0.4, 1.5), count) + random.normal(0, 0.03, count)
        points = points @ templates.rotation(random.uniform(0, 180))
    return _draw([templates.curve(points) if random.random() < 0.7 else points], random)


def dots(digits: Digits, random: np.random.Generator) -> Ink:
    """Put down a few dots, or a single one."""
    places = random.uniform(0, 1, (int(random.integers(1, 6)), 2))
    return strokes.draw([place[None] for place in places], width=random.uniform(0.03, 0.25))


def dashes(digits: Digits, random: np.random.Generator) -> Ink:
    """Draw level lines: the bar of a 5 alone, a minus, an underlining."""
    rows = np.sort(random.uniform(0, 0.6, int(random.integers(1, 4))))
    lines = [np.array([[random.uniform(0, 0.2), row], [random.uniform(0.8, 1), row]]) for row in rows]
    return _draw([line + random.normal(0, 0.04, line.shape) for line in lines], random)


def half(digits: Digits, random: np.random.Generator) -> Ink:
    """Cut a digit upright near its middle and keep the smaller side."""
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
        some = _placed(_digit(digits, random), random)
        width = max(float(np.concatenate(some)[:, 0].max()), 0.15)
        drop = random.normal(0, 0.08)
        written += [points + np.array((edge, drop)) for points in some]
        edge += width + random.uniform(-0.1, 0.35)
    return _draw(written, random, thickest=0.1)


def overlapping(digits: Digits, random: np.random.Generator) -> Ink:
    """Write two digits over one another."""
    first, second = (_placed(_digit(digits, random), random) for _ in range(2))
    if not (_broad(first) and _broad(second)):  # a bar through a digit may well be the crossing of a 7
        return several(digits, random)
    apart = random.uniform(0.15, 0.4, 2) * random.choice([-1, 1], 2)
    return _draw([*first, *(points + apart for points in second)], random, thickest=0.12)


def mirrored(digits: Digits, random: np.random.Generator) -> Ink:
    """Mirror a digit."""
    digit = _digit(digits, random, MIRRORED)
    return _draw([points * (-1, 1) for points in digit.strokes], random)


def turned(digits: Digits, random: np.random.Generator) -> Ink:
    """Turn a digit on its side, or upside down."""
    if random.random() < 0.7:
        digit, angle = _digit(digits, random, QUARTER_TURNED), random.choice([-90, 90])
    else:
        digit, angle = _digit(digits, random, HALF_TURNED), 180
    return _draw([points @ templates.rotation(angle + random.normal(0, 8)) for points in digit.strokes], random)


def page(digits: Digits, random: np.random.Generator) -> Ink:
    """Fill a page with lines of small writing."""
    written: list[Points] = []
    rows, columns = int(random.integers(2, 7)), int(random.integers(4, 14))
    for row in range(rows):
        for column in range(int(columns * random.uniform(0.4, 1))):
            if random.random() < 0.85:
                some = templates.write(_any(list(templates.OTHERS.values()), random), random)
                written += [points + np.array((column * 0.9, row * 1.6)) for points in some]
    return _draw(written, random, thickest=0.03) if written else scribble(digits, random)


def picture(digits: Digits, random: np.random.Generator) -> Ink:
    """Paint patches of grey, as a photograph has them."""
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
    ink: Ink = (blurred + grain).clip(0, 255).astype(np.uint8)
    ink[0, 0] = 255  # never empty
    return ink


KINDS: Final[Mapping[str, Maker]] = {
    "letter": letter,
    "scribble": scribble,
    "dots": dots,
    "dashes": dashes,
    "half": half,
    "several": several,
    "overlapping": overlapping,
    "mirrored": mirrored,
    "turned": turned,
    "page": page,
    "picture": picture,
}
SHARES: Final[Mapping[str, float]] = {name: 6.0 if name == "letter" else 1.0 for name in KINDS}


def _draw(written: Sequence[Points], random: np.random.Generator, thickest: float = THICKEST) -> Ink:
    everything = np.concatenate(written)
    extent = float(np.ptp(everything, axis=0).max()) or 1.0
    thinnest = min(THINNEST, thickest / 2)
    part = np.exp(random.uniform(np.log(thinnest), np.log(thickest)))
    return strokes.draw(written, width=part * extent / (1 - part), longer_side=int(random.integers(28, 113)))


def _placed(digit: PenDigit, random: np.random.Generator) -> list[Points]:
    """Move a digit to the origin, about 1 high."""
    everything = np.concatenate(digit.strokes)
    low = everything.min(axis=0)
    size = random.uniform(0.8, 1.2) / max(float(np.ptp(everything[:, 1])), 1e-6)
    return [(points - low) * size for points in digit.strokes]


def _broad(written: Sequence[Points]) -> bool:
    return float(np.ptp(np.concatenate(written)[:, 0])) > 0.35


def _digit(digits: Digits, random: np.random.Generator, among: frozenset[int] = frozenset(range(10))) -> PenDigit:
    return _any(digits[_any(sorted(among & digits.keys()) or sorted(digits), random)], random)


def _any(choices: Sequence[T], random: np.random.Generator) -> T:
    return choices[int(random.integers(len(choices)))]
