"""Hand-drawn digits, and images of them."""

import base64
import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from model.inference.companions import KINDS
from model.preprocessing import strokes

ROOT = Path(__file__).parents[2]
# The committed weights that read single digits; the others find ink, and read lines and photographs.
READERS = sorted(path for path in (ROOT / "weights").glob("*.safetensors") if path.stem not in {*KINDS, "lenet-rgb"})
# Drawn for these tests: label → strokes of (x, y) points, y downwards, in a 100 × 100 box.
DRAWINGS = json.loads((ROOT / "tests" / "fixtures" / "strokes.json").read_text())


def ink_of(label: str, longer_side: int = 140, width: float = 10) -> np.ndarray:
    return strokes.draw(DRAWINGS[label], width=width, longer_side=longer_side)


def canvas_of(label: str, side: int = 280, at: tuple[int, int] = (80, 60), **pen: float) -> Image.Image:
    """Draw a digit black on white, as the page sends it."""
    ink = ink_of(label, **pen)
    canvas = Image.new("L", (side, side), 255)
    canvas.paste(Image.fromarray(255 - ink), at)
    return canvas


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def pages_of(labels: str) -> bytes:
    """Scan digits into a TIFF file with a page for each."""
    first, *more = [canvas_of(label).convert("1", dither=Image.Dither.NONE) for label in labels]
    return encode(first, "TIFF", compression="group4", save_all=True, append_images=more)


def image_at(url: str) -> Image.Image:
    """Decode the image in a data URL."""
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


def png_of(label: str, **options: object) -> bytes:
    return encode(canvas_of(label, **options).convert("RGB"))


def png_header(width: int, height: int) -> bytes:
    """Make a PNG whose header claims a size, with next to no pixels behind it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def difference(first: np.ndarray, second: np.ndarray) -> float:
    """Compare two images by the ink that they do not share, as a part of the ink that they have."""
    first, second = first.astype(float), second.astype(float)
    return float(np.abs(first - second).sum() / (first.sum() + second.sum()))
