"""A training that was interrupted goes on to the weights that it would have come to."""

import json

import pytest
import torch

from model.networks import weights
from model.training import checkpoints, loop
from model.training.loop import Run

QUICK = ("--no-pen-digits", "--epochs", "3")


@pytest.fixture
def interrupt(run, monkeypatch):
    """Interrupt a training in its second epoch, as by Ctrl-C."""
    whole = Run.epoch

    def interrupted(self, show):
        if self.history:
            raise KeyboardInterrupt
        return whole(self, show)

    def command(*arguments):
        with monkeypatch.context() as patch:
            patch.setattr(Run, "epoch", interrupted)
            assert run(*arguments) == 130

    return command


def test_interrupted_and_resumed_gives_the_same_weights(run, tmp_path, interrupt, capsys):
    dropout = (*QUICK, "--network", "cnn-dropout")  # which draws from a generator of its own
    assert run(*dropout, "--resume") == 0
    assert "starting anew" in capsys.readouterr().out
    path, checkpoint = tmp_path / "cnn-dropout.safetensors", tmp_path / "cnn-dropout.checkpoint"
    whole, before = weights.load(path).network.state_dict(), path.read_bytes()
    interrupt(*dropout)
    said = capsys.readouterr().err
    assert "is as it was" in said
    assert "--resume" in said
    assert path.read_bytes() == before
    assert sorted(tmp_path.glob("*.*")) == [checkpoint, path]
    path.unlink()
    torch.manual_seed(99)
    assert run(*dropout, "--resume") == 0
    out, err = capsys.readouterr()
    assert "Going on after epoch 1" in out
    assert "epoch 2/3" in err
    assert "epoch 1/3" not in err
    resumed = weights.load(path).network.state_dict()
    assert [name for name in whole if not torch.equal(whole[name], resumed[name])] == []
    assert not checkpoint.exists()  # it has served
    logged = json.loads((tmp_path / "logs" / "cnn-dropout.json").read_text())
    assert [epoch["epoch"] for epoch in logged["epochs"]] == [1, 2, 3]


def test_another_training_is_not_resumed(run, tmp_path, interrupt, capsys):
    interrupt(*QUICK)
    before = (tmp_path / "digitpad.checkpoint").read_bytes()
    assert run("--no-pen-digits", "--epochs", "4", "--seed", "2", "--resume") == 1
    said = capsys.readouterr().err
    assert "epochs was 3 and is now 4" in said
    assert "seed was 0 and is now 2" in said
    assert (tmp_path / "digitpad.checkpoint").read_bytes() == before


def test_a_damaged_checkpoint_is_said(run, tmp_path, capsys):
    (tmp_path / "digitpad.checkpoint").write_bytes(b"\x80\x02" + bytes(100))
    assert run(*QUICK, "--resume") == 1
    assert "start without --resume" in capsys.readouterr().err


def test_weights_that_cannot_be_written_can_be_had_by_resuming(run, tmp_path, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(weights, "serialize", full)
        assert run("--no-pen-digits", "--epochs", "1") == 1
    assert "No space" in capsys.readouterr().err
    assert run("--no-pen-digits", "--epochs", "1", "--resume") == 0
    assert "epoch 1/1" not in capsys.readouterr().err
    assert (tmp_path / "digitpad.safetensors").exists()


@pytest.fixture
def losses(monkeypatch):
    """Let the epochs' validation losses be those of a list, whatever was learned."""

    def arm(values):
        told, real = iter(values), loop.evaluate
        monkeypatch.setattr(
            loop, "evaluate", lambda *arguments: type(real(*arguments))(real(*arguments).confusion, next(told))
        )

    return arm


def test_early_stopping_waits_as_long_as_it_is_told(run, tmp_path, losses):
    losses([0.9, 0.5, 0.6, 0.4, 0.7, 0.4, 0.1])  # the second 0.4 is no lower than the first
    assert run("--no-pen-digits", "--epochs", "7", "--early-stopping", "2") == 0
    epochs = json.loads((tmp_path / "logs" / "digitpad.json").read_text())["epochs"]
    assert [epoch["validation_loss"] for epoch in epochs] == [0.9, 0.5, 0.6, 0.4, 0.7, 0.4]


def test_the_best_epoch_is_kept_if_asked(run, tmp_path, monkeypatch, losses):
    losses([0.5, 0.1, 0.9])
    whole, states = Run.epoch, []

    def noted(self, show):
        epoch = whole(self, show)
        states.append({name: tensor.clone() for name, tensor in self.training.averaged.state_dict().items()})
        return epoch

    monkeypatch.setattr(Run, "epoch", noted)
    assert run(*QUICK, "--keep-best") == 0
    kept = weights.load(tmp_path / "digitpad.safetensors").network.state_dict()
    assert all(torch.equal(kept[name], states[1][name]) for name in kept)
    assert not all(torch.equal(kept[name], states[2][name]) for name in kept)


def test_a_checkpoint_is_no_pickle(tmp_path):
    path = tmp_path / "some.checkpoint"
    checkpoints.save(path, {"a.b": torch.arange(3), "a.c": torch.zeros(2, 2).T}, {"epoch": 3})
    tensors, values = checkpoints.load(path)
    assert values == {"epoch": 3}
    assert checkpoints.part(tensors, "a")["b"].tolist() == [0, 1, 2]
    assert b"\x80\x02" not in path.read_bytes()[:64]
