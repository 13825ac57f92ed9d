"""Accuracy, precision, recall and F1 from a confusion matrix."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Scores:
    """Metrics of one set. `confusion` (C, C) counts images by true (row) and predicted (column) class."""

    confusion: NDArray[np.int64]
    loss: float

    @property
    def count(self) -> int:
        """The number of images."""
        return int(self.confusion.sum())

    @property
    def correct(self) -> int:
        """The number of correct answers."""
        return int(self.confusion.diagonal().sum())

    @property
    def accuracy(self) -> float:
        """The share of correct answers."""
        return self.correct / max(1, self.count)

    @property
    def precision(self) -> list[float]:
        """For each class, the share of the images read as it that belong to it."""
        return self._parts(self.confusion.sum(axis=0))

    @property
    def recall(self) -> list[float]:
        """For each class, the share of its images that were read right."""
        return self._parts(self.confusion.sum(axis=1))

    @property
    def f1(self) -> list[float]:
        """For each class, the harmonic mean of precision and recall."""
        return self._parts((self.confusion.sum(axis=0) + self.confusion.sum(axis=1)) / 2)

    def _parts(self, whole: NDArray[np.generic]) -> list[float]:
        return (self.confusion.diagonal() / np.maximum(whole, 0.5)).tolist()
