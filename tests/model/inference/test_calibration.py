"""Temperature and threshold are fitted to answers, and the calibration error is measured bin by bin."""

import numpy as np
import pytest

from model.inference import calibration
from model.networks.training_record import BINS, Bin


def answers(count: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Make logits (N, 10) and labels (N,) that are drawn with the probabilities that the logits stand for."""
    random = np.random.default_rng(0)
    logits = random.normal(scale=spread, size=(count, 10))
    return logits, (logits + random.gumbel(size=logits.shape)).argmax(axis=1)


@pytest.mark.parametrize("stretched", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_a_stretching_of_the_logits(stretched):
    logits, labels = answers(5_000, spread=2)
    assert calibration.fit(logits * stretched, labels).temperature == pytest.approx(stretched, rel=0.06)


def test_sure_answers_hold_no_more_than_one_error_in_a_thousand():
    logits, labels = answers(20_000, spread=6)
    fitted = calibration.fit(logits, labels)
    probabilities = calibration.probabilities(logits, fitted.temperature)
    wrong, sure = probabilities.argmax(axis=1) != labels, probabilities.max(axis=1) >= fitted.sure_from
    assert sure.sum() > 1000
    assert wrong[sure].mean() <= 0.0015
    assert wrong[~sure].mean() > 0.1


def test_nothing_is_called_sure_that_is_less_likely_than_not():
    assert calibration.fit(np.array([[0.1, 0.1, 0.0]]), np.array([0])).sure_from >= 0.5


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
    assert {number: bin for number, bin in enumerate(bins) if bin.count} == {
        9: Bin(2, pytest.approx(0.63), 0.5),  # from 0.6 to 0.667
        10: Bin(1, pytest.approx(0.7), 1.0),
        14: Bin(1, 1.0, 1.0),
    }
