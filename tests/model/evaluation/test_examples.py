"""Examples are a few digits of each cell of the confusion matrix."""

import numpy as np
import torch

from model.data.image_set import ImageSet
from model.evaluation import examples


def digits(labels: list[int]) -> ImageSet:
    """Make digits that differ: each is filled with its number."""
    numbers = torch.arange(len(labels), dtype=torch.uint8)
    return ImageSet(numbers[:, None, None].expand(-1, 28, 28).clone(), torch.tensor(labels))


def answers(rows: list[tuple[int, float]], classes: int = 3) -> np.ndarray:
    """Make probabilities: each row's confidence for its label, the rest spread over the other labels."""
    probabilities = np.zeros((len(rows), classes))
    for row, (read, confidence) in zip(probabilities, rows, strict=True):
        row += (1 - confidence) / (classes - 1)
        row[read] = confidence
    return probabilities


def test_the_surest_mistakes_of_each_cell_are_chosen():
    confidences = [0.6, 0.9, 0.5, 0.7, 0.8, 0.95]
    chosen, pictures = examples.choose({"some": (digits([0] * 6), answers([(1, sure) for sure in confidences]))})
    assert [(one.set, one.true, one.read) for one in chosen] == [("some", 0, 1)] * 4
    assert [one.confidence for one in chosen] == [0.95, 0.9, 0.8, 0.7]
    assert pictures.shape == (4, 28, 28)
    assert pictures.dtype == np.uint8
    assert pictures[:, 0, 0].tolist() == [5, 1, 4, 3]


def test_the_surest_and_the_least_sure_right_answers_are_chosen():
    labels, rows = [2, 2, 2, 1], [(2, 0.7), (2, 0.99), (2, 0.8), (1, 0.6)]
    chosen, pictures = examples.choose({"some": (digits(labels), answers(rows))})
    assert [(one.true, one.read, one.confidence) for one in chosen] == [(1, 1, 0.6), (2, 2, 0.99), (2, 2, 0.7)]
    assert pictures[:, 0, 0].tolist() == [3, 1, 0]


def test_every_cell_gives_one_before_any_gives_two_up_to_the_limit():
    classes = 12  # 132 cells off the diagonal
    cells = [(true, read) for true in range(classes) for read in range(classes)]
    labels, rows = [true for true, _ in cells * 3], [(read, 0.5) for _, read in cells * 3]
    rows[:132] = [(read, 0.9) for read, _ in rows[:132]]  # however sure the first ones are
    chosen, pictures = examples.choose({"some": (digits(labels), answers(rows, classes))})
    misread = [(one.true, one.read) for one in chosen if one.true != one.read]
    assert len(misread) == examples.MISREAD
    assert len(set(misread)) == 132
    assert len(chosen) == len(pictures) == examples.MISREAD + 2 * classes


def test_sets_stay_separate():
    sets = {name: (digits([0]), answers([(1, 0.9)])) for name in ("one", "other")}
    assert [one.set for one in examples.choose(sets)[0]] == ["one", "other"]


def test_without_digits_there_are_no_examples():
    chosen, pictures = examples.choose({})
    assert chosen == ()
    assert pictures.shape == (0, 28, 28)
