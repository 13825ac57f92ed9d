"""Processes train in step: shards without overlap, one writer, the same accuracy, and a dead rank ends the run."""

import os
import subprocess
import sys

import pytest
import torch

from model.errors import UsageError
from model.networks import weights
from model.training import devices
from model.training.trainer import Training
from tests.helpers.datasets import FEW
from tests.helpers.drawings import ROOT
from tests.model.training.test_trainer import CPU, DIGITS, RECIPE, build

# Two runs of train.py in two processes each, as torchrun starts them, but forked: what is imported is imported once,
# torchvision too, which train.py imports late and in seconds.
# In the first run, rank 1 dies in the second epoch, and what the run leaves is copied; the second one resumes it.
PROGRAM = """
import os, pathlib, shutil, sys, time, torchvision, train
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch
from model.training import install
from model.training.trainer import Training
from tests.helpers.datasets import know_mnist

out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
know_mnist(pathlib.Path(sys.argv[sys.argv.index("--data-dir") + 1]))
install.exporter = lambda _: None  # which takes seconds, and has tests of its own
train.why_unusable = lambda *_: ""  # digits that four epochs on a few do not read
whole = Training.run_epoch

def run_epoch(self, *arguments):
    if "--resume" not in sys.argv and self.epoch == 1 and os.environ["RANK"] == "1":
        checkpoint, until = out / "digitpad.checkpoint", time.monotonic() + 60
        while not checkpoint.exists() and time.monotonic() < until:  # which rank 0 writes after the first epoch
            time.sleep(0.05)
        sys.exit("rank 1 has lost its mind")
    return whole(self, *arguments)

def rank():
    assert train.main(sys.argv[1:]) == 0
    tasks = pathlib.Path("/proc/self/task")
    print("threads:", *[(task / "comm").read_text().strip() for task in tasks.iterdir()] if tasks.exists() else "")

Training.run_epoch = run_epoch
here = {"rdzv_backend": "c10d", "rdzv_endpoint": "localhost:0", "run_id": "both"}
launch = elastic_launch(LaunchConfig(1, 1, 2, **here, max_restarts=0, start_method="fork"), rank)
try:
    launch()
except ChildFailedError:
    print("The first run failed.", flush=True)
shutil.copytree(out, out.with_name("died"))
sys.argv.append("--resume")
launch()
"""


@pytest.mark.slow
def test_a_rank_that_dies_ends_the_run_and_resumed_it_trains_as_one_process_does(run, data, tmp_path):
    out, path = tmp_path / "two", tmp_path / "two" / "digitpad.safetensors"
    out.mkdir()
    path.write_bytes((ROOT / "weights" / "digitpad.safetensors").read_bytes())
    before = path.read_bytes()
    arguments = ["--data-dir", str(data), "--out", str(out), *FEW, "--no-pen-digits", "--epochs", "4", "--force"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    assert "rank 1 has lost its mind" in done.stderr
    died, _, resumed = done.stdout.partition("The first run failed.")
    assert resumed
    assert "Saved" not in died
    assert (tmp_path / "died" / path.name).read_bytes() == before
    assert (tmp_path / "died" / "digitpad.checkpoint").exists()  # one epoch is lost, not all

    assert "Going on after epoch 1" in resumed
    assert resumed.count("Training digitpad") == resumed.count("Saved") == 1  # one of them speaks and writes
    assert "in 2 processes" in resumed
    assert resumed.count("threads:") == 2
    assert "gloo" not in resumed  # an interpreter that is taken down around the group's threads may abort

    assert run("--no-pen-digits", "--epochs", "4") == 0
    two, one = (weights.load(folder / "digitpad.safetensors").description for folder in (out, tmp_path))
    assert two.metrics["test"] == pytest.approx(one.metrics["test"], abs=0.1)
    assert two.metrics["test"] > 0.8
    assert two.history[-1].training_loss == pytest.approx(one.history[-1].training_loss, rel=0.3)


def test_shards_do_not_overlap(monkeypatch):
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
    monkeypatch.setattr(devices, "ranks", lambda: 3)
    with pytest.raises(UsageError, match="cannot share a batch of 32 evenly"):
        Training(build("digitpad"), DIGITS, [], RECIPE, CPU, 0)
