"""Figures count what they say, and calibration is fitted, not assumed."""

import numpy as np
import pytest
import torch

from model.evaluation import evaluate, report
from model.inference import calibration
from model.inference.engines import eager
from model.networks import summary
from model.networks.description import Calibration
from model.networks.registry import build, count_parameters
from model.networks.training_record import BINS, Bin
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


@pytest.mark.parametrize("stretched", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_a_stretching_of_the_logits(stretched):
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(20_000, 10, generator=random) * 2
    labels = torch.multinomial(logits.softmax(dim=1), 1, generator=random)[:, 0]
    assert calibration.fit((logits * stretched).numpy(), labels.numpy()).temperature == pytest.approx(
        stretched, rel=0.06
    )


def test_sure_answers_hold_no_more_than_one_error_in_a_thousand():
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(50_000, 10, generator=random) * 4
    labels = torch.multinomial(logits.softmax(dim=1), 1, generator=random)[:, 0]
    fitted = calibration.fit(logits.numpy(), labels.numpy())
    confidence, predicted = (logits / fitted.temperature).softmax(dim=1).max(dim=1)
    sure = confidence >= fitted.sure_from
    assert int(sure.sum()) > 1000
    assert float((predicted != labels)[sure].float().mean()) <= 0.0015
    assert float((predicted != labels)[~sure].float().mean()) > 0.1


def test_nothing_is_called_sure_that_is_less_likely_than_not():
    fitted = calibration.fit(LOGITS[:1].numpy(), LABELS[:1].numpy())
    assert isinstance(fitted, Calibration)
    assert fitted.sure_from >= 0.5


def error(probabilities: np.ndarray, labels: list[int]) -> float:
    return calibration.expected_error(calibration.reliability(probabilities, np.array(labels)))


def test_the_calibration_error_is_how_far_confidence_is_from_accuracy():
    probabilities = np.array([[0.8, 0.2]] * 10)
    assert error(probabilities, [0] * 8 + [1] * 2) == pytest.approx(0, abs=1e-6)
    assert error(probabilities, [0] * 5 + [1] * 5) == pytest.approx(0.3)
    # Bins are judged one by one: too sure in one does not make up for too modest in another.
    mixed = np.array([[0.7, 0.3]] * 10 + [[0.9, 0.1]] * 10)
    assert error(mixed, [0] * 9 + [1] + [0] * 7 + [1] * 3) == pytest.approx(0.2)
    assert error(np.array([[1.0, 0.0]]), [0]) == pytest.approx(0)


def test_the_reliability_has_a_bin_for_each_fifteenth_of_confidence():
    probabilities = np.array([[0.61, 0.39], [0.65, 0.35], [0.3, 0.7], [1.0, 0.0]])
    bins = calibration.reliability(probabilities, np.array([0, 1, 1, 0]))
    assert len(bins) == BINS == 15
    assert {number: found for number, found in enumerate(bins) if found.count} == {
        9: Bin(2, pytest.approx(0.63), 0.5),  # from 0.6 to 0.667
        10: Bin(1, pytest.approx(0.7), 1.0),
        14: Bin(1, 1.0, 1.0),
    }


def test_the_table_shows_every_count():
    text = report.table(evaluate.score(LOGITS, LABELS), ["a", "b", "c"])
    assert text.splitlines()[-1].split() == ["c", "100.00%", "66.67%", "80.00%", "│", "1", "·", "2"]


@pytest.mark.parametrize(("seconds", "text"), [(3.2, "3 s"), (59.6, "1 min 00 s"), (200, "3 min 20 s")])
def test_durations(seconds, text):
    assert report.duration(seconds) == text


def test_the_summary_adds_up():
    network = build("digitpad")
    layers = summary.layers(network, (1, 28, 28))
    assert sum(layer.parameters for layer in layers) == count_parameters(network)
    stem = layers[0]
    assert (stem.kind, stem.shape, stem.multiplications) == ("Conv2d", (16, 20, 20), 16 * 20 * 20 * 25)
    assert layers[-1].shape == (10,)
    assert f"{count_parameters(network):,}" in list(summary.lines(layers))[-1]
