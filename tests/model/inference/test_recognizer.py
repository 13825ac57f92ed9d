"""From logits to a verdict: sure, unsure, not-a-digit or blank."""

import numpy as np
import pytest
import torch
from torch import nn

from model.inference.companions import KINDS
from model.inference.recognizer import Recognizer
from model.networks.description import Calibration, Description, WeightsError
from model.networks.weights import Weights
from tests.helpers.drawings import ROOT, ink_of


class Answers(nn.Module):
    """Gives the same logits for every image."""

    def __init__(self, *logits: float) -> None:
        super().__init__()
        self.logits = torch.tensor(logits)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.logits.expand(len(images), -1)


def read(*logits: float, ink: np.ndarray | None = None, rejects: bool = True, temperature: float = 1.0):
    calibration = Calibration(temperature, sure_from=0.9, refused_from=-3.0)
    description = Description("digitpad", classes=("0", "1", "2"), rejects=rejects, calibration=calibration)
    weights = Weights(Answers(*logits).eval(), description, "sha256:0")
    return Recognizer.of(weights, "some").read([ink_of("2") if ink is None else ink])[0]


@pytest.mark.parametrize("name", KINDS)
def test_networks_that_others_share_read_no_single_digits(name):
    with pytest.raises(WeightsError, match="no network that reads single digits"):
        Recognizer.load(ROOT / "weights" / f"{name}.safetensors")


def test_one_likely_digit_is_sure():
    reading = read(0, 0, 9, 0)
    assert (reading.label, reading.verdict, reading.alternatives) == ("2", "sure", ())


def test_an_unsure_reading_names_both_likely_digits():
    reading = read(3, 0, 3.5, 0)
    assert (reading.label, reading.verdict, reading.alternatives) == ("2", "unsure", ("2", "0"))


def test_a_strange_image_is_not_a_digit_and_has_probabilities():
    reading = read(-6, -6, 2.9, 0)
    assert (reading.label, reading.verdict, reading.alternatives) == (None, "not-a-digit", ())
    assert sum(reading.probabilities.values()) == pytest.approx(1)
    assert sorted(reading.probabilities) == ["0", "1", "2"]
    assert reading.confidence == max(reading.probabilities.values()) > 0.99
    assert read(-6, -6, 3.1, 0).label == "2"


def test_the_output_for_non_digits_does_not_change_the_probabilities():
    with_it, without = read(1, 2, 3, 2.5), read(1, 2, 3, rejects=False)
    assert with_it.probabilities == without.probabilities


def test_weights_without_rejection_never_refuse():
    assert read(-9, -9, 2, rejects=False).verdict == "sure"
    assert read(-50, -50, -50, rejects=False).label is not None


def test_a_second_look_does_not_change_the_strangeness():
    assert read(3, 2.9, 3.1, 0).verdict == "unsure"  # doubtful, so it gets a second look
    assert read(1, 0.9, 1.1, 0).verdict == "not-a-digit"


def test_empty_paper_is_blank_whatever_the_logits():
    for logits in ((0, 0, 9, 0), (0, 0, 0, 99)):
        reading = read(*logits, ink=np.zeros((40, 30), np.uint8))
        assert (reading.label, reading.verdict, reading.alternatives) == (None, "blank", ())


def test_the_temperature_lowers_the_confidence():
    assert read(0, 0, 9, 0, temperature=4.0).confidence < read(0, 0, 9, 0).confidence
