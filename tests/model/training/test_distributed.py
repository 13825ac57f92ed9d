"""torchrun trains in step: shards without overlap, one writer, the same accuracy, and a dead rank ends the run."""

import json
import os
import subprocess
import sys

import pytest
import torch

from model.errors import UsageError
from model.networks import weights
from model.training import devices
from model.training.trainer import Training
from tests.helpers.drawings import ROOT


def torchrun(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONPATH": str(ROOT),
        **variables,
    }
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


# train.py, which in rank 1 dies in the second epoch where that is asked for, and else tells which threads are left.
PROGRAM = """
import os, pathlib, sys, train
from model.training.trainer import Training

whole, dies = Training.run_epoch, "DYING" in os.environ and os.environ["RANK"] == "1"

def run_epoch(self, *arguments):
    if dies and self.epoch == 1:
        sys.exit("rank 1 has lost its mind")
    return whole(self, *arguments)

Training.run_epoch = run_epoch
status = train.main(sys.argv[1:])
tasks = pathlib.Path("/proc/self/task")
print("threads:", *[(task / "comm").read_text().strip() for task in tasks.iterdir()] if tasks.exists() else "")
sys.exit(status)
"""


def test_a_rank_that_dies_ends_the_run_and_resumed_it_trains_as_one_process_does(run, data, tmp_path):
    out, program = tmp_path / "two", tmp_path / "program.py"
    program.write_text(PROGRAM)
    out.mkdir()
    path = out / "digitpad.safetensors"
    path.write_bytes((ROOT / "weights" / "digitpad.safetensors").read_bytes())
    before = path.read_bytes()
    arguments = [str(program), *options(data, out), "--epochs", "4", "--force"]
    died = torchrun(*arguments, DYING="1")
    assert died.returncode != 0
    assert "rank 1 has lost its mind" in died.stderr
    assert path.read_bytes() == before
    assert (out / "digitpad.checkpoint").exists()  # one epoch is lost, not all

    done = torchrun(*arguments, "--resume")
    assert done.returncode == 0, done.stderr
    assert "Going on after epoch 1" in done.stdout
    assert done.stdout.count("Training digitpad") == done.stdout.count("Saved") == 1  # one of them speaks and writes
    assert "in 2 processes" in done.stdout
    assert done.stdout.count("threads:") == 2
    assert "gloo" not in done.stdout  # an interpreter that is taken down around the group's threads may abort

    assert run("--no-pen-digits", "--epochs", "4") == 0
    two, one = (weights.load(folder / "digitpad.safetensors").description for folder in (out, tmp_path))
    assert two.metrics["test"] == pytest.approx(one.metrics["test"], abs=0.1)
    assert two.metrics["test"] > 0.8
    logs = [json.loads((folder / "logs" / "digitpad.json").read_text()) for folder in (tmp_path, out)]
    first, second = (log["epochs"][-1] for log in logs)
    assert second["training_loss"] == pytest.approx(first["training_loss"], rel=0.3)


def test_shards_do_not_overlap(monkeypatch):
    from tests.model.training.test_trainer import CPU, DIGITS, RECIPE, build

    numbered = DIGITS.images.clone()
    numbered[:, 0, 0] = torch.arange(len(DIGITS)) % 256
    seen = []
    monkeypatch.setattr(devices, "ranks", lambda: 2)
    monkeypatch.setattr(devices, "parallel", lambda network: network)
    for rank in range(2):
        monkeypatch.setattr(devices, "rank", lambda rank=rank: rank)
        training = Training(build("digitpad"), type(DIGITS)(numbered, torch.arange(len(DIGITS))), [], RECIPE, CPU, 0)
        batches = [labels for _, labels in training._shuffled(training.turns[0])]
        assert {len(labels) for labels in batches} == {RECIPE.batch_size // 2}
        seen.append(torch.cat(batches).tolist())
    assert len(seen[0]) == len(seen[1]) == 9 * 16
    assert len({*seen[0], *seen[1]}) == 2 * 9 * 16


def test_a_batch_that_cannot_be_shared_is_refused(monkeypatch):
    from tests.model.training.test_trainer import CPU, DIGITS, RECIPE, build

    monkeypatch.setattr(devices, "ranks", lambda: 3)
    with pytest.raises(UsageError, match="cannot share a batch of 32 evenly"):
        Training(build("digitpad"), DIGITS, [], RECIPE, CPU, 0)
