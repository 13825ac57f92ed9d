"""Images of numbers, composed of pen digits side by side: any size, any pen, digits apart or touching."""

import io
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from benchmarks.canvas import Points, draw_strokes, encode
from benchmarks.scenes.files import INKS, photographed, pick
from benchmarks.tally import NO_DIGIT

HEIGHTS = (44.0, 130.0)  # of the digits, in pixels
PENS = (0.05, 0.16)  # of that height
GROWTH = 0.12  # the standard deviation of the logarithm of a digit's size in its number
UNEVEN = 0.07  # that of its baseline, in heights
GAPS = (0.06, 0.45)  # between neighbours' ink where they are apart, in heights
TOUCHING = (0.05, 0.25)  # where they touch: how far into one another at the closest place, in pen widths
OVERLAPPING = (0.25, 0.6)  # where they run into one another
LOW, BELOW = ".,/", 0.12  # signs that may stand below a neighbour, as below the bar of a 7, and how far, in heights
LETTERS = "AEFHKMNPRTWXYaefhkmnrtwx"  # those of pen-dev; nobody can take them for a digit

Strokes = Sequence[Points]
Writer = Mapping[str, Sequence[Strokes]]  # by digit, or letter


RING = np.stack([np.sin(np.linspace(0, 2 * np.pi, 12)), np.cos(np.linspace(0, 2 * np.pi, 12))], axis=1)
SIGNS: Mapping[str, Strokes] = {  # in heights: the base line at 0, the tops of digits at -1
    ",": [np.array([(0.08, -0.06), (0.1, 0.04), (0.0, 0.18)])],
    "/": [np.array([(0.42, -1.08), (0.2, -0.5), (0.0, 0.1)])],
    "+": [np.array([(0.0, -0.45), (0.5, -0.47)]), np.array([(0.25, -0.72), (0.24, -0.2)])],
    ":": [np.array([(0.0, -0.66), (0.02, -0.64)]), np.array([(0.0, -0.16), (0.02, -0.14)])],
    "%": [np.array([(0.66, -0.98), (0.04, 0.02)]), 0.13 * RING + (0.15, -0.8), 0.13 * RING + (0.6, -0.16)],
}


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


def date_or_time(random: np.random.Generator) -> str:
    """Make up a date, a time, a fraction, a percentage or a phone number."""
    day, month, year = int(random.integers(1, 32)), int(random.integers(1, 13)), int(random.integers(1950, 2050))
    hour, minute = int(random.integers(24)), int(random.integers(60))
    return [
        f"{year}-{month:02d}-{day:02d}", f"{month:02d}/{day:02d}/{year}", f"{day}.{month}.{year}",
        f"{hour}:{minute:02d}",
        _digits(1, random) + "/" + _digits(int(random.integers(1, 3)), random),
        _digits(int(random.integers(1, 3)), random) + "%",
        "-".join(_digits(count, random) for count in (3, 3, 4)),
        _digits(1, random) + "," + _digits(3, random) + "," + _digits(3, random),
        "+" + _digits(2, random),
    ][int(random.integers(9))]  # fmt: skip


def lines(random: np.random.Generator) -> str:
    """Make up two or three lines of 2 to 6 digits."""
    return "\n".join(_digits(int(random.integers(2, 7)), random) for _ in range(int(random.integers(2, 4))))


def with_letters(random: np.random.Generator) -> str:
    """Make up a word, or a number with a letter in it."""
    letters = random.choice(list(LETTERS), int(random.integers(1, 6))).tolist()
    digits = list(_digits(int(random.integers(0, 4)), random))
    together = letters + digits
    return "".join(random.permutation(together).tolist()) if len(together) > 1 else letters[0] * 2


Overlap = tuple[float, float] | None
FAR = (0.5, 3.0)  # gaps of digits far apart, in heights


@dataclass(frozen=True)
class Kind:
    """What is written, how far neighbours run into one another, how many, and the gaps where they do not."""

    text: Callable[[np.random.Generator], str]
    overlap: Overlap
    count: int
    gaps: tuple[float, float] = GAPS
    photographed: bool = False
    letters: bool = False  # among what is written, so that it is no number


KINDS: Mapping[str, Kind] = {
    "four digits apart": Kind(four_digits, None, 1000),
    "four digits touching": Kind(four_digits, TOUCHING, 1000),
    "four digits overlapping": Kind(four_digits, OVERLAPPING, 500),
    "1 to 12 digits apart": Kind(any_length, None, 500),
    "decimals and negatives": Kind(signed_decimal, None, 500),
    "a postal code, apart": Kind(postal_code, None, 200),
    "a postal code, touching": Kind(postal_code, TOUCHING, 200),
    "dates, times and the like": Kind(date_or_time, None, 500),
    "two and three lines": Kind(lines, None, 500),
    "digits far apart": Kind(four_digits, None, 500, FAR),
    "digits far apart, photographed": Kind(four_digits, None, 200, FAR, photographed=True),
    "four digits, photographed": Kind(four_digits, None, 200, photographed=True),
    "dates and times, photographed": Kind(date_or_time, None, 200, photographed=True),
    "words, and numbers with letters": Kind(with_letters, None, 1000, letters=True),
    "two and three lines, photographed": Kind(lines, None, 200, photographed=True),
}


def composed(name: str, writers: Sequence[Writer], seed: int, count: int | None = None) -> list[tuple[str, bytes]]:
    """Compose the numbers of a kind, by default as many as it has: their texts, or NO_DIGIT, and image files."""
    kind = KINDS[name]
    random = np.random.default_rng([seed, list(KINDS).index(name)])
    numbers = []
    for _ in range(count or kind.count):
        text = kind.text(random)
        writer = writers[int(random.integers(len(writers)))]
        image = compose(text, writer, random, kind.overlap, kind.gaps)
        label = NO_DIGIT if kind.letters else text
        numbers.append((label, _photographed(image, random) if kind.photographed else image))
    return numbers


def _photographed(image: bytes, random: np.random.Generator) -> bytes:
    """Write a number on paper with a coloured pen, and photograph it."""
    ink = 255 - np.asarray(Image.open(io.BytesIO(image)).convert("L"))
    room = np.pad(ink, int(0.3 * ink.shape[0]))
    cover = room[..., None] / np.float32(255)
    paper = np.array(random.uniform(215, 250) + random.normal(0, 4, 3), np.float32)
    page = paper + cover * random.uniform(0.75, 1) * (np.array(pick(random, INKS), np.float32) - paper)
    return photographed(Image.fromarray(page.clip(0, 255).astype(np.uint8)), random)


def compose(
    text: str, writer: Writer, random: np.random.Generator, overlap: Overlap = None, gaps: tuple[float, float] = GAPS
) -> bytes:
    """Write the lines of `text` with the digits of one writer, as a PNG file.

    Signs touch no neighbour, and stand beside it: in the hollow of a 5, nobody could tell a minus sign from its bar.
    Digits touch none, either, unless `overlap` says how far their ink overlaps: from and to, in pen widths.
    """
    height = float(np.exp(random.uniform(*np.log(HEIGHTS))))
    pen = float(np.clip(random.uniform(*PENS) * height, 2.5, None))
    first, *others = text.split("\n")
    paths = _line(first, writer, random, height, pen, overlap, gaps)
    slope = random.normal(0, 0.04) if others else 0.0
    for number, line in enumerate(others, start=1):
        place = random.uniform(-0.5, 1.5) * height, number * random.uniform(1.6, 2.0) * height
        paths += [points + place for points in _line(line, writer, random, height, pen, overlap, gaps)]
    paths = [points @ np.array([[1, slope], [0, 1]]) for points in paths]
    margin = random.uniform(0.15, 0.8, 4) * height + pen
    low, high = np.concatenate(paths).min(axis=0) - margin[:2], np.concatenate(paths).max(axis=0) + margin[2:]
    size = np.ceil(high - low).astype(int).tolist()
    return encode(draw_strokes([points - low for points in paths], pen, *size).convert("RGB"), compress_level=1)


def _line(
    text: str, writer: Writer, random: np.random.Generator, height: float, pen: float, overlap: Overlap,
    gaps: tuple[float, float],
) -> list[Points]:  # fmt: skip
    placed: list[Strokes] = []
    for character in text:
        strokes = _written(character, writer, height, random)
        if placed:
            pair = text[len(placed) - 1] + character
            apart = overlap is None or not pair.isdigit()
            gap = random.uniform(*gaps) * height + 2 if apart else -random.uniform(*overlap) * pen
            shift = max(_shift(before, strokes, pen) for before in placed[-2:]) + gap
            if not pair.isalnum():
                right = max(float(points[:, 0].max()) for before in placed for points in before)
                left = min(float(points[:, 0].min()) for points in strokes)
                below = BELOW if any(sign in LOW for sign in pair) else -0.05
                shift = max(shift, right + pen - left - below * height)
            strokes = [points + np.array((shift, 0)) for points in strokes]
        placed.append(strokes)
    return [points for strokes in placed for points in strokes]


def _written(character: str, writer: Writer, height: float, random: np.random.Generator) -> Strokes:
    """Write one character: its baseline near 0, its left edge at 0."""
    if character == ".":
        end = random.uniform(-0.05, 0.1, 2) * height * (random.random() < 0.5)  # a dot, or a short stroke
        return [np.array([(0, 0), (-end[0], abs(end[1]))]) - (min(0, -end[0]), 0.04 * height)]
    if character == "-":
        rise = random.uniform(0.35, 0.65) * -height
        return [np.array([(0, rise), (random.uniform(0.3, 0.6) * height, rise + random.normal(0, 0.04) * height)])]
    if character in SIGNS:
        grown, lift = random.uniform(0.85, 1.15) * height, random.normal(0, 0.02) * height
        return [(points + random.normal(0, 0.015, points.shape)) * grown + (0, lift) for points in SIGNS[character]]
    choices = writer[character]
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
