"""Mutated image files and JSON bodies, for fuzzing: a corpus of valid ones of every kind, damaged with a seed."""

import base64
import contextlib
import io
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image

from benchmarks.canvas import SEVEN, encode, seven_png

KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
EXTREMES = (
    None,
    True,
    -1,
    0,
    1e308,
    10**400,
    -(10**18),
    0.1,
    "",
    "7",
    "\x00",
    "é" * 999,
    [],
    {},
    [[]],
    [[[]]],
    float("nan"),
)


def images() -> list[bytes]:
    """Make valid image files of every format that is read, in several modes."""
    with Image.open(io.BytesIO(seven_png())) as canvas:
        canvas.load()
    exif = canvas.getexif()
    exif[0x0112] = 6  # turned by a quarter
    files = [encode(canvas.convert("RGB"), "JPEG", **options) for options in ({"progressive": True}, {"exif": exif})]
    for kind in KINDS:
        for mode in ("L", "RGB", "RGBA", "P", "1"):
            with contextlib.suppress(OSError):  # not every format has every mode
                files.append(encode(canvas.convert(mode), kind))
    return files


def mutated_images(count: int, seed: int) -> Iterator[bytes]:
    """Yield damaged image files: bytes that are changed, missing, doubled, put in, or exchanged with another file's."""
    chance, corpus = random.Random(seed), images()
    for _ in range(count):
        content = bytearray(chance.choice(corpus))
        for _ in range(chance.choice((1, 1, 2, 5, 30))):
            chance.choice(WAYS)(content, chance, corpus)
        yield bytes(content)


def _flip(content: bytearray, chance: random.Random, _: list[bytes]) -> None:
    if content:
        # Headers are short and matter most.
        at = chance.randrange(min(len(content), chance.choice((16, 64, len(content)))))
        content[at] = chance.choice((0, 1, 127, 128, 255, chance.randrange(256)))


def _cut(content: bytearray, chance: random.Random, _: list[bytes]) -> None:
    del content[chance.randrange(len(content) + 1) :]


def _drop(content: bytearray, chance: random.Random, _: list[bytes]) -> None:
    at = chance.randrange(len(content) + 1)
    del content[at : at + chance.choice((1, 2, 4, 100))]


def _double(content: bytearray, chance: random.Random, _: list[bytes]) -> None:
    at = chance.randrange(len(content) + 1)
    content[at:at] = content[at : at + chance.choice((1, 4, 100))]


def _insert(content: bytearray, chance: random.Random, _: list[bytes]) -> None:
    at = chance.randrange(len(content) + 1)
    content[at:at] = chance.randbytes(chance.choice((1, 4, 100)))


def _graft(content: bytearray, chance: random.Random, corpus: list[bytes]) -> None:
    other = chance.choice(corpus)
    at = chance.randrange(len(content) + 1)
    content[at:] = other[chance.randrange(len(other)) :]


WAYS: tuple[Callable[[bytearray, random.Random, list[bytes]], None], ...] = (
    _flip,
    _flip,
    _cut,
    _drop,
    _double,
    _insert,
    _graft,
)


def documents() -> list[Any]:
    """Make valid JSON bodies of every form that is read."""
    image = base64.b64encode(seven_png()).decode()
    pressed = [{"width": 18, "points": [[x, y, 0.7] for x, y in stroke]} for stroke in SEVEN]
    return [
        {"image": image},
        {"image": f"data:image/png;base64,{image}"},
        {"images": [image, image]},
        {"strokes": SEVEN, "width": 18},
        {"strokes": pressed},
    ]


def mutated_documents(count: int, seed: int) -> Iterator[bytes]:
    """Yield damaged JSON bodies: values exchanged for extreme ones, missing or doubled; or the text itself damaged."""
    chance, corpus = random.Random(seed), documents()
    texts = [json.dumps(document).encode() for document in corpus]
    for _ in range(count):
        if chance.random() < 0.3:
            text = bytearray(chance.choice(texts))
            chance.choice(WAYS)(text, chance, texts)
            yield bytes(text)
            continue
        document = json.loads(chance.choice(texts))
        for _ in range(chance.choice((1, 1, 2, 5))):
            document = _changed(document, chance)
        yield json.dumps(document).encode()


def _changed(value: Any, chance: random.Random) -> Any:
    """Change something somewhere in a value."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        other = dict(value)
        match chance.randrange(6):
            case 0:
                del other[key]
            case 1:
                other[chance.choice(("width", "image", "images", "strokes", "points", "nonsense"))] = chance.choice(
                    EXTREMES
                )
            case _:
                other[key] = _changed(value[key], chance)
        return other
    if isinstance(value, list) and value and chance.random() < 0.85:
        at = chance.randrange(len(value))
        match chance.randrange(6):
            case 0:
                return value[:at] + value[at + 1 :]
            case 1:
                return value * chance.choice((2, 50))
            case 2:
                return [value]
            case _:
                return [*value[:at], _changed(value[at], chance), *value[at + 1 :]]
    return chance.choice(EXTREMES)
