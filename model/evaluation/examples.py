"""The digits that a weights file keeps to be looked at: what was misread as what, and some that were read right."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.data.image_set import ImageSet
from model.networks.description import no_pictures
from model.networks.training_record import Example

Doubles = NDArray[np.float64]
Pictures = NDArray[np.uint8]

IN_A_CELL: Final = 4  # misread digits for each cell of a confusion matrix, at most
MISREAD: Final = 200  # in all, at most: with those that were read right, some 200 kB


def choose(sets: Mapping[str, tuple[ImageSet, Doubles]]) -> tuple[tuple[Example, ...], Pictures]:
    """Choose from sets of digits (N, 28, 28) with the probabilities (N, C) that they were read with.

    Of the misread ones come those that the network was surest of, and each cell has one before any has two; of each
    class that was read right the surest and the least sure. Returns what they are and their pictures (M, 28, 28).
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
        some = [(rank, name, true, read, *members[rank]) for rank in ranks]
        (right if true == read else misread).extend(some)
    chosen = sorted(sorted(misread)[:MISREAD] + right, key=lambda one: (*one[1:4], one[0]))
    if not chosen:
        return (), no_pictures()
    examples = tuple(Example(name, true, read, round(-sure, 4)) for _, name, true, read, sure, _ in chosen)
    return examples, np.stack([sets[name][0].images[index].cpu().numpy() for _, name, _, _, _, index in chosen])
