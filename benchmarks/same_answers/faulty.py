"""Requests that cannot be read, or hardly: wrong JSON, wrong types, odd sizes, damaged files, broken forms."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.canvas import SIDE, encode

BOUNDARY = "digitpad-same-answers"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
JSON = "application/json"

Body = tuple[str, bytes]  # content type, content


def all_faults(png: bytes) -> list[Body]:
    """Return every fault once; `png` is a good image to make them from."""
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), np.uint8))
    images = (
        *(Image.new("L", size, 128) for size in ((1, 1), (4, 4), (7, 7), (8, 1), (1, 1000), (2000, 8))),
        *(Image.new("L", (SIDE, SIDE), grey) for grey in (0, 128, 255)),
        noise,
        Image.new("1", (8000, 8000)),
    )
    files = (b"", b"nonsense", noise.tobytes()[:9999], png[:50], png[:-20], png + b"x")
    strangers = (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"\xff\xd8\xff")
    return [
        *((JSON, json.dumps(document).encode()) for document in _documents(to_base64(png))),
        *((JSON, content) for content in (b"", b"{", b"nonsense", b"\xff\xfe", b"[" * 5000, b"NaN")),
        *(("image/png", content) for content in (*map(to_png, images), *files, *strangers)),
        ("image/tiff", encode(noise, "TIFF")),
        *((kind, png) for kind in ("text/plain", "application/octet-stream", "", "image/x-anything", JSON)),
        *((FORM, form(parts)) for parts in ([], [("file", png)], [("image", b"")], [("image", png)] * 101)),
        *((FORM, content) for content in (b"", b"nonsense", form([("image", png)])[:-60])),
        ("multipart/form-data", form([("image", png)])),
    ]


def _documents(image: str) -> list[Any]:
    pixels = [[0] * 28] * 28
    strokes = (
        *([], 7, "7", [[]], [7], [[7]], [[[1]]], [[[1, "2"]]], [[[1, 2, 3, 4]]]),
        *([[[5, 5]]], [[[1e9, 0]]], [[[float("nan"), 0]]], [[[True, 0]]]),
        *([[[0, 0]]] * 1001, [[[0, 0]] * 20_001], {"points": []}, [{"points": 1}]),
    )
    return [
        *([], {}, 7, None, "7"),
        *({"image": value} for value in (7, None, "", "%%%", pixels, image[:-9], f"data:image/png,{image}")),
        *({"image": image, "strokes": []}, {"label": "7"}),
        *({"images": value} for value in ([], image, [image, 7], [image] * 101, [image, ""])),
        *({"strokes": value} for value in strokes),
        *({"strokes": [[[0, 0], [9, 9]]], "width": width} for width in (0, -1, "1", 1e9, True, 500)),
        *({"strokes": [{"points": [[0, 0, pressure], [9, 9, 1]]}]} for pressure in (1, 11, -1)),
        {"strokes": [{"points": [[0, 0, 11], [9, 9, 1]], "width": 2}]},
    ]


def form(parts: Sequence[tuple[str, bytes]]) -> bytes:
    """Write the body of a form with files, pairs of a field and a content."""
    head = '--{}\r\nContent-Disposition: form-data; name="{}"; filename="x.png"\r\nContent-Type: image/png\r\n\r\n'
    written = [head.format(BOUNDARY, name).encode() + content + b"\r\n" for name, content in parts]
    return b"".join(written) + f"--{BOUNDARY}--\r\n".encode()


def to_png(image: Image.Image) -> bytes:
    """Encode an image quickly."""
    return encode(image, compress_level=1)


def to_base64(content: bytes) -> str:
    """Write bytes in base64."""
    return base64.b64encode(content).decode()
