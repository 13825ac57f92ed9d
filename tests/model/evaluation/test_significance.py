"""New weights are worse only if they lose significantly more images than they gain."""

import pytest
import torch

from model.evaluation.significance import chance_of, got_worse, table


def marks(lost: int, gained: int, others: int = 500) -> tuple[torch.Tensor, torch.Tensor]:
    before = torch.tensor([True] * lost + [False] * gained + [True] * others)
    after = torch.tensor([False] * lost + [True] * gained + [True] * others)
    return before, after


@pytest.mark.parametrize(
    ("lost", "gained", "worse"),
    [(0, 0, False), (4, 0, False), (5, 0, True), (6, 4, False), (9, 3, False), (10, 2, True), (3, 10, False)],
)
def test_significantly_more_losses_than_gains_are_worse(lost, gained, worse):
    before, after = marks(lost, gained)
    assert got_worse({"digits": before}, {"digits": after}) == (["digits"] if worse else [])


@pytest.mark.parametrize(("lost", "gained", "worse"), [(0, 0, False), (1, 0, True), (2, 2, False), (3, 2, True)])
def test_in_a_strict_set_one_more_loss_than_gains_is_worse(lost, gained, worse):
    before, after = marks(lost, gained)
    assert got_worse({"digits": before}, {"digits": after}, strict=["digits"]) == (["digits"] if worse else [])


def test_the_probability_is_binomial():
    assert chance_of(0, 0) == 1
    assert chance_of(5, 0) == 1 / 32
    assert chance_of(2, 1) == pytest.approx(0.5)


def test_the_table_has_the_sets_that_all_weights_have_read():
    before, after = marks(2, 1, 97)
    text = table({"a": "digits", "b": "letters"}, {"before": {"a": before}, "after": {"a": after, "b": after}})
    assert " ".join(text.splitlines()[1].split()) == "digits 99.00%, 1 of 100 wrong 98.00%, 2 of 100 wrong"
    assert "letters" not in text
