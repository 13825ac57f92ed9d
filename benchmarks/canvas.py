"""Real pen strokes as the page's canvas would show them: any place, any size, any pen."""

import gzip
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.preprocessing import strokes

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
    strokes: Sequence[Sequence[Sequence[float]]]


def seven_png() -> bytes:
    """Draw a seven on a canvas, RGBA as a browser encodes it."""
    canvas = Image.new("RGBA", (SIDE, SIDE), "white")
    canvas.paste("black", (60, 50), Image.fromarray(strokes.draw(SEVEN, width=18, longer_side=180)))
    file = io.BytesIO()
    canvas.save(file, "PNG")
    return file.getvalue()


def load_json(path: Path) -> list[Sample]:
    """Load a gzipped JSON list of {"label", "writer", "strokes"}."""
    with gzip.open(path, "rt") as file:
        return [Sample(item["label"], item.get("writer", ""), item["strokes"]) for item in json.load(file)]


def draw(sample: Sample, random: np.random.Generator) -> bytes:
    """Draw a sample black on white as a PNG of SIDE × SIDE pixels, wholly inside it."""
    points = np.concatenate([np.asarray(stroke, float) for stroke in sample.strokes])
    low, extent = points.min(axis=0), float(np.ptp(points, axis=0).max()) or 1.0
    pen = random.uniform(*PENS)
    scale = random.uniform(*SIZES) * SIDE / extent
    room = SIDE - np.ptp(points, axis=0) * scale - pen  # what is left beside the ink, per axis
    offset = random.uniform(0, np.maximum(room, 0)) + pen / 2
    image = Image.new("L", (SIDE * OVERSAMPLING, SIDE * OVERSAMPLING), 255)
    paths = [((np.asarray(stroke, float) - low) * scale + offset) * OVERSAMPLING for stroke in sample.strokes]
    draw_strokes(image, paths, pen * OVERSAMPLING)
    return to_png(image.reduce(OVERSAMPLING).convert("RGB"))


def draw_strokes(image: Image.Image, paths: Sequence[NDArray[np.float64]], pen: float) -> None:
    """Draw paths of points (n, 2) black into `image` with a round pen, all in its pixels."""
    pencil, radius = ImageDraw.Draw(image), pen / 2
    for points in paths:
        path = [tuple(point) for point in points]
        pencil.line(path, fill=0, width=round(2 * radius), joint="curve")
        for x, y in path:
            pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)


def to_png(image: Image.Image) -> bytes:
    """Encode an image as a PNG file."""
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def drawings(samples: Sequence[Sample], seed: int) -> Iterator[tuple[Sample, bytes]]:
    """Draw each sample once; the seed decides places, sizes and pens."""
    random = np.random.default_rng(seed)
    for sample in samples:
        yield sample, draw(sample, random)
