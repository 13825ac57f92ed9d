"""The search through frames finds what adding up all ways finds, and the alignment says where."""

import itertools

import numpy as np
import pytest

from model.inference import ctc
from model.inference.calibration import log_softmax


def collapsed(path: tuple[int, ...], blank: int) -> tuple[int, ...]:
    return tuple(now for now, _ in itertools.groupby(path) if now != blank)


def exact(logs: np.ndarray) -> dict[tuple[int, ...], float]:
    """Add up the probabilities of all ways to each text."""
    frames, classes = logs.shape
    totals: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(classes), repeat=frames):
        text = collapsed(path, classes - 1)
        totals[text] = totals.get(text, 0.0) + float(np.exp(sum(logs[t, c] for t, c in enumerate(path))))
    return totals


@pytest.mark.parametrize("seed", range(12))
def test_the_likeliest_text_is_that_of_all_ways_added_up(seed):
    logs = log_softmax(np.random.default_rng(seed).normal(0, 4, (6, 4)))
    totals = exact(logs)
    text, probability = ctc.likeliest(logs)
    assert text == max(totals, key=totals.__getitem__)
    assert probability == pytest.approx(totals[text], rel=0.02)


def test_a_repeated_character_needs_a_blank_between():
    spoken = [0, 0, 2, 0, 1, 1, 2]
    logs = log_softmax(12.0 * np.eye(3)[spoken])
    text, probability = ctc.likeliest(logs)
    assert text == (0, 0, 1)
    assert probability > 0.99
    assert ctc.align(logs, text) == [(0, 2), (3, 4), (4, 6)]


@pytest.mark.parametrize("seed", range(8))
def test_the_alignment_is_the_likeliest_way(seed):
    logs = log_softmax(np.random.default_rng(seed).normal(0, 2, (6, 3)))
    text = (0, 1, 1)
    ways = [path for path in itertools.product(range(3), repeat=6) if collapsed(path, 2) == text]
    best = max(ways, key=lambda path: sum(logs[t, c] for t, c in enumerate(path)))
    spans = [
        _span(list(frames))
        for label, frames in itertools.groupby(enumerate(best), key=lambda frame: frame[1])
        if label != 2
    ]
    assert ctc.align(logs, text) == spans


def _span(frames: list[tuple[int, int]]) -> tuple[int, int]:
    return frames[0][0], frames[-1][0] + 1


def test_nothing_is_no_text():
    logs = log_softmax(np.array([[0.0, 0.0, 9.0]] * 5))
    assert ctc.likeliest(logs)[0] == ()
    assert ctc.align(logs, ()) == []
