"""Metrics count what they say, and tables show them."""

import pytest
import torch

from model.evaluation import evaluate, report
from model.inference.engines import eager
from model.networks.registry import build
from model.preprocessing.network_input import Input

INPUT = Input(mean=0.13, std=0.31)
LABELS = torch.tensor([0, 0, 1, 2, 2, 2])
LOGITS = torch.nn.functional.one_hot(torch.tensor([0, 1, 1, 2, 2, 0]), 3).float() * 5


def test_scores_count_by_true_and_predicted_class():
    scores = evaluate.score(LOGITS, LABELS)
    assert scores.confusion.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]
    assert (scores.count, scores.correct) == (6, 4)
    assert scores.accuracy == pytest.approx(4 / 6)
    assert scores.recall == pytest.approx([1 / 2, 1, 2 / 3])
    assert scores.precision == pytest.approx([1 / 2, 1 / 2, 1])
    assert scores.f1 == pytest.approx([1 / 2, 2 / 3, 4 / 5])
    assert scores.loss == pytest.approx(float(torch.nn.functional.cross_entropy(LOGITS, LABELS)))


def test_logits_do_not_depend_on_the_batch():
    network = build("digitpad", widths=(8, 8, 8, 8, 8))
    images = torch.randint(0, 256, (eager.BATCH + 3, 28, 28), dtype=torch.uint8)
    together = eager.predict_logits(network, images, INPUT)
    alone = eager.predict_logits(network, images[-1:], INPUT)
    assert together.shape == (eager.BATCH + 3, 10)
    assert torch.allclose(together[-1], alone[0], atol=1e-4)


def test_the_table_shows_every_count():
    text = report.table(evaluate.score(LOGITS, LABELS), ["a", "b", "c"])
    assert text.splitlines()[-1].split() == ["c", "100.00%", "66.67%", "80.00%", "│", "1", "·", "2"]


@pytest.mark.parametrize(("seconds", "text"), [(3.2, "3 s"), (59.6, "1 min 00 s"), (200, "3 min 20 s")])
def test_durations(seconds, text):
    assert report.duration(seconds) == text
