"""Strangeness orders images, a few digits in a thousand may be refused, and the ROC curve's area is right."""

import math

import numpy as np
import pytest

from model.inference import rejection


def test_the_less_evidence_there_is_for_any_class_the_stranger():
    logits = np.array([[1.0, 2.0, 99.0], [0.0, 0.0, -5.0], [-3.0, 7.0, 0.0]], np.float32)
    expected = [-math.log(math.exp(first) + math.exp(second)) for first, second, _ in logits.tolist()]
    assert rejection.strangeness(logits[:, :2]).tolist() == pytest.approx(expected)


def test_a_few_of_the_digits_may_be_refused():
    strange = np.random.default_rng(0).normal(size=10_000)
    refused = (strange >= rejection.fit(strange)).mean()
    assert refused == pytest.approx(rejection.REFUSED_DIGITS, abs=2e-4)


def test_the_area_counts_the_pairs_that_are_in_order():
    digits, others = np.array([0.0, 1.0, 2.0, 2.0]), np.array([2.0, 3.0, 0.5])
    pairs = [(float(other > digit) + 0.5 * float(other == digit)) for digit in digits for other in others]
    assert rejection.auroc(digits, others) == pytest.approx(sum(pairs) / len(pairs))
    assert rejection.auroc(digits, digits + 10) == 1
    assert rejection.auroc(digits, digits) == 0.5
