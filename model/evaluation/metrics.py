"""How much of a set of digits was read right: in all, and by class."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Scores:
    """Figures for one set of digits. `confusion` (C, C) counts digits by true (row) and predicted (column) class."""

    confusion: NDArray[np.int64]
    loss: float

    @property
    def count(self) -> int:
        """How many digits were read."""
        return int(self.confusion.sum())

    @property
    def correct(self) -> int:
        """How many of them right."""
        return int(self.confusion.diagonal().sum())

    @property
    def accuracy(self) -> float:
        """The part of them that was read right."""
        return self.correct / max(1, self.count)

    @property
    def precision(self) -> list[float]:
        """The part of what was read as each class that is of it."""
        return self._parts(self.confusion.sum(axis=0))

    @property
    def recall(self) -> list[float]:
        """The part of each true class that was read right."""
        return self._parts(self.confusion.sum(axis=1))

    @property
    def f1(self) -> list[float]:
        """The harmonic mean of precision and recall of each class."""
        return self._parts((self.confusion.sum(axis=0) + self.confusion.sum(axis=1)) / 2)

    def _parts(self, whole: NDArray[np.generic]) -> list[float]:
        return (self.confusion.diagonal() / np.maximum(whole, 0.5)).tolist()
