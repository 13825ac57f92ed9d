"""The characters of a number that are no digits, by size and place: decimal points, commas, minus signs; and dirt."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from model.segmentation.lattice import Arc, Kind
from model.segmentation.oversegmentation import Pieces


def mark_arcs(pieces: Pieces) -> list[Arc]:
    """List an arc for each piece that may be a decimal point, a minus sign or dirt."""
    arcs = []
    for piece in np.flatnonzero(pieces.whole).tolist():
        for kind, mark_cost in MARK_COSTS.items():
            cost = mark_cost(pieces, piece)
            if cost is not None:
                arcs.append(Arc(piece, piece + 1, kind, cost))
    return arcs


def is_mark(pieces: Pieces, piece: int) -> bool:
    """Tell whether a piece may be a decimal point or a minus sign."""
    alone = bool(pieces.whole[piece])
    return alone and (point_cost(pieces, piece) is not None or minus_cost(pieces, piece) is not None)


def point_cost(pieces: Pieces, piece: int) -> float | None:
    """Return the cost of a point or a comma: small, low, beside tall neighbours. None where it cannot be one."""
    left, top, right, bottom = pieces.box(piece, piece + 1)
    height = pieces.height
    middle = _place_in_row(pieces, piece)
    if middle is None or middle < 0.65 or right - left > 0.3 * height or bottom - top > 0.42 * height:
        return None
    return 0.3 + 10 * max(0.0, 0.8 - middle) + 4 * max(0.0, (bottom - top) / height - 0.25)


def minus_cost(pieces: Pieces, piece: int) -> float | None:
    """Return the cost of a minus sign, a flat bar at mid-height left of all others; None where it cannot be one."""
    left, top, right, bottom = pieces.box(piece, piece + 1)
    middle = _place_in_row(pieces, piece)
    width, height = right - left, bottom - top
    if middle is None or not 0.15 < middle < 0.85 or height > 0.35 * pieces.height:
        return None
    others = np.delete(pieces.boxes[:, 0], piece).tolist()
    if piece > 1 or left > min(others) or width < 1.4 * height or width < 0.15 * pieces.height:
        return None
    overlap = max(0.0, right - min(others))
    return 0.3 + 6 * max(0.0, abs(middle - 0.5) - 0.3) + 8 * overlap / pieces.height


def dirt_cost(pieces: Pieces, piece: int) -> float | None:
    """Return the cost of leaving a piece out as dirt; None where it is too large."""
    amount = float(pieces.areas[piece]) / (pieces.stroke * pieces.height)
    return 12.0 + 40 * amount if amount < 0.3 else None


def _place_in_row(pieces: Pieces, piece: int) -> float | None:
    """Return the middle of a piece, from 0 to 1 between top and bottom of its neighbours within about a digit.

    None where none of them is tall.
    """
    left, above, right, below = pieces.box(piece, piece + 1)
    distances = np.maximum(pieces.boxes[:, 0] - right, left - pieces.boxes[:, 2]).astype(float)
    distances[piece] = np.inf
    beside = pieces.boxes[distances <= max(0.0, float(distances.min())) + 0.6 * pieces.height]
    if len(pieces) == 1:
        return None
    top, bottom = float(beside[:, 1].min()), float(beside[:, 3].max())
    return ((above + below) / 2 - top) / (bottom - top) if bottom - top >= 0.5 * pieces.height else None


MARK_COSTS: Final[Mapping[Kind, Callable[[Pieces, int], float | None]]] = {
    "point": point_cost,
    "minus": minus_cost,
    "dirt": dirt_cost,
}
