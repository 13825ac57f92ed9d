"""The training record has a limited number of epochs, all with finite numbers."""

import dataclasses
import itertools
import math

import pytest

from model.networks import training_record
from model.networks.training_record import Epoch

EPOCH = Epoch(1, 1.5, 0.5, 0.6, 0.8, 2e-3, 4.5)


def epochs(count: int) -> list[Epoch]:
    return [dataclasses.replace(EPOCH, epoch=number) for number in range(1, count + 1)]


@pytest.mark.parametrize("count", [0, 1, training_record.MAX_EPOCHS])
def test_up_to_the_limit_every_epoch_is_stored(count):
    assert training_record.select_epochs(epochs(count)) == tuple(epochs(count))


def test_of_a_longer_training_evenly_spaced_epochs_and_the_last_are_stored():
    numbers = [epoch.epoch for epoch in training_record.select_epochs(epochs(2 * training_record.MAX_EPOCHS + 1))]
    assert len(numbers) <= training_record.MAX_EPOCHS
    assert {later - earlier for earlier, later in itertools.pairwise(numbers)} == {3}
    assert numbers[-1] == 2 * training_record.MAX_EPOCHS + 1


def test_an_epoch_without_a_finite_loss_is_left_out():
    history = epochs(3)
    history[1] = dataclasses.replace(history[1], training_loss=math.nan)
    assert [epoch.epoch for epoch in training_record.select_epochs(history)] == [1, 3]
