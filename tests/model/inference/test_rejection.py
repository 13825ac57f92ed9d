"""Strangeness is energy and a part of an output, its threshold refuses one digit in 2,000, and the AUROC is right."""

import math

import numpy as np
import pytest

from model.inference import rejection


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_strangeness_is_the_energy_of_the_class_logits_and_a_part_of_the_output_for_non_digits(weight):
    logits = np.array([[1.0, 2.0, 99.0], [0.0, 0.0, -5.0], [-3.0, 7.0, 0.0]], np.float32)
    expected = [weight * no - math.log(math.exp(first) + math.exp(second)) for first, second, no in logits.tolist()]
    assert rejection.strangeness(logits, 2, weight).tolist() == pytest.approx(expected)
    if not weight:
        assert rejection.strangeness(logits[:, :2], 2, weight).tolist() == pytest.approx(expected)


def test_the_threshold_refuses_one_digit_in_two_thousand():
    strange = np.random.default_rng(0).normal(size=10_000)
    refused = (strange >= rejection.fit(strange)).mean()
    assert refused == pytest.approx(rejection.REFUSED_DIGITS, abs=1e-4)


def test_the_area_is_the_share_of_pairs_in_order():
    digits, others = np.array([0.0, 1.0, 2.0, 2.0]), np.array([2.0, 3.0, 0.5])
    pairs = [(float(other > digit) + 0.5 * float(other == digit)) for digit in digits for other in others]
    assert rejection.auroc(digits, others) == pytest.approx(sum(pairs) / len(pairs))
    assert rejection.auroc(digits, digits + 10) == 1
    assert rejection.auroc(digits, digits) == 0.5
