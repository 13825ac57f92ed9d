"""train.py as a user runs it, on data that the test makes."""

import dataclasses
import json
import re
import sys
from collections import Counter

import pytest
import torch
from PIL import Image

import train
from model.data import mnist, pen_digits, sources
from model.evaluation import comparison
from model.inference.engines import export
from model.inference.recognizer import Recognizer
from model.networks import weights
from model.training import install
from model.training.recipe import recipe_for
from model.training.trainer import Training
from tests.helpers.datasets import some_mnist, write_mnist
from tests.helpers.drawings import png_of


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


def test_training_writes_weights_that_say_how_they_came_about(run, data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(install, "export", export.export)
    assert run("--no-pen-digits", "--epochs", "4", "--seed", "3") == 0
    made = weights.load(tmp_path / "digitpad.safetensors").description
    assert made.seed == 3
    assert made.recipe["epochs"] == 4
    assert made.recipe["seconds"] >= 0
    assert made.metrics["test"] > 0.5
    assert made.data["training"] == mnist.split_validation(mnist.load(data, train=True))[0].digest()
    assert made.versions["torch"] == torch.__version__.split("+")[0]
    assert made.created.endswith("+00:00")
    assert Recognizer.load(tmp_path / "digitpad.safetensors", "onnx").description == made
    out = capsys.readouterr().out
    assert "Trained in" in out
    assert "precision" in out


def test_a_training_leaves_a_report_curves_and_what_the_card_shows(run, data, tmp_path):
    assert run("--epochs", "2", "--network", "cnn-tiny", "--nondigits", "40") == 0
    path = tmp_path / "cnn-tiny.safetensors"
    made = weights.load(path)
    described = made.description
    logs = tmp_path / "logs"
    report = (logs / "cnn-tiny.log").read_text()
    assert re.match(r"\$ python train\.py .*--network cnn-tiny", report)
    assert "MNIST test, by class" in report
    with Image.open(logs / "cnn-tiny.png") as curves:
        assert curves.width > 800
    figures = json.loads((logs / "cnn-tiny.json").read_text())
    assert figures["scores"]["test"]["accuracy"] == pytest.approx(described.metrics["test"], abs=1e-6)
    assert [dataclasses.asdict(epoch) for epoch in described.history] == figures["epochs"]
    assert [epoch.epoch for epoch in described.history] == [1, 2]
    assert list(described.figures) == ["validation", "pen validation", "test"]
    for name, found in described.figures.items():
        right, count = sum(row[label] for label, row in enumerate(found.confusion)), sum(map(sum, found.confusion))
        assert right / count == pytest.approx(described.metrics[name], abs=1e-6)
        assert sum(one.count for one in found.reliability) == count
        assert sum(one.count * one.accuracy for one in found.reliability) == pytest.approx(right, abs=1e-3)
    assert described.refusal.count == 40

    held_out = sources.load_held_out("mnist", data, described.input)
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


def test_a_training_that_diverges_says_so(run, tmp_path, capsys):
    assert run("--no-pen-digits", "--epochs", "1", "--learning-rate", "1e38") == 1
    assert "diverged" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.safetensors"))


def test_a_training_with_nondigits_makes_weights_that_refuse(run, tmp_path, capsys):
    assert run("--no-pen-digits", "--epochs", "2") == 0
    made = weights.load(tmp_path / "digitpad.safetensors").description
    assert made.rejects
    assert made.arguments == {"classes": 11}
    assert made.recipe["nondigits"] == 40
    assert made.recipe["cuts"] == 20
    assert re.search(
        r"no digit +\d+\.\d+%   of 40 refused, and \d+\.\d+% of the validation digits", capsys.readouterr().out
    )
    assert 0 <= json.loads((tmp_path / "logs" / "digitpad.json").read_text())["refusal"]["auroc"] <= 1
    assert run("--no-pen-digits", "--epochs", "1", "--nondigits", "0", "--force") == 0
    made = weights.load(tmp_path / "digitpad.safetensors").description
    assert not made.rejects
    assert made.arguments == {}


def test_pen_digits_are_drawn_as_often_as_is_said(data):
    def drawn(*arguments: str) -> int:
        none = ["--glyphs", "0", "--nondigits", "0", "--cuts", "0"]
        options = train.parse(["--data-dir", str(data), "--dry-run", *none, *arguments])
        recipe = train.recipe_of(options, recipe_for("digitpad"))
        return len(train.load(options, "digitpad", "mnist", recipe).variants[0])

    once = drawn("--drawings", "1", "--varied", "0")
    assert drawn("--drawings", "3", "--varied", "0") == 3 * once
    assert drawn("--drawings", "1", "--varied", "2") == 3 * once


def test_ways_of_writing_can_be_left_out(run, tmp_path, capsys):
    assert run("--no-pen-digits", "--epochs", "1", "--nondigits", "0", "--without", "0 slashed", "7") == 0
    kinds = weights.load(tmp_path / "digitpad.safetensors").description.recipe["kinds"]
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


def test_tensorboard_files_hold_scalars_images_and_the_graph(run, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    assert run("--no-pen-digits", "--epochs", "1", "--tensorboard", str(tmp_path / "events")) == 0
    events = EventAccumulator(str(tmp_path / "events" / "digitpad"))
    events.Reload()
    tags = events.Tags()
    assert {"loss/training", "loss/validation", "accuracy/validation", "learning rate"} <= set(tags["scalars"])
    assert tags["graph"]
    assert any(tag.startswith("training images") for tag in tags["images"])
    assert any(tag.startswith("misread validation images") for tag in tags["images"])


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


def test_ctrl_c_stops_cleanly_and_leaves_the_old_weights(run, tmp_path, capsys, monkeypatch):
    assert run("--no-pen-digits", "--epochs", "1") == 0
    path = tmp_path / "digitpad.safetensors"
    before = path.read_bytes()

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Training, "run_epoch", interrupted)
    assert run("--no-pen-digits", "--epochs", "1") == 130
    assert path.read_bytes() == before
    assert list(tmp_path.glob("*.*")) == [path]
    assert "is as it was" in capsys.readouterr().err


def test_without_pen_digits_it_says_what_that_costs_and_stops(tmp_path, capsys, monkeypatch):
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
