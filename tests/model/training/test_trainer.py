"""Training learns, repeats itself with the same seed, and averages what it learned."""

import dataclasses
import itertools
import json

import pytest
import torch

from model import errors
from model.data import image_set
from model.evaluation import evaluate
from model.networks.registry import build
from model.preprocessing.network_input import Input
from model.preprocessing.normalize import normalize
from model.training import devices, trainer
from model.training.augment import Augmentation
from model.training.recipe import Recipe
from tests.helpers.drawings import DRAWINGS, ink_of

IMAGES = torch.stack([torch.from_numpy(normalize(ink_of(label))) for label in sorted(DRAWINGS)]).repeat(30, 1, 1)
DIGITS = image_set.ImageSet(IMAGES, torch.arange(10).repeat(30))
RECIPE = Recipe(epochs=3, batch_size=32, augmentation=Augmentation(rotation=5, warp=0.2))
CPU = torch.device("cpu")


def fresh(seed: int = 0, variants: int = 1, recipe: Recipe = RECIPE) -> trainer.Training:
    torch.manual_seed(seed)
    network = torch.nn.Sequential(build("digitpad", widths=(8, 8, 8, 16, 16), classes=16), torch.nn.Dropout(0.1))
    return trainer.Training(network, DIGITS, [DIGITS[: 100 + 10 * n] for n in range(variants)], recipe, CPU, seed)


def train(seed: int = 0, variants: int = 1, recipe: Recipe = RECIPE) -> trainer.Training:
    run = fresh(seed, variants, recipe)
    for _ in range(recipe.epochs):
        run.run_epoch()
    return run


@pytest.mark.parametrize("bfloat16", [False, True])
def test_training_learns(bfloat16, monkeypatch):
    monkeypatch.setattr(trainer, "fast_bfloat16", lambda device: bfloat16)
    run = train()
    assert evaluate.evaluate(run.averaged, DIGITS, run.to_input).accuracy > 0.9


def test_the_seed_decides_the_weights():
    first, again, other = (train(seed).averaged.state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_an_estimate_counts_the_steps_that_are_left_and_changes_no_training(monkeypatch):
    plain, estimated = train(), fresh()
    assert estimated.estimate() > 0
    clock = itertools.count()
    monkeypatch.setattr(trainer, "_now", lambda device: float(next(clock)))
    steps = len(DIGITS) // RECIPE.batch_size + len(DIGITS[:100]) // RECIPE.batch_size
    for left in range(RECIPE.epochs, 0, -1):
        assert estimated.estimate() == pytest.approx(left * steps / trainer.TIMED, rel=0.1)
        estimated.run_epoch()
    expected, found = (run.network.state_dict() for run in (plain, estimated))
    assert all(torch.equal(expected[name], found[name]) for name in expected)


@pytest.mark.parametrize(("side", "most"), [(32, 8), (64, 1)])
def test_large_photographs_are_augmented_batch_by_batch(side, most, monkeypatch):
    """All at once, eight batches of AlexNet's would take gigabytes."""
    counts = []
    monkeypatch.setattr(trainer, "augment", lambda images, *_: counts.append(len(images)) or images.float())
    recipe = dataclasses.replace(RECIPE, epochs=1, batch_size=4)
    images = torch.arange(40 * 3 * side**2).view(40, 3, side, side).to(torch.uint8)
    photographs = image_set.ImageSet(images, torch.zeros(40).long())
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * side**2, 2))
    run = trainer.Training(network, photographs, [], recipe, CPU, 0, Input((side, side), channels=3))
    run.run_epoch()
    assert max(counts) == 4 * most


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5])
def test_a_training_may_be_of_a_few_steps(steps):
    recipe = dataclasses.replace(RECIPE, epochs=1)
    run = trainer.Training(build("digitpad"), DIGITS[: steps * RECIPE.batch_size], [], recipe, CPU, 0)
    assert run.run_epoch().images == steps * RECIPE.batch_size


def test_a_loss_that_is_no_number_ends_the_training_at_once():
    seen = []

    def epochs() -> None:
        run = fresh(recipe=dataclasses.replace(RECIPE, learning_rate=1e30))
        for _ in range(2):
            run.run_epoch(lambda progress: seen.append(progress.loss))

    with pytest.raises(errors.Diverged, match=r"in epoch [12]:.*Try --learning-rate 1e\+29 instead of 1e\+30"):
        epochs()
    assert torch.tensor(seen).isfinite().all()


def test_the_average_is_of_the_last_part_of_the_training_so_far():
    run = fresh()
    states = []
    for _ in range(2):
        run.run_epoch(
            lambda progress: states.append([weights.detach().clone() for weights in run.network.parameters()])
        )
    expected = states[0]
    for step, state in enumerate(states, start=1):
        part = 1 / max(1, RECIPE.averaging * step)
        expected = [torch.lerp(mean, new, part) for mean, new in zip(expected, state, strict=True)]
    assert len(states) > 1 / RECIPE.averaging
    torch.testing.assert_close(list(run.averaged.parameters()), expected)
    assert not torch.equal(next(run.averaged.parameters()), states[-1][0])


def test_each_epoch_sees_the_next_variant():
    run = trainer.Training(build("digitpad"), DIGITS, [DIGITS[:100], DIGITS[:132]], RECIPE, CPU, 0)
    seen = []
    for _ in range(3):
        assert run.epoch_images % RECIPE.batch_size == 0
        seen.append((run.epoch_images, run.run_epoch().images))
    assert seen == [(384, 384), (416, 416), (384, 384)]


def test_progress_is_told_at_every_step():
    run = trainer.Training(build("digitpad"), DIGITS, [], RECIPE, CPU, 0)
    told = []
    last = run.run_epoch(told.append)
    assert [progress.images for progress in told] == list(range(32, 289, 32))
    assert told[-1] == last
    assert 0 <= last.accuracy <= 1
    assert last.loss > 0


def test_batches_are_shuffled():
    run = trainer.Training(build("digitpad"), DIGITS, [], RECIPE, CPU, 0)
    first, second = (torch.cat([labels for _, labels in run._shuffled(run.turns[0])]) for _ in range(2))
    assert not torch.equal(first, DIGITS.labels[: len(first)])
    assert not torch.equal(first, second)


def test_a_restored_state_goes_on_to_the_same_weights():
    whole = train(variants=2)
    part = fresh(variants=2)
    part.run_epoch()
    tensors, values = part.state()
    values = json.loads(json.dumps(values))
    tensors = {name: tensor.contiguous().clone() for name, tensor in tensors.items()}  # as a file keeps them
    part.run_epoch()  # what came after is forgotten
    resumed = fresh(seed=5, variants=2)
    resumed.restore(tensors, values)
    while resumed.epoch < RECIPE.epochs:
        resumed.run_epoch()
    for kind in ("network", "averaged"):
        one, other = getattr(whole, kind).state_dict(), getattr(resumed, kind).state_dict()
        assert [name for name in one if not torch.equal(one[name], other[name])] == []


def test_biases_and_normalisation_are_spared_from_weight_decay():
    run = trainer.Training(build("digitpad"), DIGITS, [], dataclasses.replace(RECIPE, weight_decay=0.5), CPU, 0)
    for group in run.optimizer.param_groups:
        assert all((weight.ndim > 1) == (group["weight_decay"] == 0.5) for weight in group["params"])


def test_a_processor_without_bfloat16_is_not_asked_for_it(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": False, "amx_bf16": False})
    assert not devices.fast_bfloat16(CPU)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    assert devices.fast_bfloat16(CPU)


@pytest.mark.parametrize(("cuda", "mps", "expected"), [(1, 1, "cuda"), (0, 1, "mps"), (0, 0, "cpu")])
def test_the_fastest_device_is_chosen(monkeypatch, cuda, mps, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(cuda))
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: bool(mps))
    assert devices.choose_device().type == expected
    assert devices.choose_device("cuda:1") == torch.device("cuda:1")  # what is asked for is tried


def test_devices_that_emulate_bfloat16_are_not_asked_for_it(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: including_emulation)
    assert not devices.fast_bfloat16(torch.device("cuda"))  # a GPU of before 2020
    assert not devices.fast_bfloat16(torch.device("mps"))
