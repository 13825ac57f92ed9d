"""Of a training as much is kept as a file has room for."""

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
def test_every_epoch_of_a_training_is_kept(count):
    assert training_record.keep(epochs(count)) == tuple(epochs(count))


def test_of_too_long_a_training_evenly_spaced_epochs_are_kept_and_the_last():
    kept = [epoch.epoch for epoch in training_record.keep(epochs(2 * training_record.MAX_EPOCHS + 1))]
    assert len(kept) <= training_record.MAX_EPOCHS
    assert {later - earlier for earlier, later in itertools.pairwise(kept)} == {3}
    assert kept[-1] == 2 * training_record.MAX_EPOCHS + 1


def test_an_epoch_whose_loss_is_no_number_is_left_out():
    history = epochs(3)
    history[1] = dataclasses.replace(history[1], training_loss=math.nan)
    assert [epoch.epoch for epoch in training_record.keep(history)] == [1, 3]
