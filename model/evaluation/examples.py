"""Choosing the examples that a weights file stores: misread digits, and a few that were read right."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.data.image_set import ImageSet
from model.networks.description import no_pictures
from model.networks.training_record import Example
from model.preprocessing.arrays import Doubles

IN_A_CELL: Final = 4  # misread digits in a cell of the confusion matrix, at most
MISREAD: Final = 200  # misread digits in all, at most; with those that were read right, about 200 kB


def choose(sets: Mapping[str, tuple[ImageSet, Doubles]]) -> tuple[tuple[Example, ...], NDArray[np.uint8]]:
    """Choose examples from held-out sets (N, 28, 28) with their probabilities (N, C).

    Of each cell of the confusion matrix these are the misread digits of highest confidence; no cell gives a second one
    before all have given one. Of each class they are the right answers of highest and lowest confidence. Returns the
    examples and their pictures (M, 28, 28).
    """
    cells: dict[tuple[str, int, int], list[tuple[float, int]]] = {}
    for name, (images, probabilities) in sets.items():
        confidence, predicted = probabilities.max(axis=1), probabilities.argmax(axis=1)
        rows = zip(images.labels.tolist(), predicted.tolist(), confidence.tolist(), strict=True)
        for index, (true, read, sure) in enumerate(rows):
            cells.setdefault((name, true, read), []).append((-sure, index))
    misread: list[tuple[int, str, int, int, float, int]] = []  # rank in its cell, set, true, read, -confidence, index
    right: list[tuple[int, str, int, int, float, int]] = []
    for (name, true, read), members in cells.items():
        members.sort()
        ranks = range(min(IN_A_CELL, len(members))) if true != read else sorted({0, len(members) - 1})
        (right if true == read else misread).extend((rank, name, true, read, *members[rank]) for rank in ranks)
    chosen = sorted(sorted(misread)[:MISREAD] + right, key=lambda row: (*row[1:4], row[0]))
    if not chosen:
        return (), no_pictures()
    examples = tuple(Example(name, true, read, round(-sure, 4)) for _, name, true, read, sure, _ in chosen)
    return examples, np.stack([sets[name][0].images[index].cpu().numpy() for _, name, _, _, _, index in chosen])
