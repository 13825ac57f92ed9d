"""Receptive fields: which pixels of the image a cell of a map can see.

Cells of a map look at squares of the same size that lie the same distance apart, so three numbers tell all of them,
and each operation of a network changes these numbers in its own way: Araujo, Norris and Sim, "Computing Receptive
Fields of Convolutional Neural Networks", Distill (2019). Two more numbers tell where all of them end: padding looks
beyond the maps, but there is nothing to see.
"""

from dataclasses import dataclass

from model.preprocessing.network_input import Input


@dataclass(frozen=True)
class Field:
    """Cell i of a row or a column sees from `start` + i·`stride` on, `size` pixels, of those from `low` to `high`.

    Pixel k of the image lies from k to k + 1. What lies beyond `low` and `high` is a frame of paper or of zeros, or was
    cut off.
    """

    size: float
    stride: float
    start: float
    low: float
    high: float

    def through(self, cells: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> "Field":
        """Return the field of `cells` cells in a row that look at `kernel` cells each of maps with this field."""
        size, step = self.size + (kernel - 1) * dilation * self.stride, self.stride * stride
        start = self.start - padding * self.stride
        end = start + (cells - 1) * step + size
        return Field(size, step, start, max(self.low, start), min(self.high, end))

    def joined(self, other: "Field") -> "Field | None":
        """Return the field of sums of cells of two maps; None where their cells do not lie on the same places."""
        if self.stride != other.stride:
            return None
        start = min(self.start, other.start)
        size = max(self.start + self.size, other.start + other.size) - start
        return Field(size, self.stride, start, min(self.low, other.low), max(self.high, other.high))


def of_input(to_input: Input, height: int, width: int) -> Field | None:
    """Return the field of the pixels of the input that an image (height, width) becomes.

    A pixel of an image that is scaled up lies between the pixels that it is mixed from: its field is then a part of a
    pixel wider than what it sees. None where the image is not square, or does not stay so.
    """
    rows, columns = to_input.size
    if to_input.scaled and (rows, columns) != (height, width):
        scale = height / rows
        return Field(3.0, scale, scale / 2 - 1.5, 0, height) if scale == width / columns else None
    top, left = (rows - height) // 2, (columns - width) // 2
    square = top == left and rows == columns
    return Field(1, 1, -top, max(0, -top), min(height, rows - top)) if square else None
