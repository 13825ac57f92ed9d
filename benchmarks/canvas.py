"""Real pen strokes as the page's canvas would show them: any place, any size, any pen."""

import gzip
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from model.preprocessing.arrays import Points

SIDE = 280  # in pixels
SIZES = (0.35, 0.85)  # of the side: the digit's longer side
PENS = (8.0, 26.0)  # in pixels
OVERSAMPLING = 3  # a canvas draws antialiased lines

SEVEN = [[(60, 60), (180, 60), (120, 220)]]  # where only one drawing is wanted


@dataclass(frozen=True)
class Sample:
    """A written digit, or a letter, and who wrote it."""

    label: str
    writer: str
    strokes: Sequence[Points]


def load_json(path: Path) -> list[Sample]:
    """Load a gzipped JSON list of {"label", "writer", "strokes"}."""
    with gzip.open(path, "rt") as file:
        items = json.load(file)
    return [
        Sample(item["label"], item.get("writer", ""), [np.array(points, float) for points in item["strokes"]])
        for item in items
    ]


def draw(sample: Sample, random: np.random.Generator) -> bytes:
    """Draw a sample black on white as a PNG of SIDE × SIDE pixels, wholly inside it."""
    points = np.concatenate(sample.strokes)
    low, extent = points.min(axis=0), float(np.ptp(points, axis=0).max()) or 1.0
    pen = random.uniform(*PENS)
    scale = random.uniform(*SIZES) * SIDE / extent
    room = SIDE - np.ptp(points, axis=0) * scale - pen  # what is left beside the ink, per axis
    offset = random.uniform(0, np.maximum(room, 0)) + pen / 2
    paths = [(stroke - low) * scale + offset for stroke in sample.strokes]
    return encode(draw_strokes(paths, pen).convert("RGB"), compress_level=1)


def seven_png() -> bytes:
    """Draw a seven on a canvas, RGBA as a browser encodes it."""
    return encode(draw_strokes([np.array(stroke, float) for stroke in SEVEN], pen=18).convert("RGBA"))


def draw_strokes(paths: Sequence[Points], pen: float, width: int = SIDE, height: int = SIDE) -> Image.Image:
    """Draw paths black on white with a round pen, antialiased; all in pixels of the image."""
    image = Image.new("L", (width * OVERSAMPLING, height * OVERSAMPLING), 255)
    pencil, radius = ImageDraw.Draw(image), pen * OVERSAMPLING / 2
    for points in paths:
        path = [tuple(point) for point in points * OVERSAMPLING]
        pencil.line(path, fill=0, width=round(2 * radius), joint="curve")
        for x, y in path:
            pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return image.reduce(OVERSAMPLING)


def encode(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Write an image file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def drawings(samples: Sequence[Sample], seed: int) -> Iterator[tuple[Sample, bytes]]:
    """Draw each sample once; the seed decides places, sizes and pens."""
    random = np.random.default_rng(seed)
    for sample in samples:
        yield sample, draw(sample, random)
