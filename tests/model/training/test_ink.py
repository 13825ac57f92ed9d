"""The ink network learns from scenes, resumes as if it had never stopped, and is installed like the others."""

import argparse

import numpy as np
import pytest
import torch

from model.data import templates
from model.data.scenes.writing import Sources
from model.inference.ink import InkFinder
from model.networks.ink import InkNetwork
from model.networks.registry import build
from model.preprocessing.normalize import normalize
from model.training import checkpoints
from model.training.ink.scenes import FIELD, ROWS, Scenes
from model.training.ink.training import InkRecipe, InkTraining, ink_loss, overlap
from model.training.stream.kinds import STREAMS, Stream
from model.training.stream.run import StreamRun, recipe_of
from tests.helpers.drawings import DRAWINGS, ink_of
from train import main

TINY = InkRecipe(epochs=2, examples=16, validation=8, batch_size=4)


@pytest.fixture(scope="module")
def sources() -> Sources:
    digits = templates.write_digits(20, list(templates.DIGITS), np.random.default_rng(0))
    return Sources(digits, np.stack([normalize(ink_of(label)) for label in sorted(DRAWINGS)]), np.arange(10))


@pytest.fixture
def begin(sources):
    def begin(seed: int = 0) -> InkTraining:
        torch.manual_seed(seed)
        return InkTraining(InkNetwork(), sources, sources, TINY, torch.device("cpu"), seed)

    return begin


def test_a_scene_has_its_number_and_its_field(sources):
    scenes = Scenes(sources, 8, (3,), 4)
    picture, truth = scenes[5]
    assert picture.shape == (3, FIELD, FIELD)
    assert truth.shape == (2, FIELD, FIELD)
    assert torch.equal(Scenes(sources, 99, (3,), 4)[5][0], picture)
    assert not torch.equal(scenes[6][0], picture)


def test_the_scenes_of_a_batch_have_one_size_and_some_are_rows(sources, begin):
    scenes = Scenes(sources, 64, (3,), 4)
    sizes = [{tuple(scenes[at + k][0].shape[1:]) for k in (0, 3)} for at in range(0, 64, 4)]
    assert all(len(each) == 1 for each in sizes)
    rows = {(height, width) for width, height in ROWS}
    assert rows < set.union(*sizes) == {(FIELD, FIELD), *rows}
    at = 4 * next(at for at, each in enumerate(sizes) if each < rows)
    pictures, truth = (torch.stack(parts) for parts in zip(*(scenes[at + k] for k in range(4)), strict=True))
    training = begin()
    loss, measure = training.loss(training.network, (pictures, truth), None)
    assert torch.isfinite(loss)
    assert measure.shape == (4,)


@pytest.mark.slow
def test_a_resumed_training_comes_to_the_same_weights(begin, tmp_path, monkeypatch):
    whole = StreamRun(begin(), tmp_path / "whole.checkpoint")
    whole.run()
    save = checkpoints.save

    def save_and_stop(*what):
        save(*what)
        raise KeyboardInterrupt

    begun = StreamRun(begin(), tmp_path / "some.checkpoint")
    monkeypatch.setattr(checkpoints, "save", save_and_stop)
    with pytest.raises(KeyboardInterrupt):
        begun.run()
    monkeypatch.undo()
    resumed = StreamRun(begin(), tmp_path / "some.checkpoint")
    assert "Going on after epoch 1" in resumed.resume()
    resumed.run()
    for name, tensor in whole.training.averaged.state_dict().items():
        assert torch.equal(tensor, resumed.training.averaged.state_dict()[name]), name
    assert [epoch.validation_loss for epoch in whole.history] == [epoch.validation_loss for epoch in resumed.history]


def test_the_checkpoint_of_another_training_is_refused(begin, tmp_path):
    tensors, values = begin().state()
    checkpoints.save(tmp_path / "ink.checkpoint", tensors, {**values, "identity": {"seed": 5}, "history": []})
    with pytest.raises(checkpoints.CheckpointError, match="seed was 5 and is now 0"):
        StreamRun(begin(), tmp_path / "ink.checkpoint").resume()


def test_the_loss_falls_with_the_overlap():
    truth = torch.zeros(2, 2, 32, 32)
    truth[:, 0, 8:24, 14:18] = 1
    right, half, wrong = (12 * (where - 0.5) for where in (truth, truth * (torch.arange(32) < 16), 1 - truth))
    assert ink_loss(right, truth) < ink_loss(half, truth) < ink_loss(wrong, truth)
    assert overlap(right, truth).tolist() == [1, 1]
    assert 0.4 < overlap(half, truth)[0].item() < 0.6
    assert overlap(torch.full((1, 2, 8, 8), -9.0), torch.zeros(1, 2, 8, 8)).item() == 1  # blank and found blank


def test_a_point_counts_for_more_than_its_pixels():
    """A point that is missed, or a tooth that is taken for one, is worse than the same pixels at a digit's rim."""
    truth = torch.zeros(1, 2, 64, 64)
    truth[:, 0, 4:44, 4:28] = 1
    truth[:, 0, 40:44, 40:44] = 1
    point, rim, speck = (torch.zeros_like(truth) for _ in range(3))
    point[:, 0, 40:44, 40:44] = 1
    rim[:, 0, 4:20, 4] = 1
    speck[:, 0, 40:44, 56:60] = 1
    no_point, no_rim, a_speck = (
        ink_loss(12 * (found - 0.5), truth) for found in (truth - point, truth - rim, truth + speck)
    )
    assert no_point > 1.2 * no_rim
    assert a_speck > 1.2 * no_rim


def test_options_change_the_recipe():
    given = dict.fromkeys(("epochs", "batch_size", "learning_rate", "weight_decay"))
    options = argparse.Namespace(**{**given, "epochs": 3}, dry_run=False)
    assert recipe_of(options, InkRecipe()) == InkRecipe(epochs=3)


def test_a_dry_run_goes_from_data_to_weights(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("train.sources_of", lambda *_: (tiny_sources(), tiny_sources()))
    monkeypatch.setattr("train.load_pen_digits", lambda *_: [])
    monkeypatch.setitem(STREAMS, "ink", Stream(InkTraining, TINY, lambda training, description, *_: description))
    assert main(["--network", "ink", "--out", str(tmp_path), "--epochs", "1"]) == 0
    assert "Saved" in capsys.readouterr().out
    for runtime in ("onnx", "torch"):
        finder = InkFinder.load(tmp_path / "ink.safetensors", runtime)
        assert finder.runtime == runtime
        assert finder.description.recipe["examples"] == TINY.examples
    assert (tmp_path / "logs" / "ink.log").exists()
    assert not (tmp_path / "ink.checkpoint").exists()


def tiny_sources() -> Sources:
    digits = templates.write_digits(5, list(templates.DIGITS), np.random.default_rng(0))
    return Sources(digits, normalize(ink_of("4"))[None], np.array([4]))


@pytest.mark.parametrize("given", [["--corrections"], ["--data", "cifar10"]])
def test_it_learns_from_nothing_but_scenes(given, capsys):
    assert main(["--network", "ink", *given]) == 1
    assert "examples of its own" in capsys.readouterr().err


def test_it_is_in_the_registry():
    assert isinstance(build("ink"), InkNetwork)
