"""Images of every kind, and what the Python code makes of them: the reader in the browser must make the same of them.

All files are lossless, so that a browser decodes the same pixels. The drawings are those of these tests.
"""

import base64
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from model.inference.numbers import read_scan_of_number
from model.inference.recognizer import Reading, Recognizer
from model.preprocessing import strokes
from model.preprocessing.image_files import InkError
from model.preprocessing.normalize import normalize
from tests.helpers import photographs
from tests.helpers.drawings import DRAWINGS, encode
from tests.helpers.number_images import strokes_of

DIGITS = "0123456789"
Made = Image.Image | np.ndarray


@dataclass(frozen=True)
class Vector:
    """An image file, whether it is read as one digit or as a number, and what is made of it; see `_of_reading`."""

    kind: str
    file: bytes
    is_number: bool
    expected: dict[str, Any]

    def question(self) -> dict[str, Any]:
        return {"file": base64.b64encode(self.file).decode(), "isNumber": self.is_number}


def make(recognizer: Recognizer, counts: dict[str, int], seed: int = 21) -> Iterator[Vector]:
    """Make so many vectors of each kind."""
    for kind, count in counts.items():
        random = np.random.default_rng([seed, *kind.encode()])
        maker, is_number = KINDS[kind]
        for _ in range(count):
            image = maker(random)
            picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
            file = encode(picture, compress_level=1)
            yield Vector(kind, file, is_number, expect(recognizer, file, is_number))


def expect(recognizer: Recognizer, file: bytes, is_number: bool) -> dict[str, Any]:
    try:
        scan = recognizer.scan(file)
    except InkError as error:
        return {"problem": str(error)}
    if not is_number:
        reading = recognizer.read_placed([scan.place()])[0]
        described = _of_reading(recognizer, reading)
        return {"answer": reading.label, "verdict": reading.verdict, "digits": [described]}
    number = read_scan_of_number(recognizer, scan)
    digits = [{**_of_reading(recognizer, digit.reading), "box": digit.box} for digit in number.digits]
    lines = [[line.text, line.verdict, line.confidence, line.box] for line in number.lines]
    return {"answer": number.text, "verdict": number.verdict, "digits": digits, "lines": lines}


def _of_reading(recognizer: Recognizer, reading: Reading) -> dict[str, Any]:
    """Describe a digit: its 28×28 image, the logits of the first look, its probabilities and its alternatives."""
    return {
        "seen": reading.seen.ravel(),
        "logits": recognizer.logits(reading.seen[None])[0],
        "probabilities": list(reading.probabilities.values()),
        "alternatives": list(reading.alternatives),
    }


def moved(random: np.random.Generator, drawing: Sequence[Any]) -> list[np.ndarray]:
    """Turn, slant and stretch a drawing, and shake the hand: a little, or until the digit is hard to read."""
    angle, slant = random.uniform(-0.25, 0.25), random.uniform(-0.4, 0.4)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    change = turn @ np.array([[1, 0], [slant, 1]]) @ np.diag(random.uniform(0.7, 1.3, 2))
    shake = np.exp(random.uniform(-1, 2.2))
    return [np.asarray(stroke, float) @ change + random.normal(0, shake, (len(stroke), 2)) for stroke in drawing]


def ink(random: np.random.Generator, drawing: Sequence[Any], longest: int = 170) -> np.ndarray:
    pen = random.uniform(2.5, 22)
    return strokes.draw(moved(random, drawing), width=pen, longer_side=int(random.integers(30, longest)))


def digit(random: np.random.Generator) -> list[Any]:
    return DRAWINGS[str(random.choice(list(DIGITS)))]


def on_canvas(random: np.random.Generator, drawn: np.ndarray) -> np.ndarray:
    """Put ink (h, w) anywhere on a canvas."""
    height, width = (int(side + random.integers(4, 130)) for side in drawn.shape)
    top, left = (
        int(random.integers(0, room - side + 1)) for room, side in zip((height, width), drawn.shape, strict=True)
    )
    canvas = np.zeros((height, width), np.uint8)
    canvas[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
    return canvas


def black_on_white(random: np.random.Generator) -> Image.Image:
    return Image.fromarray(255 - on_canvas(random, ink(random, digit(random)))).convert("RGB")


def light_on_dark(random: np.random.Generator) -> np.ndarray:
    paper, pen = int(random.integers(0, 60)), int(random.integers(130, 256))
    canvas = on_canvas(random, ink(random, digit(random)))
    return (paper + canvas / 255 * (pen - paper)).round().astype(np.uint8)


def coloured(random: np.random.Generator) -> np.ndarray:
    canvas = on_canvas(random, ink(random, digit(random)))[..., None] / 255
    paper, pen = random.integers(0, 256, (2, 3))
    return (paper + canvas * (pen - paper)).round().astype(np.uint8)


def transparent(random: np.random.Generator) -> np.ndarray:
    """Draw in one colour on nothing; a few images are half opaque at most."""
    canvas = on_canvas(random, ink(random, digit(random)))
    colour = np.broadcast_to(random.choice([0, 30, 200, 255], 3).astype(np.uint8), (*canvas.shape, 3))
    return np.dstack([colour, (canvas * random.choice([1, 1, 0.6])).astype(np.uint8)])


def like_mnist(random: np.random.Generator) -> np.ndarray:
    image = normalize(ink(random, digit(random)))
    return 255 - image if random.random() < 0.3 else image


def blank(random: np.random.Generator) -> np.ndarray:
    shape = tuple(random.integers(8, 300, 2))
    level = int(random.integers(20, 236))
    return np.full(shape, level, np.uint8) + random.integers(0, int(random.choice([1, 2, 20])), shape, np.uint8)


def scribble(random: np.random.Generator) -> Image.Image:
    drawing = [random.uniform(0, 100, (int(random.integers(2, 12)), 2)) for _ in range(int(random.integers(1, 5)))]
    return Image.fromarray(255 - on_canvas(random, ink(random, drawing))).convert("RGB")


def small(random: np.random.Generator) -> np.ndarray:
    drawn = strokes.draw(moved(random, digit(random)), width=12, longer_side=int(random.integers(6, 36)))
    return 255 - np.pad(drawn, int(random.integers(1, 6)))


def grainy(random: np.random.Generator) -> np.ndarray:
    """Add noise to an image of MNIST's size, on black, grey or white paper; some is too much."""
    paper = random.choice([0, 120, 255])
    image = abs(int(paper) - normalize(ink(random, digit(random))).astype(float) * (0.5 if paper == 120 else 1))
    return (image + random.normal(0, random.uniform(2, 30), image.shape)).clip(0, 255).astype(np.uint8)


def bits(random: np.random.Generator) -> np.ndarray:
    """Save a drawing as 0 and 1, or up to 5 as few would read it."""
    canvas = on_canvas(random, ink(random, digit(random)))
    return (canvas > 127).astype(np.uint8) * np.uint8(random.choice([1, 1, 1, 5]))


def large(random: np.random.Generator) -> np.ndarray:
    side = int(random.integers(1500, 2700))
    drawn = strokes.draw(moved(random, digit(random)), width=random.uniform(4, 20), longer_side=side)
    return 255 - np.pad(drawn, int(random.integers(50, 300)))


def written(random: np.random.Generator, most: int = 5) -> list[Any]:
    text = "".join(random.choice(list(DIGITS), int(random.integers(2, most + 1))))
    if random.random() < 0.3:
        text = f"{text[:-1]}.{text[-1]}" if random.random() < 0.5 else f"-{text}"
    return strokes_of(text, gap=float(random.uniform(-8, 60)), drops=(0, float(random.uniform(-15, 15))))


def number(random: np.random.Generator) -> Image.Image:
    drawing = [np.asarray(stroke, float) + random.normal(0, 1, (len(stroke), 2)) for stroke in written(random)]
    row = strokes.draw_row(drawing, width=random.uniform(3, 16)).ink
    return Image.fromarray(255 - on_canvas(random, row)).convert("RGB")


def rings(random: np.random.Generator) -> Image.Image:
    """Write a number that ends in an 8 whose two rings do not meet."""
    ring = 0.45 * np.asarray(DRAWINGS["0"][0], float)
    eight = [ring, ring + np.array([random.uniform(-13, 13), 50])]
    drawing = [*strokes_of("17", gap=20), *(stroke + np.array([230, 0]) for stroke in eight)]
    row = strokes.draw_row([np.asarray(stroke, float) for stroke in drawing], width=random.uniform(3, 8)).ink
    return Image.fromarray(255 - on_canvas(random, row)).convert("RGB")


def in_lines(random: np.random.Generator) -> list[Any]:
    rows = [written(random, 3), written(random, 4), written(random, 3)]
    return [np.add(stroke, (0, 150 * line)) for line, row in enumerate(rows) for stroke in row]


def lines(random: np.random.Generator) -> Image.Image:
    rows = [strokes.draw_row(written(random, 3), width=random.uniform(5, 12)).ink for _ in range(2)]
    page = np.zeros((sum(len(row) + 30 for row in rows), max(row.shape[1] for row in rows) + 40), np.uint8)
    top = 15
    for row in rows:
        page[top : top + len(row), 20 : 20 + row.shape[1]] = row
        top += len(row) + 30
    return Image.fromarray(255 - page)


def framed(random: np.random.Generator) -> np.ndarray:
    """Print a box around a digit: the ink network is asked."""
    drawn = np.pad(ink(random, digit(random)), 25)
    drawn[:3], drawn[-3:], drawn[:, :3], drawn[:, -3:] = 255, 255, 255, 255
    return 255 - np.pad(drawn, 20)


def crossed(random: np.random.Generator) -> np.ndarray:
    """Print a box whose right side goes through a digit, or the fields of an empty comb."""
    if random.random() < 0.3:
        page = np.zeros((140, 400), np.uint8)
        page[100:103, 40:361] = 255
        page[int(random.integers(60, 90)) : 100, 40:361:80] = 255
        return 255 - page
    drawn = np.pad(ink(random, digit(random)), 12)
    height, width = drawn.shape
    page = np.pad(drawn, ((40, 40), (height, 40)))
    left, right, top, bottom = height // 3, height + int(width * random.uniform(0.3, 0.7)), 36, height + 44
    for line in (np.s_[top : top + 3, left:right], np.s_[bottom - 3 : bottom, left:right]):
        page[line] = 255
    page[top:bottom, left : left + 3] = page[top:bottom, right - 3 : right] = 255
    return 255 - page


def card(random: np.random.Generator) -> np.ndarray:
    """Leave the end of the sheet along one edge, broken or not, or only a piece of it."""
    page = np.pad(ink(random, digit(random)), 24)
    end, length = int(random.integers(1, 4)), page.shape[1]
    page[:end, int(random.choice([0, 0, length // 2])) :: int(random.choice([1, 3]))] = 220
    return 255 - np.rot90(page, int(random.integers(4)))


def dashed(random: np.random.Generator) -> Image.Image:
    """Print a broken line below a number, or hyphens between its digits."""
    row = np.pad(strokes.draw_row(written(random, 4), width=random.uniform(3, 9)).ink, ((30, 30), (20, 20)))
    level = int(random.choice([8, len(row) // 2, len(row) - 10]))
    dash = int(random.integers(12, 30))
    for left in range(20, row.shape[1] - 20 - dash, 2 * dash):
        row[level : level + 3, left : left + dash] = 255
    return Image.fromarray(255 - row).convert("RGB")


def photograph(random: np.random.Generator, drawing: Callable[[np.random.Generator], list[Any]] = digit) -> Image.Image:
    conditions = photographs.random_conditions(random, (300, 560))
    return photographs.photograph(moved(random, drawing(random)), conditions, random)


KINDS: dict[str, tuple[Callable[[np.random.Generator], Made], bool]] = {
    "black on white": (black_on_white, False),
    "light on dark": (light_on_dark, False),
    "coloured": (coloured, False),
    "transparent": (transparent, False),
    "like MNIST": (like_mnist, False),
    "blank": (blank, False),
    "scribble": (scribble, False),
    "small": (small, False),
    "grainy": (grainy, False),
    "bits": (bits, False),
    "large": (large, False),
    "number": (number, True),
    "one digit": (black_on_white, True),
    "a scribble as a number": (scribble, True),
    "lines": (lines, True),
    "rings": (rings, True),
    "framed": (framed, False),
    "crossed": (crossed, False),
    "card": (card, False),
    "dashed": (dashed, True),
    "photograph": (photograph, False),
    "photographed lines": (functools.partial(photograph, drawing=in_lines), True),
    "photographed number": (functools.partial(photograph, drawing=functools.partial(written, most=3)), True),
}
