"""Seeded requests of every kind: digits, numbers, letters, photographs, rare file formats, batches, faulty bodies."""

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.canvas import SIDE, Sample, draw, encode, load_json
from benchmarks.composed_numbers import TOUCHING, compose
from benchmarks.same_answers.faulty import FORM, JSON, Body, all_faults, form, to_base64, to_png

ROOT = Path(__file__).parents[2]
SEED = 0
SIGNED = ("2024", "-17", "3.14", "905", "-0.5", "60", "1.75", "8", "42198", "7", "365.25", "11")
ENCODINGS = (
    ("JPEG", "L", {"quality": 70}),
    ("JPEG", "RGB", {"quality": 15}),
    ("JPEG", "CMYK", {}),
    ("JPEG", "RGB", {"progressive": True}),
    ("WEBP", "RGB", {"quality": 60}),
    ("WEBP", "RGBA", {"lossless": True}),
    ("GIF", "P", {}),
    ("GIF", "L", {}),
    ("BMP", "1", {}),
    ("BMP", "RGB", {}),
    ("PNG", "P", {}),
    ("PNG", "1", {}),
)

Random = np.random.Generator


@dataclass
class Sources:
    """What the requests are made of. Every list is in a random order, so that its beginning is a sample of it."""

    mnist: NDArray[np.uint8]  # (N, 28, 28), white on black
    digits: list[Sample]
    letters: list[Sample] = field(default_factory=list)
    files: dict[str, list[Path]] = field(default_factory=dict)  # by kind


@dataclass(frozen=True)
class Request:
    """One body, to be sent to every endpoint that reads."""

    kind: str
    content_type: str
    content: bytes


def from_data(folder: Path) -> Sources:
    """Take the MNIST test split, the strokes of pen-dev and the real images below `folder`."""
    raw = (folder / "MNIST" / "raw" / "t10k-images-idx3-ubyte").read_bytes()
    mnist = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 28, 28)
    digits, letters = (_shuffled(load_json(folder / "pen-dev" / f"{name}.json.gz")) for name in ("strokes", "letters"))
    folders = {
        "photographs": ("photos", "photos_cs114", "photos_inverted"),
        "cut-outs": ("paper90x140", "charset62", "canvas"),
        "real numbers": ("numbers_car_a", "numbers_meza"),
        "real non-digits": ("nondigit_charset62", "nondigit_greek", "nondigit_bhmsds"),
    }
    files = {
        kind: _shuffled([path for name in names for path in _images(folder / "real" / name)])
        for kind, names in folders.items()
    }
    return Sources(mnist[np.random.default_rng(SEED).permutation(len(mnist))], digits, letters, files)


def from_fixtures() -> Sources:
    """Take the drawings that the tests use and the digits of docs/: less of everything, and no letters."""
    strokes = json.loads((ROOT / "tests" / "fixtures" / "strokes.json").read_text())
    digits = _images(ROOT / "docs" / "digits")
    small = [255 - np.asarray(Image.open(path).convert("L").resize((28, 28))) for path in digits]
    samples = [Sample(label, "", [np.array(stroke) for stroke in drawn]) for label, drawn in strokes.items()]
    return Sources(np.stack(small), samples, files={"images of docs/": digits})


def requests(sources: Sources, count: int) -> Iterator[Request]:
    """Yield about `count` requests, by kind. A smaller count gives the first ones of each kind."""
    made = {kind: (share, make) for kind, (share, make) in KINDS.items() if kind != "letters" or sources.letters}
    made |= {kind: (5, partial(_file, paths)) for kind, paths in sources.files.items() if paths}
    whole = sum(share for share, _ in made.values())
    for number, (kind, (share, make)) in enumerate(made.items()):
        for index in range(max(1, round(count * share / whole))):
            yield Request(kind, *make(sources, index, np.random.default_rng([SEED, number, index])))


def _images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".png", ".jpg"))


def _shuffled(items: list[Any]) -> list[Any]:
    return [items[i] for i in np.random.default_rng(SEED).permutation(len(items))]


def _mnist(sources: Sources, index: int, _random: Random) -> Body:
    return "image/png", to_png(Image.fromarray(sources.mnist[index % len(sources.mnist)]))


def _mnist_on_canvas(sources: Sources, index: int, random: Random) -> Body:
    """Enlarge an MNIST image onto a canvas. Every other one is black on white."""
    side = int(random.integers(28, 400))
    canvas = Image.new("L", (side + int(random.integers(0, 300)), side + int(random.integers(0, 300))))
    digit = Image.fromarray(sources.mnist[-1 - index % len(sources.mnist)]).resize((side, side))
    canvas.paste(digit, tuple(int(random.integers(0, room - side + 1)) for room in canvas.size))
    return "image/png", to_png(canvas.point(lambda value: 255 - value) if index % 2 else canvas)


def _drawing(sources: Sources, index: int, random: Random, text: str = "") -> Body:
    """Send strokes: without a width, with one, as objects with a width, and with pressure."""
    strokes = _line(sources, index, text, random)
    width = round(float(random.uniform(0.03, 0.2)) * max(np.ptp(np.concatenate(strokes), axis=0).max(), 1), 1)
    points = [stroke.round(1).tolist() for stroke in strokes]
    pressed = [[[x, y, round(float(random.uniform(0.3, 1.5)), 2)] for x, y in stroke] for stroke in points]
    forms: Sequence[Any] = (
        {"strokes": points},
        {"strokes": points, "width": width},
        {"strokes": [{"points": stroke, "width": width} for stroke in points]},
        {"strokes": [{"points": stroke, "width": width} for stroke in pressed]},
    )
    return JSON, json.dumps(forms[index % len(forms)]).encode()


def _line(sources: Sources, index: int, text: str, random: Random) -> list[NDArray[np.float64]]:
    """Return the strokes of one digit, or of the characters of `text` beside each other."""
    if not text:
        scale, offset = random.uniform(0.02, 1), random.uniform(0, 300, 2)
        return [stroke * scale + offset for stroke in sources.digits[index % len(sources.digits)].strokes]
    strokes: list[NDArray[np.float64]] = []
    edge = 0.0
    height = float(np.ptp(np.concatenate(sources.digits[index % len(sources.digits)].strokes)[:, 1])) or 1000.0
    signs = {".": [np.array([(0, 0.96), (0.03, 1)])], "-": [np.array([(0, 0.5), (0.4, 0.52)])]}
    for character in text:
        written = [points * height for points in signs.get(character, [])] or _written(sources, character, random)
        points = np.concatenate(written)
        strokes += [stroke + np.array((edge - points[:, 0].min(), 0)) for stroke in written]
        edge += float(np.ptp(points[:, 0])) + random.uniform(0.05, 0.4) * height
    return strokes


def _written(sources: Sources, label: str, random: Random) -> Sequence[NDArray[np.float64]]:
    choices = [sample for sample in sources.digits if sample.label == label]
    return choices[int(random.integers(len(choices)))].strokes


def _number_strokes(sources: Sources, index: int, random: Random) -> Body:
    """Draw a number; every third one has two lines."""
    kind, content = _drawing(sources, index, random, SIGNED[index % len(SIGNED)])
    if index % 3 or index % 4 > 1:
        return kind, content
    document = json.loads(content)
    below = json.loads(_drawing(sources, 4 * index, random, SIGNED[-1 - index % len(SIGNED)])[1])["strokes"]
    height = 1.6 * np.ptp([y for stroke in document["strokes"] for _, y in stroke])
    document["strokes"] += [[[x, round(y + height, 1)] for x, y in stroke] for stroke in below]
    return kind, json.dumps(document).encode()


def _canvas(sources: Sources, index: int, random: Random) -> Body:
    return "image/png", draw(sources.digits[-1 - index % len(sources.digits)], random)


def _letter(sources: Sources, index: int, random: Random) -> Body:
    return "image/png", draw(sources.letters[index % len(sources.letters)], random)


def _number(sources: Sources, index: int, random: Random) -> Body:
    """Draw a number on a canvas: its digits apart, or touching."""
    return "image/png", _number_png(sources, SIGNED[index % len(SIGNED)], TOUCHING if index % 2 else None, random)


def _number_png(sources: Sources, text: str, overlap: tuple[float, float] | None, random: Random) -> bytes:
    writer = {label: [_written(sources, label, random)] for label in sorted(set(text) - set(".-"))}
    return compose(text, writer, random, overlap)


def _lines(sources: Sources, index: int, random: Random) -> Body:
    """Write two numbers, one below the other."""
    images = [_open(_number_png(sources, SIGNED[(index + k) % len(SIGNED)], None, random)) for k in range(2)]
    page = Image.new("RGB", (max(image.width for image in images), sum(image.height for image in images)), "white")
    page.paste(images[0], (0, 0))
    page.paste(images[1], (0, images[0].height))
    return "image/png", to_png(page)


def _encoded(sources: Sources, index: int, random: Random) -> Body:
    name, mode, options = ENCODINGS[index % len(ENCODINGS)]
    return f"image/{name.lower()}", encode(_open(_canvas(sources, index, random)[1]).convert(mode), name, **options)


def _transparent(sources: Sources, index: int, random: Random) -> Body:
    """Put ink on transparent paper: black, white, coloured, grey; in RGBA, and in grey with alpha."""
    ink = _open(_canvas(sources, index, random)[1]).convert("L").point(lambda value: 255 - value)
    colour = ("black", "white", (30, 60, 200), (128, 128, 128))[index % 4]
    image = Image.new("RGBA", ink.size, colour)
    image.putalpha(ink)
    return "image/png", to_png(image.convert("LA") if index % 5 == 4 else image)


def _dark(sources: Sources, index: int, random: Random) -> Body:
    """Write with chalk on a green, grey or black board that is not even."""
    chalk = 1 - np.asarray(_open(_canvas(sources, index, random)[1]).convert("L"), float)[..., None] / 255
    board = np.array([(20, 60, 40), (50, 50, 55), (0, 0, 0)][index % 3])
    pixels = board + chalk * (random.uniform(150, 230) - board) + random.normal(0, 4, (SIDE, SIDE, 3))
    return "image/png", to_png(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)))


def _deep(sources: Sources, index: int, random: Random) -> Body:
    """Save 16-bit greys, some of them of low contrast."""
    grey = np.asarray(_open(_canvas(sources, index, random)[1]).convert("L"), np.uint16)
    factor, offset = ((257, 0), (100, 20_000), (16, 0))[index % 3]
    return "image/png", to_png(Image.fromarray(grey * np.uint16(factor) + np.uint16(offset)))


def _turned(sources: Sources, index: int, random: Random) -> Body:
    """Save a JPEG file with each of the orientations of EXIF."""
    image = _open(_number_png(sources, SIGNED[index % len(SIGNED)], None, random))
    exif = image.getexif()
    exif[0x0112] = 1 + index % 8
    return "image/jpeg", encode(image, "JPEG", exif=exif)


def _file(paths: Sequence[Path], _sources: Sources, index: int, _random: Random) -> Body:
    path = paths[index % len(paths)]
    return f"image/{'png' if path.suffix == '.png' else 'jpeg'}", path.read_bytes()


def _batch(sources: Sources, index: int, random: Random) -> Body:
    """Send several images: as files of a form, and as JSON. One batch in five holds an image that is cut off."""
    images = [(_mnist, _canvas, _number)[k % 3](sources, 7 * index + k, random)[1] for k in range(1 + index % 6)]
    if index % 5 == 4:
        images[-1] = images[-1][:-40]
    if index % 2:
        return FORM, form([("image", image) for image in images])
    prefix = ("", "data:image/png;base64,")[index // 2 % 2]
    return JSON, json.dumps({"images": [prefix + to_base64(image) for image in images]}).encode()


def _faulty(sources: Sources, index: int, random: Random) -> Body:
    """Send what cannot be read, or hardly: every fault first, then images with some bytes changed."""
    faults = all_faults(to_png(Image.fromarray(sources.mnist[0])))
    if index < len(faults):
        return faults[index]
    content = bytearray(_encoded(sources, index, random)[1])
    for _ in range(int(random.integers(1, 6))):
        content[int(random.integers(min(len(content), 200)))] = int(random.integers(256))
    return "image/png", bytes(content[: int(random.integers(len(content) // 2, 2 * len(content)))])


KINDS: Mapping[str, tuple[int, Callable[[Sources, int, Random], Body]]] = {  # its share, and what makes one
    "MNIST": (10, _mnist),
    "MNIST on a canvas": (7, _mnist_on_canvas),
    "strokes": (12, _drawing),
    "canvas": (12, _canvas),
    "numbers": (12, _number),
    "numbers as strokes": (6, _number_strokes),
    "numbers in lines": (2, _lines),
    "letters": (5, _letter),
    "encodings": (5, _encoded),
    "transparent": (3, _transparent),
    "dark boards": (3, _dark),
    "16-bit": (2, _deep),
    "EXIF": (2, _turned),
    "batches": (3, _batch),
    "faulty": (8, _faulty),
}


def _open(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))
