"""The line network learns from lines, resumes as if it had never stopped, and is installed like the others."""

import dataclasses

import numpy as np
import pytest
import torch

from model.data import templates
from model.data.lines.compose import Writer
from model.data.scenes.writing import Sources
from model.errors import Diverged
from model.files import WEIGHTS
from model.inference.line import LineReader
from model.networks import weights
from model.networks.description import LINE_CLASSES
from model.networks.line import best_frames, ctc_loss
from model.networks.registry import build
from model.preprocessing.normalize import normalize
from model.preprocessing.strip import HEIGHT
from model.training.line.calibrate import calibrate_line
from model.training.line.training import LineRecipe, Lines, LineTraining, batch_of
from model.training.stream.kinds import STREAMS, Stream
from model.training.stream.run import StreamRun, describe
from tests.helpers.drawings import DRAWINGS, ink_of
from train import main

TINY = LineRecipe(epochs=2, examples=16, validation=8, batch_size=4)


def sources() -> Sources:
    digits = templates.write_digits(40, list(templates.DIGITS), np.random.default_rng(0))
    return Sources(digits, np.stack([normalize(ink_of(label)) for label in sorted(DRAWINGS)]), np.arange(10))


@pytest.fixture
def begin():
    def begin() -> LineTraining:
        torch.manual_seed(0)
        return LineTraining(build("line"), sources(), sources(), TINY, torch.device("cpu"), 0)

    return begin


def test_a_group_of_batches_has_its_number():
    lines = Lines(Writer(sources()), 7, 4, (3,))
    assert len(lines) == 2
    first, last = lines[0], lines[1]
    assert [len(batch.strips) for batch in (*first, *last)] == [4] * 7
    again = Lines(Writer(sources()), 7, 4, (3,))[0]
    assert [batch.texts for batch in again] == [batch.texts for batch in first]
    assert all(torch.equal(one.strips, other.strips) for one, other in zip(again, first, strict=True))
    assert first[0].texts != last[0].texts


def test_a_batch_holds_strips_and_classes():
    batch = batch_of([(np.full((HEIGHT, 56), 9, np.uint8), "3/4"), (np.full((HEIGHT, 80), 9, np.uint8), "-5")])
    assert batch.strips.shape == (2, 1, HEIGHT, 80)
    assert batch.strips[0, 0, :, 56:].sum() == 0
    assert "".join(LINE_CLASSES[at] for at in batch.labels) == "3/4-5"
    assert batch.lengths.tolist() == [3, 2]
    assert batch.frames.tolist() == [40, 40]


def test_the_loss_falls_where_the_text_is_likelier():
    blank = len(LINE_CLASSES)
    frames = torch.tensor([[blank, 3, 3, blank, 7, blank]])
    right = 9.0 * torch.nn.functional.one_hot(frames, blank + 1)
    labels, lengths, count = torch.tensor([3, 7]), torch.tensor([2]), torch.tensor([6])
    assert best_frames(right) == [[3, 7]]
    losses = [ctc_loss(logits, count, labels, lengths).item() for logits in (right, 0.2 * right, right.roll(1, 2))]
    assert losses[0] < losses[1] < losses[2]


def test_a_resumed_training_comes_to_the_same_weights(begin, tmp_path):
    whole = StreamRun(begin(), tmp_path / "line.checkpoint")
    whole.run()
    checkpoint = StreamRun(begin(), tmp_path / "half.checkpoint")
    checkpoint.training.run_epoch()
    tensors, values = checkpoint.training.state()
    resumed = begin()
    resumed.restore(tensors, values)
    resumed.run_epoch()
    for name, tensor in whole.training.averaged.state_dict().items():
        assert torch.equal(tensor, resumed.averaged.state_dict()[name]), name


def test_trained_weights_are_calibrated_exported_and_read(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("train.sources_of", lambda *_: (sources(), sources()))
    monkeypatch.setattr("train.load_pen_digits", lambda *_: [])
    monkeypatch.setitem(STREAMS, "line", Stream(LineTraining, TINY, lambda *given: calibrate_line(*given, count=12)))
    assert main(["--network", "line", "--out", str(tmp_path)]) == 0
    assert "Training line (461,551 parameters)" in capsys.readouterr().out
    readers = [LineReader.load(tmp_path / "line.safetensors", runtime) for runtime in ("onnx", "torch")]
    assert [reader.runtime for reader in readers] == ["onnx", "torch"]
    ink = np.pad(ink_of("5"), 9)
    one, other = (reader.read(ink) for reader in readers)
    assert one.text == other.text
    assert one.confidence == pytest.approx(other.confidence, abs=1e-4)
    assert readers[0].description.calibration.sure_from >= 0.5
    assert (tmp_path / "logs" / "line.log").exists()


@pytest.mark.slow
def test_a_training_goes_on_from_weights_of_its_own_network_alone(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("train.sources_of", lambda *_: (sources(), sources()))
    monkeypatch.setattr("train.load_pen_digits", lambda *_: [])
    still = dataclasses.replace(TINY, learning_rate=1e-12, weight_decay=0.0)
    monkeypatch.setitem(STREAMS, "line", Stream(LineTraining, still, lambda training, description, *_: description))
    committed = WEIGHTS / "line.safetensors"
    assert main(["--network", "line", "--from", str(committed), "--half-way", "--out", str(tmp_path)]) == 0
    before, after = (weights.load(path).network for path in (committed, tmp_path / "line.safetensors"))
    for name, values in before.named_parameters():
        assert torch.allclose(values, after.get_parameter(name), atol=1e-6), name
    assert (
        main(["--network", "line", "--from", str(WEIGHTS / "digitpad.safetensors"), "--out", str(tmp_path / "other")])
        == 1
    )
    assert "has weights of digitpad, not of line" in capsys.readouterr().err


def test_half_way_lies_between_where_it_began_and_where_it_came_to(begin):
    training, start = begin(), begin().network
    training.run_epoch()
    reached = {name: values.clone() for name, values in training.averaged.state_dict().items()}
    training.go_half_way_back(start)
    half_way, moved = training.averaged.state_dict(), 0.0
    for name, before in start.state_dict().items():
        if before.is_floating_point():
            assert torch.allclose(half_way[name], (before + reached[name]) / 2), name
            moved += (before - reached[name]).abs().max().item()
    assert moved > 0


def test_half_way_of_what_is_an_error_without_a_start(capsys):
    with pytest.raises(SystemExit):
        main(["--network", "line", "--half-way"])
    assert "--half-way goes with --from" in capsys.readouterr().err


def test_a_loss_that_is_no_number_ends_the_training_at_once(begin):
    training = begin()
    training.network.head.bias.data.fill_(float("nan"))
    with pytest.raises(Diverged, match=r"in epoch 1:.*Try --learning-rate 0.0004 instead of 0.004"):
        training.run_epoch()


@pytest.mark.parametrize(
    "option", [["--corrections"], ["--keep-best"], ["--glyphs", "0"], ["--without", "7"], ["--tensorboard", "board"]]
)
def test_options_that_would_change_nothing_are_refused(option, tmp_path, capsys):
    assert main(["--network", "line", "--dry-run", "--out", str(tmp_path), *option]) == 1
    assert f"examples of its own: leave out {option[0]}\n" in capsys.readouterr().err


def test_the_description_names_the_classes(begin):
    training = begin()
    described = describe(training, StreamRun(training, None), 0.25)
    assert described.classes == LINE_CLASSES
    assert described.outputs == len(LINE_CLASSES) + 1
    assert described.metrics == {"validation": 0.25}
