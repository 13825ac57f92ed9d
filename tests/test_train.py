"""train.py as a user runs it, on data that the test makes."""

import contextlib
import dataclasses
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from types import SimpleNamespace

import pytest
import torch
from PIL import Image

import train
from model.data import mnist, pen_digits, sources
from model.data.image_set import ImageSet
from model.evaluation import comparison
from model.files import WEIGHTS
from model.inference.ink import ink_reader
from model.inference.recognizer import Recognizer
from model.networks import weights
from model.training import devices
from model.training.tensorboard import Board
from tests.helpers.datasets import FEW, some_mnist, write_mnist
from tests.helpers.drawings import ROOT, png_of
from tests.helpers.photos import write_photos


def test_a_dry_run_goes_the_whole_way_and_installs_nothing(run, tmp_path, capsys):
    assert run("--dry-run") == 0
    out, err = capsys.readouterr()
    assert re.search(r"and [\d,]+ drawings", out)
    assert re.search(r"MNIST test +\d+\.\d+%", out)
    assert "pen digits, unseen writers" in out
    assert "epoch 1/1" in err
    assert "images/s" in err
    assert "loss=" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_command_torchrun_goes_the_whole_way(data, tmp_path):
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*torchrun, "-m", "tests.helpers.train_on_made_data"]
    few = ["--network", "cnn-tiny", "--no-pen-digits", "--dry-run", *FEW]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    ran = subprocess.run(
        [*command, "--data-dir", str(data), "--out", str(tmp_path), *few],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "in 2 processes" in ran.stdout
    assert ran.stdout.count("nothing was installed") == 1


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    """Train a network with everything that a training can have. Returns its folder and what was printed."""
    out = tmp_path_factory.mktemp("trained")
    options = ("--network", "cnn-tiny", "--epochs", "2", "--seed", "3", "--drawings", "2", "--varied", "1")
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert train.main([*FEW, *options, "--data-dir", str(data), "--out", str(out), "--tensorboard", str(out)]) == 0
    return out, printed.getvalue()


def test_training_writes_weights_that_say_how_they_came_about(trained, data):
    path, printed = trained[0] / "cnn-tiny.safetensors", trained[1]
    made = weights.load(path).description
    assert (made.network, made.seed, made.arguments, made.rejects) == ("cnn-tiny", 3, {"classes": 11}, True)
    asked = {"epochs": 2, "batch_size": 32, "drawings": 2, "varied": 1, "glyphs": 40, "nondigits": 40}
    assert asked.items() <= made.recipe.items()
    assert made.recipe["seconds"] >= 0
    assert 50e6 < made.recipe["memory"] <= devices.peak_memory() < 100e9
    assert made.metrics["test"] > 0.5
    assert made.data["training"] == mnist.split_validation(mnist.load(data, train=True))[0].digest()
    assert made.versions["torch"] == torch.__version__.split("+")[0]
    assert made.created.endswith("+00:00")
    assert Recognizer.load(path, "onnx").description == made
    assert re.search(r"It will take about \d+ s\.", printed)
    assert re.search(r"Trained in \d+ s, from start to report, within \d+\.\d GB of memory", printed)
    assert "precision" in printed
    assert re.search(r"no digit +\d+\.\d+%   of 40 refused, and \d+\.\d+% of the validation digits", printed)


def test_the_weights_keep_what_their_card_shows(trained, data):
    path = trained[0] / "cnn-tiny.safetensors"
    made = weights.load(path)
    described = made.description
    figures = json.loads((trained[0] / "logs" / "cnn-tiny.json").read_text())
    assert [dataclasses.asdict(epoch) for epoch in described.history] == figures["epochs"]
    assert [epoch.epoch for epoch in described.history] == [1, 2]
    assert list(described.figures) == ["validation", "pen validation", "test"]
    for name, found in described.figures.items():
        right, count = sum(row[label] for label, row in enumerate(found.confusion)), sum(map(sum, found.confusion))
        assert right / count == pytest.approx(described.metrics[name], abs=1e-6)
        assert sum(one.count for one in found.reliability) == count
        assert sum(one.count * one.accuracy for one in found.reliability) == pytest.approx(right, abs=1e-3)
    assert described.refusal.count == 40
    assert described.refusal.auroc == pytest.approx(figures["refusal"]["auroc"], abs=1e-6)

    held_out = sources.load_held_out("mnist", data, described.input, ink_reader())
    assert {example.set for example in described.examples} == {"validation", "pen validation"}
    recognizer = Recognizer.of(made, "some")
    for example, picture in zip(described.examples, made.pictures, strict=True):
        images = held_out[example.set]
        same = (images.images.numpy() == picture).all(axis=(1, 2))
        assert example.true in images.labels[same]
        confidence = list(recognizer.read([picture])[0].probabilities.values())
        assert confidence[example.read] == pytest.approx(max(confidence))
        assert confidence[example.read] == pytest.approx(example.confidence, abs=2e-3)
    cells = Counter((one.set, one.true, one.read) for one in described.examples)
    for (name, true, read), shown in cells.items():
        assert shown == min(2 if true == read else 4, described.figures[name].confusion[true][read])


def test_a_training_leaves_its_report_figures_and_curves(trained):
    logs = trained[0] / "logs"
    report = (logs / "cnn-tiny.log").read_text()
    assert report.startswith("$ python train.py ")
    assert "--network cnn-tiny" in report.splitlines()[0]
    assert "MNIST test, by class" in report
    scores = json.loads((logs / "cnn-tiny.json").read_text())["scores"]
    made = weights.load(trained[0] / "cnn-tiny.safetensors").description
    assert scores["test"]["accuracy"] == pytest.approx(made.metrics["test"], abs=1e-6)
    with Image.open(logs / "cnn-tiny.png") as curves:
        assert curves.width > 800


def test_weights_that_misread_the_guard_set_are_never_installed(run, lenient, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("train.why_unusable", lenient)
    path = tmp_path / "cnn-tiny.safetensors"
    path.write_bytes(b"old")
    assert run("--network", "cnn-tiny", "--no-pen-digits", "--epochs", "1", "--learning-rate", "1e-9", "--force") == 1
    out, err = capsys.readouterr()
    assert "MNIST test, by class" in out
    assert re.search(r"Nothing was installed: it misreads \d\d of the 60 digits of the guard set", err)
    assert path.read_bytes() == b"old"
    assert weights.load(path.with_name(f"{path.name}.candidate")).description.network == "cnn-tiny"


def test_photographs_that_are_read_by_chance_are_no_weights_to_install(lenient):
    loaded = weights.load(WEIGHTS / "lenet-rgb.safetensors")
    described = dataclasses.replace(loaded.description, metrics={"validation": 0.1, "test": 0.1})
    assert lenient(loaded.network, described, WEIGHTS).endswith("no more than chance would, 10%")


@pytest.mark.parametrize("rate", ["0", "-0.1", "nan", "inf"])
def test_a_rate_that_teaches_nothing_is_refused(rate, capsys):
    with pytest.raises(SystemExit):
        train.main(["--learning-rate", rate])
    assert "it must be greater than 0" in capsys.readouterr().err


def test_installed_weights_of_every_kind_pass_the_check_and_noise_does_not(lenient, tmp_path):
    for name in ("digitpad", "line", "ink", "lenet-rgb"):
        loaded = weights.load(WEIGHTS / f"{name}.safetensors")
        assert lenient(loaded.network, loaded.description, WEIGHTS) == ""
        for values in loaded.network.parameters():
            values.data.normal_()
        assert (lenient(loaded.network, loaded.description, WEIGHTS) == "") == (name == "lenet-rgb")


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_terminal_without_some_characters_stops_nothing(tmp_path, encoding):
    write_photos(tmp_path / "photos", {"rose": 20, "tulip": 20})
    options = [
        "--network",
        "lenet-rgb",
        "--data",
        f"folder:{tmp_path / 'photos'}",
        "--epochs",
        "1",
        "--batch-size",
        "8",
    ]
    ran = subprocess.run(
        [sys.executable, "train.py", *options, "--batch-size", "8", "--out", str(tmp_path)],
        cwd=ROOT, env=os.environ | {"PYTHONIOENCODING": encoding}, capture_output=True, timeout=240,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "validation, by class" in ran.stdout.decode(encoding)
    assert b"??????" in ran.stdout  # the rules of the table
    assert b"Saved " in ran.stdout
    assert "──────" in (tmp_path / "logs" / "lenet-rgb.log").read_text("utf-8")


def test_a_rate_that_is_too_high_leaves_the_weights_and_says_what_to_try(run, tmp_path, capsys):
    path = tmp_path / "cnn-tiny.safetensors"
    path.write_bytes(b"old")
    arguments = ["--network", "cnn-tiny", "--no-pen-digits", "--epochs", "2", "--force"]
    assert run(*arguments, "--learning-rate", "1e25") == 1
    assert "Try --learning-rate 1e+24 instead of 1e+25" in capsys.readouterr().err
    assert path.read_bytes() == b"old"


def test_a_disk_without_room_is_said_before_the_training(run, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1_500_000))
    assert run("--network", "cnn-tiny", "--no-pen-digits", "--epochs", "1", "--out", str(tmp_path / "new" / "one")) == 1
    out, err = capsys.readouterr()
    assert re.search(r"no room in \S+one: 2 MB are free, .* take up to 3 MB", err)
    assert "epoch" not in out + err
    assert not (tmp_path / "new").exists()


def tags_of(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder))
    events.Reload()
    return events.Tags()


def test_tensorboard_files_hold_scalars_images_and_the_graph(trained):
    tags = tags_of(trained[0] / "cnn-tiny")
    assert {"loss/training", "loss/validation", "accuracy/validation", "learning rate"} <= set(tags["scalars"])
    assert tags["graph"]
    assert any(tag.startswith("training images") for tag in tags["images"])


@pytest.mark.parametrize("count", [0, 3])
def test_tensorboard_files_hold_what_was_misread(tmp_path, count):
    images, labels = (torch.from_numpy(part) for part in some_mnist(3))
    Board(tmp_path).end(ImageSet(images, labels)[:count], 1)
    assert any(tag.startswith("misread validation images") for tag in tags_of(tmp_path)["images"]) == (count > 0)


def test_of_a_folder_no_pictures_are_kept(run, tmp_path):
    for label in "01":
        (tmp_path / "own" / label).mkdir(parents=True)
        for width in range(6, 16):
            (tmp_path / "own" / label / f"{width}.png").write_bytes(png_of(label, width=width))
    assert run("--data", f"folder:{tmp_path / 'own'}", "--network", "cnn-tiny", "--epochs", "1") == 0
    made = weights.load(tmp_path / "cnn-tiny.safetensors")
    assert len(made.description.figures["validation"].confusion) == 2
    assert made.description.examples == ()
    assert len(made.pictures) == 0


def test_non_digits_and_ways_of_writing_can_be_left_out(run, tmp_path, capsys):
    assert run("--no-pen-digits", "--epochs", "1", "--nondigits", "0", "--without", "0 slashed", "7") == 0
    made = weights.load(tmp_path / "digitpad.safetensors").description
    assert (made.rejects, made.arguments) == (False, {})  # without non-digits there is no output for them
    kinds = made.recipe["kinds"]
    assert "0 dotted" in kinds
    assert not [kind for kind in kinds if kind.startswith(("0 slashed", "7"))]
    assert run("--without", "7 dotted") == 1
    assert "no way of writing is named '7 dotted'" in capsys.readouterr().err


def test_all_networks_are_trained_in_turn_and_compared(run, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(train, "DIGIT_NETWORKS", ("cnn-tiny", "cnn-dropout"))
    monkeypatch.setattr(comparison.compare, "__defaults__", (("cnn-tiny", "cnn-dropout"),))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "networks.md").write_text(f"{comparison.BEGIN}\n{comparison.END}\n")
    assert run("--no-pen-digits", "--epochs", "1", "--network", "all") == 0
    assert weights.load(tmp_path / "cnn-tiny.safetensors").description.network == "cnn-tiny"
    assert weights.load(tmp_path / "cnn-dropout.safetensors").description.network == "cnn-dropout"
    table = (tmp_path / "docs" / "networks.md").read_text()
    assert "cnn-tiny.log" in table
    assert "not run" not in table
    assert table.splitlines()[1] in capsys.readouterr().out


def test_without_tensorboard_it_says_how_to_install_it(run, monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    assert run("--no-pen-digits", "--epochs", "1", "--tensorboard", str(tmp_path)) == 1
    assert "pip install" in capsys.readouterr().err


def test_worse_weights_replace_better_ones_only_by_force(run, tmp_path, capsys):
    assert run("--no-pen-digits", "--epochs", "8") == 0
    path = tmp_path / "digitpad.safetensors"
    good = path.read_bytes()
    worse = ("--no-pen-digits", "--epochs", "1", "--learning-rate", "1e-7")
    assert run(*worse) == 1
    assert path.read_bytes() == good
    assert "--force" in capsys.readouterr().err
    assert weights.load(tmp_path / "digitpad.safetensors.candidate").description.recipe["epochs"] == 1  # not lost
    assert run(*worse, "--force") == 0
    assert path.read_bytes() != good


def test_weights_that_cannot_be_compared_are_not_replaced_without_force(run, tmp_path, capsys):
    path = tmp_path / "digitpad.safetensors"
    path.write_bytes(b"somebody's")
    assert run("--no-pen-digits", "--epochs", "1") == 1
    assert "--force" in capsys.readouterr().err
    assert path.read_bytes() == b"somebody's"
    assert run("--no-pen-digits", "--epochs", "1", "--force") == 0


@pytest.mark.parametrize(
    ("device", "error"),
    [
        ("mps", torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")),
        ("mps", RuntimeError("MPS backend out of memory (MPS allocated: 4.00 GB)")),
        ("cpu", RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory")),
        ("cpu", MemoryError()),
    ],
    ids=["cuda", "mps", "cpu", "numpy"],
)
def test_a_device_without_enough_memory_ends_in_a_sentence(run, tmp_path, capsys, monkeypatch, device, error):
    def fail(*_args: object) -> None:
        raise error

    monkeypatch.setattr(train, "Training", fail)
    monkeypatch.setattr(train, "_device", torch.device)  # as if it were there
    options = ("--network", "mlp", "--no-pen-digits", "--batch-size", "96", "--device", device)
    assert run(*options, "--out", str(tmp_path)) == 1
    advice = "--batch-size 48 instead of 96" + (", or --device cpu." if device == "mps" else ".")
    assert f"The memory of {device} is full; mlp.safetensors is as it was. Try {advice}" in capsys.readouterr().err


def test_another_error_of_torch_is_shown_as_it_is(run, monkeypatch):
    def fail(*_args: object) -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(train, "Training", fail)
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        run("--network", "mlp", "--no-pen-digits", "--dry-run")


def test_without_pen_digits_it_says_what_that_costs_and_stops(data, tmp_path, capsys, monkeypatch):
    write_mnist(tmp_path, *some_mnist(40), *some_mnist(10))
    monkeypatch.setattr(pen_digits.fetch, "__defaults__", ("http://127.0.0.1:9/pen.zip", lambda done, total: None))
    assert train.main(["--data-dir", str(tmp_path), "--out", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "--no-pen-digits" in said
    assert "--pen-digits FILE" in said
    assert "misread" in said
    assert not list(tmp_path.glob("*.safetensors"))


def test_a_named_copy_of_the_pen_digits_is_used(run, data, tmp_path, capsys):
    copy = tmp_path / "copy.tra"
    copy.write_text("nothing")
    assert run("--pen-digits", str(copy), "--dry-run") == 1
    assert "copy.tra" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--epochs", "0"], ["--network", "none"], ["--batch-size", "-1"], ["--seed", "x"], ["--device", "cuda:99"]],
)
def test_options_that_make_no_sense_are_refused(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        train.main(arguments)
    assert stopped.value.code == 2
