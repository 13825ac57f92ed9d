"""torchrun trains in step: shards without overlap, one writer, the same accuracy, and a dead rank ends the run."""

import json
import os
import subprocess
import sys

import pytest
import torch

from model import distributed, weights
from model.training import Training
from tests.conftest import ROOT


def torchrun(*arguments: str, program: str = "train.py") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", program]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*command, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240
    )


def options(data, out) -> list[str]:
    return [
        "--data-dir",
        str(data),
        "--out",
        str(out),
        "--no-pen-digits",
        "--batch-size",
        "32",
        "--glyphs",
        "40",
        "--nondigits",
        "40",
        "--cuts",
        "20",
    ]


def test_two_processes_train_as_one_does(run, data, tmp_path):
    done = torchrun(*options(data, tmp_path / "two"), "--epochs", "4")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Training digitpad") == done.stdout.count("Saved") == 1  # one of them speaks and writes
    assert "in 2 processes" in done.stdout
    two = weights.load(tmp_path / "two" / "digitpad.safetensors").description
    assert run("--no-pen-digits", "--epochs", "4") == 0
    one = weights.load(tmp_path / "digitpad.safetensors").description
    assert two.metrics["test"] == pytest.approx(one.metrics["test"], abs=0.1)
    assert two.metrics["test"] > 0.8
    logs = [json.loads((folder / "logs" / "digitpad.json").read_text()) for folder in (tmp_path, tmp_path / "two")]
    first, second = (log["epochs"][-1] for log in logs)
    assert second["training_loss"] == pytest.approx(first["training_loss"], rel=0.3)
    resumed = torchrun(*options(data, tmp_path / "two"), "--epochs", "4", "--resume", "--force")
    assert resumed.returncode == 0, resumed.stderr
    again = weights.load(tmp_path / "two" / "digitpad.safetensors").description
    assert again.metrics == two.metrics


def test_a_rank_that_dies_ends_the_run_and_the_old_weights_stand(data, tmp_path):
    old = tmp_path / "digitpad.safetensors"
    old.write_bytes((ROOT / "weights" / "digitpad.safetensors").read_bytes())
    program = tmp_path / "dying.py"
    program.write_text(
        "import os, sys, train\n"
        "from model.training import Training\n"
        "whole = Training.run_epoch\n"
        "def dying(self, *arguments):\n"
        "    if os.environ['RANK'] == '1' and self.epoch == 1:\n"
        "        sys.exit('rank 1 has lost its mind')\n"
        "    return whole(self, *arguments)\n"
        "Training.run_epoch = dying\n"
        "sys.exit(train.main(sys.argv[1:]))\n"
    )
    before = old.read_bytes()
    done = torchrun(*options(data, tmp_path), "--epochs", "3", "--force", program=str(program))
    assert done.returncode != 0
    assert "rank 1 has lost its mind" in done.stderr
    assert old.read_bytes() == before
    assert (tmp_path / "digitpad.checkpoint").exists()  # one epoch is lost, not all


def test_shards_do_not_overlap(monkeypatch):
    from tests.model.test_training import CPU, DIGITS, RECIPE, build

    numbered = DIGITS.images.clone()
    numbered[:, 0, 0] = torch.arange(len(DIGITS)) % 256
    seen = []
    monkeypatch.setattr(distributed, "ranks", lambda: 2)
    monkeypatch.setattr(distributed, "parallel", lambda network: network)
    for rank in range(2):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        training = Training(build("digitpad"), type(DIGITS)(numbered, torch.arange(len(DIGITS))), [], RECIPE, CPU, 0)
        batches = [labels for _, labels in training._shuffled(training.turns[0])]
        assert {len(labels) for labels in batches} == {RECIPE.batch_size // 2}
        seen.append(torch.cat(batches).tolist())
    assert len(seen[0]) == len(seen[1]) == 9 * 16
    assert len({*seen[0], *seen[1]}) == 2 * 9 * 16


def test_a_batch_that_cannot_be_shared_is_refused(monkeypatch):
    from tests.model.test_training import CPU, DIGITS, RECIPE, build

    monkeypatch.setattr(distributed, "ranks", lambda: 3)
    with pytest.raises(ValueError, match="cannot share a batch of 32 evenly"):
        Training(build("digitpad"), DIGITS, [], RECIPE, CPU, 0)
