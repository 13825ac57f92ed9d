"""Images of numbers, composed of pen digits side by side: any size, any pen, digits apart or touching."""

import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.canvas import Points, draw_strokes, encode

HEIGHTS = (44.0, 130.0)  # of the digits, in pixels
PENS = (0.05, 0.16)  # of that height
GROWTH = 0.12  # the standard deviation of the logarithm of a digit's size in its number
UNEVEN = 0.07  # that of its baseline, in heights
GAPS = (0.06, 0.45)  # between neighbours' ink where they are apart, in heights
TOUCHING = (0.05, 0.25)  # where they touch: how far into one another at the closest place, in pen widths
OVERLAPPING = (0.25, 0.6)  # where they run into one another

Strokes = Sequence[Points]
Writer = Mapping[int, Sequence[Strokes]]  # digits, by label


def four_digits(random: np.random.Generator) -> str:
    """Make up four digits."""
    return _digits(4, random)


def postal_code(random: np.random.Generator) -> str:
    """Make up five digits."""
    return _digits(5, random)


def any_length(random: np.random.Generator) -> str:
    """Make up 1 to 12 digits."""
    return _digits(int(random.integers(1, 13)), random)


def signed_decimal(random: np.random.Generator) -> str:
    """Make up a number with a decimal point, a minus sign or both."""
    point, minus = [(True, False), (False, True), (True, True)][int(random.integers(3))]
    text = _digits(int(random.integers(1, 4)), random)
    return "-" * minus + text + ("." + _digits(int(random.integers(1, 4)), random)) * point


def _digits(count: int, random: np.random.Generator) -> str:
    return "".join(map(str, random.integers(0, 10, count)))


Overlap = tuple[float, float] | None
KINDS: Mapping[str, tuple[Callable[[np.random.Generator], str], Overlap, int]] = {  # what, how close, how many
    "four digits apart": (four_digits, None, 1000),
    "four digits touching": (four_digits, TOUCHING, 1000),
    "four digits overlapping": (four_digits, OVERLAPPING, 500),
    "1 to 12 digits apart": (any_length, None, 500),
    "decimals and negatives": (signed_decimal, None, 500),
    "a postal code, apart": (postal_code, None, 200),
    "a postal code, touching": (postal_code, TOUCHING, 200),
}


def composed(kind: str, writers: Sequence[Writer], seed: int, count: int | None = None) -> list[tuple[str, bytes]]:
    """Compose the numbers of a kind, by default as many as it has: their texts and PNG files."""
    make_text, overlap, usual = KINDS[kind]
    random = np.random.default_rng([seed, list(KINDS).index(kind)])
    numbers = []
    for _ in range(count or usual):
        text = make_text(random)
        numbers.append((text, compose(text, writers[int(random.integers(len(writers)))], random, overlap)))
    return numbers


def compose(text: str, writer: Writer, random: np.random.Generator, overlap: Overlap = None) -> bytes:
    """Write `text` with the digits of one writer, as a PNG file. Points and minus signs touch no neighbour.

    Digits touch none, either, unless `overlap` says how far their ink overlaps: from and to, in pen widths.
    """
    height = float(np.exp(random.uniform(*np.log(HEIGHTS))))
    pen = float(np.clip(random.uniform(*PENS) * height, 2.5, None))
    placed: list[Strokes] = []
    for character in text:
        strokes = _written(character, writer, height, random)
        if placed:
            apart = overlap is None or not (character.isdigit() and text[len(placed) - 1].isdigit())
            gap = random.uniform(*GAPS) * height + 2 if apart else -random.uniform(*overlap) * pen
            shift = max(_shift(before, strokes, pen) for before in placed[-2:]) + gap
            strokes = [points + np.array((shift, 0)) for points in strokes]
        placed.append(strokes)
    paths = [points for strokes in placed for points in strokes]
    margin = random.uniform(0.15, 0.8, 4) * height + pen
    low, high = np.concatenate(paths).min(axis=0) - margin[:2], np.concatenate(paths).max(axis=0) + margin[2:]
    size = np.ceil(high - low).astype(int).tolist()
    return encode(draw_strokes([points - low for points in paths], pen, *size).convert("RGB"), compress_level=1)


def _written(character: str, writer: Writer, height: float, random: np.random.Generator) -> Strokes:
    """Write one character: its baseline near 0, its left edge at 0."""
    if character == ".":
        end = random.uniform(-0.05, 0.1, 2) * height * (random.random() < 0.5)  # a dot, or a short stroke
        return [np.array([(0, 0), (-end[0], abs(end[1]))]) - (min(0, -end[0]), 0.04 * height)]
    if character == "-":
        rise = random.uniform(0.35, 0.65) * -height
        return [np.array([(0, rise), (random.uniform(0.3, 0.6) * height, rise + random.normal(0, 0.04) * height)])]
    choices = writer[int(character)]
    digit = choices[int(random.integers(len(choices)))]
    points = np.concatenate(digit)
    scale = height * np.exp(random.normal(0, GROWTH)) / max(float(np.ptp(points[:, 1])), 1.0)
    left, bottom = points[:, 0].min(), points[:, 1].max()
    drop = random.normal(0, UNEVEN) * height
    return [(stroke - (left, bottom)) * scale + (0, drop) for stroke in digit]


def _shift(before: Strokes, after: Strokes, pen: float) -> float:
    """Return how far `after` moves to the right until its ink just touches that of `before`."""
    first, second = (_dense(strokes, pen / 4) for strokes in (before, after))
    reach = -np.inf
    for part in np.array_split(second, max(1, len(second) // 200)):
        drop = np.abs(first[:, None, 1] - part[None, :, 1])
        across = np.sqrt(np.maximum(pen**2 - drop**2, 0))  # two round pens meet at this distance
        reach = max(reach, float(np.where(drop < pen, first[:, None, 0] - part[None, :, 0] + across, -np.inf).max()))
    if np.isfinite(reach):
        return reach
    return float(first[:, 0].max() - second[:, 0].min() + pen)  # they have no row in common, as a bar above


def _dense(strokes: Strokes, step: float) -> Points:
    """Put points on the strokes at most `step` apart."""
    dense = []
    for points in strokes:
        for start, end in itertools.pairwise(points):
            parts = int(np.ceil(np.hypot(*(end - start)) / step)) + 1
            dense.append(start + (end - start) * np.linspace(0, 1, parts)[:, None])
        dense.append(points[-1:])
    return np.concatenate(dense)
