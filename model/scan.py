"""Ink, and where it was in what was sent."""

from dataclasses import dataclass

from model.normalize import Ink


@dataclass(frozen=True)
class Scan:
    """Ink (H, W), each of whose pixels is `scale` wide and high in the unit of what was sent.

    That is pixels of the upright image, or the unit of the strokes; the ink's corner is at `left`, `top`.
    """

    ink: Ink
    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0

    def sent(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """Turn a box of the ink, as left, top, width and height in its pixels, into one of what was sent."""
        left, top, width, height = (self.scale * side for side in box)
        return self.left + left, self.top + top, width, height
