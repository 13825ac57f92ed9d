"""Strangeness orders images, a few digits in a thousand may be refused, and the ROC curve's area is right."""

import pytest
import torch

from model import rejection


def test_strangeness_is_the_log_odds_of_no_class():
    logits = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, -5.0]])
    probabilities = logits.softmax(dim=1)
    expected = (probabilities[:, 2] / probabilities[:, :2].sum(dim=1)).log()
    assert torch.allclose(rejection.strangeness(logits, 2), expected)


def test_a_few_of_the_digits_may_be_refused():
    strange = torch.randn(10_000, generator=torch.Generator().manual_seed(0))
    refused = (strange >= rejection.fit(strange)).float().mean()
    assert refused == pytest.approx(rejection.REFUSED_DIGITS, abs=2e-4)


def test_the_area_counts_the_pairs_that_are_in_order():
    digits, others = torch.tensor([0.0, 1.0, 2.0, 2.0]), torch.tensor([2.0, 3.0, 0.5])
    pairs = [(float(other > digit) + 0.5 * float(other == digit)) for digit in digits for other in others]
    assert rejection.auroc(digits, others) == pytest.approx(sum(pairs) / len(pairs))
    assert rejection.auroc(digits, digits + 10) == 1
    assert rejection.auroc(digits, digits) == 0.5
