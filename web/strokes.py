"""Strokes in JSON, parsed and validated.

A stroke is a list of points [x, y], with one `width` for all strokes; or, as the page's pad sends it, an object
{"width": …, "points": [[x, y] or [x, y, pressure], …]}. The width at a point is `width` times pressure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app

from web.problems import Problem

MAX_COORDINATE = 1e6
MAX_PRESSURE = 10

ADVICE = (
    'Strokes are lists of points: {"strokes": [[[x, y], [x, y], …], …]}, or objects {"width": …, "points": '
    "[[x, y, pressure], …]}, in numbers, y downwards."
)


@dataclass(frozen=True)
class PenStroke:
    """One stroke: points (x, y) or (x, y, pressure), and the pen's width in the same unit, if it is known."""

    points: list[tuple[float, ...]]
    width: float | None

    def inked(self) -> list[tuple[float, ...]]:
        """Return the points as (x, y), or as (x, y, width) if the width is known."""
        if self.width is None:
            return [(x, y) for x, y, *_ in self.points]
        return [(x, y, self.width * (pressure[0] if pressure else 1)) for x, y, *pressure in self.points]

    def document(self) -> dict[str, Any]:
        """Return the stroke as a JSON object, with the numbers that were sent."""
        return {"width": self.width, "points": [list(point) for point in self.points]}


def parse_strokes(strokes: Any, width: Any) -> list[PenStroke]:
    """Parse strokes and the `width` beside them. Raises a 400 or 413 Problem."""
    if not isinstance(strokes, list):
        raise _malformed()
    most_strokes, most_points = current_app.config["MAX_STROKES"], current_app.config["MAX_POINTS"]
    opened = [_opened(stroke, parse_width(width)) for stroke in strokes[: most_strokes + 1]]
    if len(opened) > most_strokes or sum(len(points) for points, _, _ in opened) > most_points:
        raise Problem(413, "Too large", f"A drawing has at most {most_strokes:,} strokes and {most_points:,} points.")
    return [PenStroke([_point(point, pressed) for point in points], width) for points, width, pressed in opened]


def parse_width(width: Any) -> float | None:
    """Parse the width of a pen. Raises a 400 Problem."""
    if width is None:
        return None
    if not _is_number(width, MAX_COORDINATE) or width <= 0:
        raise Problem(400, "Malformed strokes", 'The pen\'s "width" is a number above 0, in the unit of the points.')
    return float(width)


def _opened(stroke: Any, width: float | None) -> tuple[Sequence[Any], float | None, bool]:
    """Return a stroke's points and width, and whether its points may have pressure."""
    match stroke:
        case [*points]:
            return points, width, False
        case {"points": [*points], **others}:
            own = parse_width(others.get("width"))
            width = width if own is None else own
            if width is None and any(isinstance(point, list) and len(point) > 2 for point in points):
                raise Problem(
                    400, "Malformed strokes", 'Points with pressure need the "width" of the pen in their stroke.'
                )
            return points, width, True
        case _:
            raise _malformed()


def _point(point: Any, pressed: bool) -> tuple[float, ...]:
    match point:
        case [x, y] if _is_number(x, MAX_COORDINATE) and _is_number(y, MAX_COORDINATE):
            return x, y
        case [x, y, pressure] if pressed and _is_number(x, MAX_COORDINATE) and _is_number(y, MAX_COORDINATE):
            if _is_number(pressure, MAX_PRESSURE) and pressure >= 0:
                return x, y, pressure
            raise Problem(400, "Malformed strokes", f"Pressure is a number from 0 to {MAX_PRESSURE}, and 1 is usual.")
        case _:
            raise _malformed()


def _is_number(value: Any, limit: float) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= limit


def _malformed() -> Problem:
    return Problem(400, "Malformed strokes", ADVICE)
