"""Synthetic photographs of digits on paper, as a phone takes them, made from strokes.

A sheet is painted with paper, rules, ink, and marks near its edges. A camera at a slight angle sees it in uneven light,
and adds blur, noise, sharpening and JPEG compression. `Conditions` holds the strength of each effect, so that each can
be tested alone; `random_conditions` draws all of them.

Lengths on the sheet are in millimetres, and those in the camera in parts of the frame's sides. So a photograph of 12
megapixels shows the same scene as one of half a megapixel.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from model.data.sampling import log_uniform, rotation
from model.preprocessing import strokes
from model.preprocessing.arrays import Doubles, Floats
from tests.helpers import paper_sheets

Mark = Literal["writing", "table", "finger", "specks"]
Shadow = Literal["none", "corner", "phone", "band"]

MARKS: Final[tuple[Mark, ...]] = ("writing", "table", "finger", "specks")
LONGER_SIDES: Final = (480, 1000)  # in pixels: far less than a phone's, since images are reduced anyway
ASPECTS: Final = (4 / 3, 3 / 4, 16 / 9, 9 / 16, 1.0)
TWELVE_MEGAPIXELS: Final = (4032, 3024)
CLEARANCE: Final = 0.05  # of the shorter side: the least distance of marks from the digit


@dataclass(frozen=True)
class Conditions:
    """The conditions of a photograph. The defaults are ideal: plain white paper in even light."""

    paper: paper_sheets.Paper = "plain"
    pen: paper_sheets.Pen = "ballpoint"
    size: tuple[int, int] = (800, 600)  # of the frame: width and height in pixels
    digit: float = 0.4  # the digit's longer side as a part of the frame's shorter one
    height: float = 15.0  # the digit's longer side in millimetres
    offset: tuple[float, float] = (0.0, 0.0)  # from the middle of the frame, in parts of its sides
    exposure: float = 0.9  # the level of white paper, of 1
    warmth: float = 0.0  # of the light: red against blue
    gradient: float = 0.0  # of the light: lost across the frame
    vignette: float = 0.0  # of the light: lost in the corners
    shadow: Shadow = "none"
    depth: float = 0.4  # of the light: lost in the shadow
    penumbra: float = 0.02  # of the longer side: how soft the shadow's edge is
    rotation: float = 0.0  # in degrees
    perspective: float = 0.0  # of the sides: the greatest displacement of the corners
    bend: float = 0.0  # of the longer side: displacement by a sheet that does not lie flat
    marks: tuple[Mark, ...] = ()
    blur: float = 0.0  # standard deviation, in thousandths of the longer side
    sharpening: float = 0.0  # of the difference from a blurred copy, as phones add
    noise: float = 0.0  # standard deviation in levels of 255
    quality: int = 90  # of the JPEG file


def random_conditions(random: np.random.Generator, longer_sides: tuple[int, int] = LONGER_SIDES) -> Conditions:
    """Draw the conditions of a photograph, with the variety of real ones."""
    pen = str(random.choice(list(paper_sheets.PENS)))
    longer, aspect = int(random.integers(longer_sides[0], longer_sides[1] + 1)), float(random.choice(ASPECTS))
    small, large = paper_sheets.PENS[pen].heights
    return Conditions(
        paper=str(random.choice(paper_sheets.PAPERS)),  # type: ignore[arg-type]
        pen=pen,  # type: ignore[arg-type]
        size=(longer, round(longer / aspect)) if aspect >= 1 else (round(longer * aspect), longer),
        digit=random.uniform(0.2, 0.6),
        height=log_uniform(random, small, large),
        offset=(random.uniform(-0.1, 0.1), random.uniform(-0.1, 0.1)),
        exposure=random.uniform(0.55, 1.0),
        warmth=random.uniform(-0.08, 0.12),
        gradient=random.uniform(0, 0.45),
        vignette=random.uniform(0, 0.25),
        shadow=str(random.choice(["none", "corner", "phone", "band"])),  # type: ignore[arg-type]
        depth=random.uniform(0.15, 0.55),
        penumbra=log_uniform(random, 0.004, 0.08),
        rotation=random.uniform(-8, 8),
        perspective=random.uniform(0, 0.06),
        bend=max(0.0, random.uniform(-0.004, 0.006)),
        marks=tuple(mark for mark in MARKS if random.random() < 0.35),
        blur=random.uniform(0, 1.6),
        sharpening=random.uniform(0, 0.8),
        noise=random.uniform(1, 6),
        quality=int(random.integers(30, 91)),
    )


def photograph(drawing: Sequence[strokes.Stroke], conditions: Conditions, random: np.random.Generator) -> Image.Image:
    """Photograph a sheet of paper with `drawing` written near the middle. Without strokes the sheet is blank.

    `drawing` is as in `strokes.draw`. `random` decides what the conditions leave open: colours, textures, and the
    places of shadows and marks. Returns an RGB image of `conditions.size`.
    """
    camera = _Camera(conditions, random)
    page = paper_sheets.paint(drawing, conditions.paper, conditions.pen, camera.layout, random)
    for _ in range(int(random.integers(1, 4)) if "writing" in conditions.marks else 0):
        paper_sheets.scribble(page, conditions.pen, camera.layout, *camera.room_at_the_edge(random), random)
    if "specks" in conditions.marks:
        paper_sheets.speckle(page, camera.layout, camera.free_points(random), random)
    if "table" in conditions.marks:
        paper_sheets.end(page, camera.edge_of_sheet(random), random)
    return _expose(page, camera, conditions, random)


def photograph_page(page: Image.Image, conditions: Conditions, random: np.random.Generator) -> Image.Image:
    """Photograph an RGB page that fills the frame, and goes on beyond its edges as it is there."""
    conditions = replace(conditions, size=page.size)
    camera = _Camera(conditions, random)
    around = (camera.margin, camera.margin)
    wider = Image.fromarray(np.pad(np.asarray(page), (around, around, (0, 0)), mode="edge"))
    return _expose(wider, camera, conditions, random)


def encode(image: Image.Image, quality: int) -> bytes:
    """Encode as JPEG, with colours at half the resolution, as phones do."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling=2)
    return file.getvalue()


def snapshot(
    drawing: Sequence[strokes.Stroke], random: np.random.Generator, longer_sides: tuple[int, int] = LONGER_SIDES
) -> tuple[bytes, Conditions]:
    """Photograph `drawing` under random conditions. Returns the JPEG file and the conditions."""
    conditions = random_conditions(random, longer_sides)
    return encode(photograph(drawing, conditions, random), conditions.quality), conditions


def _expose(page: Image.Image, camera: "_Camera", conditions: Conditions, random: np.random.Generator) -> Image.Image:
    """Take the photograph: project the page, lay a finger over it, light it, and record what the lens sees."""
    frame = page.transform(conditions.size, Image.Transform.MESH, camera.mesh(), Image.Resampling.BILINEAR)
    if "finger" in conditions.marks:
        _lay_finger(frame, *camera.room_at_the_edge(random, to_page=False), random)
    light = _light(conditions, random)
    lit = np.asarray(frame, np.float32) * light
    return _record(lit, conditions, random)


class _Camera:
    """The projection from the page, which is somewhat larger than the frame, to the frame."""

    def __init__(self, conditions: Conditions, random: np.random.Generator) -> None:
        self.frame = np.array(conditions.size, float)
        self.margin = margin = int(np.ceil(self.frame.max() * 0.15))  # of the page around the frame
        longer_side = conditions.digit * float(self.frame.min())
        self.layout = paper_sheets.Layout(
            size=(int(self.frame[0] + 2 * margin), int(self.frame[1] + 2 * margin)),
            middle=tuple(margin + self.frame * (0.5 + np.array(conditions.offset))),
            digit=longer_side,
            millimetre=longer_side / conditions.height,
        )
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * self.frame
        turn = rotation(np.radians(conditions.rotation))
        moved = random.uniform(-1, 1, (4, 2)) * conditions.perspective * self.frame
        seen = (corners - self.frame / 2) @ turn + self.frame / 2 + moved + margin
        self._to_page = _perspective(corners, seen)
        direction = random.uniform(0, 2 * np.pi)
        self._bend = conditions.bend * self.frame.max() * np.array([np.cos(direction), np.sin(direction)])
        self._waves = random.uniform(0.2, 0.6, 2), random.uniform(0, 1)

    def room_at_the_edge(self, random: np.random.Generator, to_page: bool = True) -> tuple[tuple[float, float], float]:
        """Find a point on the frame's edge, and the radius around it that is clear of the digit, in pixels."""
        point = random.uniform(0, 1, 2)
        point[random.integers(2)] = random.integers(2)
        here = self._on_page(point * self.frame)
        middle = np.array(self.layout.middle)
        # The digit is within a circle around its middle.
        free = float(np.hypot(*(here - middle)) - 0.6 * self.layout.digit - CLEARANCE * self.frame.min())
        place = here if to_page else point * self.frame
        return (float(place[0]), float(place[1])), free

    def free_points(self, random: np.random.Generator, count: int = 12) -> Doubles:
        """Find points (n, 2) on the page that are clear of the digit."""
        points = np.array([self._on_page(point) for point in random.uniform(0, 1, (count, 2)) * self.frame])
        return points[np.abs(points - self.layout.middle).max(axis=1) > 0.6 * self.layout.digit]

    def edge_of_sheet(self, random: np.random.Generator) -> list[tuple[float, float]]:
        """Find the four corners, in pixels of the page, of the area beyond the sheet along one side of the frame."""
        side = int(random.integers(4))
        room = np.array(self.layout.middle) - self.margin
        room = np.concatenate([room, self.frame - room])[[1, 2, 3, 0][side]]  # top, right, bottom, left
        room -= 0.6 * self.layout.digit + CLEARANCE * self.frame.min()
        length = self.frame[1] if side in (0, 2) else self.frame[0]
        ends = np.clip(random.uniform(0.02, 0.1) + random.uniform(-0.02, 0.02, 2), 0, max(room / length, 0))
        # The quadrilateral for the top, in parts of the frame, is rotated for the other sides.
        quad = np.array([[-0.3, -0.4], [1.3, -0.4], [1.3, ends[1]], [-0.3, ends[0]]]) - 0.5
        for _ in range(side):
            quad = quad @ np.array([[0, 1], [-1, 0]])
        return [tuple(self._on_page(corner)) for corner in (quad + 0.5) * self.frame]

    def mesh(self, cells: int = 8) -> list[tuple[tuple[int, int, int, int], tuple[float, ...]]]:
        """Cut the frame into rectangles, each with the quadrilateral of the page that it shows."""
        xs, ys = (np.linspace(0, side, cells + 1).round().astype(int) for side in self.frame)
        pieces = []
        for left, right in pairwise(xs.tolist()):
            for top, bottom in pairwise(ys.tolist()):
                around = [(left, top), (left, bottom), (right, bottom), (right, top)]
                quad = np.concatenate([self._on_page(np.array(corner, float)) for corner in around])
                pieces.append(((left, top, right, bottom), tuple(quad.tolist())))
        return pieces

    def _on_page(self, point: Doubles) -> Doubles:
        a, b, c, d, e, f, g, h = self._to_page
        x, y = point
        flat = np.array([a * x + b * y + c, d * x + e * y + f]) / (g * x + h * y + 1)
        waves, phase = self._waves
        return flat + self._bend * np.sin(2 * np.pi * (point / self.frame @ waves + phase))


def _perspective(corners: Doubles, seen: Doubles) -> tuple[float, ...]:
    """Solve for the eight parameters of the projection that maps the four `corners` to `seen`."""
    rows = []
    for (x, y), (u, v) in zip(corners, seen, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    return tuple(np.linalg.solve(np.array(rows), seen.reshape(8)))


def _lay_finger(frame: Image.Image, place: tuple[float, float], free: float, random: np.random.Generator) -> None:
    """Paint a fingertip over the edge of the frame."""
    radius = min(free, 0.09 * max(frame.size)) * random.uniform(0.7, 1)
    if radius < 4:
        return
    centre, angle = np.array(place), random.uniform(0, np.pi)
    t = np.linspace(0, 2 * np.pi, 40)
    shape = np.stack([np.cos(t) * radius, np.sin(t) * radius * random.uniform(0.6, 0.9)], axis=1)
    mask = Image.new("L", frame.size)
    ImageDraw.Draw(mask).polygon([tuple(point) for point in shape @ rotation(angle) + centre], fill=255)
    skin = np.array([224, 172, 140]) * random.uniform(0.4, 1)
    shade = mask.filter(ImageFilter.BoxBlur(radius / 8)).point(lambda value: value * 0.3)
    frame.paste((40, 35, 35), mask=shade)
    frame.paste(tuple(int(value) for value in skin), mask=mask.filter(ImageFilter.BoxBlur(radius / 25)))


def _light(conditions: Conditions, random: np.random.Generator) -> Floats:
    """Compute the light on each pixel of the frame, (H, W, 3): 1 leaves white paper white."""
    width, height = conditions.size
    step = max(1, max(width, height) // 250)
    columns, rows = width // step + 1, height // step + 1
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    x, y = 2 * x / columns - 1, 2 * y / rows - 1
    angle = random.uniform(0, 2 * np.pi)
    along = (x * np.cos(angle) + y * np.sin(angle)) / (abs(np.cos(angle)) + abs(np.sin(angle)))
    light = 1 - conditions.gradient * (along + 1) / 2
    light *= 1 - conditions.vignette * (x**2 + y**2) / 2
    shade = _shadow(conditions, (columns, rows), random)
    colour = np.array([1 + conditions.warmth, 1, 1 - conditions.warmth])
    # Light from the sky or the room fills shadows, so that they lose less blue.
    bands = [
        light * (1 - shade * conditions.depth * part) * hue for part, hue in zip((1, 0.97, 0.9), colour, strict=True)
    ]
    images = [Image.fromarray((band * conditions.exposure).astype(np.float32)) for band in bands]
    large = [np.asarray(image.resize(conditions.size, Image.Resampling.BILINEAR), np.float32) for image in images]
    return np.stack(large, axis=-1)


def _shadow(conditions: Conditions, size: tuple[int, int], random: np.random.Generator) -> Floats:
    """Cast a shadow over part of the frame: (rows, columns), from 0 to 1."""
    if conditions.shadow == "none":
        return np.zeros(size[::-1], np.float32)
    mask = Image.new("L", size)
    reach = max(size)
    # A half-plane, a wide rectangle from one side, or a band across the frame, each at any angle.
    left, right, top = {
        "corner": (-3.0, 3.0, random.uniform(-0.2, 0.35)),
        "phone": (-random.uniform(0.15, 0.4), random.uniform(0.15, 0.4), random.uniform(-0.3, 0.2)),
        "band": (-random.uniform(0.06, 0.25), random.uniform(0.06, 0.25), -3.0),
    }[conditions.shadow]
    angle = random.uniform(0, 2 * np.pi)
    middle = np.array(size) / 2 + random.uniform(-0.25, 0.25, 2) * reach
    quad = np.array([[left, top], [right, top], [right, 3], [left, 3]]) * reach @ rotation(angle) + middle
    ImageDraw.Draw(mask).polygon([tuple(point) for point in quad], fill=255)
    soft = mask.filter(ImageFilter.GaussianBlur(max(0.5, conditions.penumbra * reach)))
    return np.asarray(soft, np.float32) / np.float32(255)


def _record(lit: Floats, conditions: Conditions, random: np.random.Generator) -> Image.Image:
    """Apply the effects of lens, sensor and processing. `lit` is (H, W, 3) in levels of 255."""
    height, width = lit.shape[:2]
    image = Image.fromarray(lit.clip(0, 255).astype(np.uint8))
    if conditions.blur:
        image = image.filter(ImageFilter.GaussianBlur(conditions.blur * max(conditions.size) / 1000))
    if conditions.noise:
        pixels = np.asarray(image, np.float32)
        noise = random.standard_normal((height, width, 1), np.float32) * conditions.noise
        # Phones smooth colour noise into blotches.
        blotches = random.normal(0, conditions.noise / 2, (height // 4 + 1, width // 4 + 1, 3)).clip(-60, 60) + 128
        colour = Image.fromarray(blotches.astype(np.uint8)).resize((width, height), Image.Resampling.BILINEAR)
        image = Image.fromarray((pixels + noise + np.asarray(colour, np.float32) - 128).clip(0, 255).astype(np.uint8))
    if conditions.sharpening:
        image = image.filter(ImageFilter.UnsharpMask(1.5, round(100 * conditions.sharpening), 2))
    return image
