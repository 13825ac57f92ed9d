"""Weights files describe themselves, are replaced atomically, and are refused if damaged or foreign."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from model import files
from model.networks import training_record, weights
from model.networks.description import EXAMPLES, FORMAT, KEY, WeightsError
from model.networks.registry import build
from tests.helpers import weights_file
from tests.helpers.drawings import ROOT
from tests.helpers.weights_file import DESCRIPTION, PICTURES, PLAIN

RECORD = ("history", "figures", "refusal", "examples")  # fields that format 1 does not have


@pytest.fixture
def network():
    return weights_file.network()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "some.safetensors"
    weights_file.save(path)
    return path


def rewrite(path, change):
    """Change the description or the tensors of a file."""
    description, tensors = json.loads(json.dumps(dataclasses.asdict(DESCRIPTION))), load_file(path)
    change(description, tensors)
    save_file(tensors, path, {KEY: json.dumps(description)})


def test_what_is_saved_is_loaded(path, network):
    loaded = weights.load(path)
    assert loaded.description == DESCRIPTION
    assert np.array_equal(loaded.pictures, PICTURES)
    images = torch.rand(3, 1, 28, 28)
    assert torch.allclose(loaded.network(images), network(images), atol=1e-5)
    assert not loaded.network.training


def test_a_file_of_format_1_has_no_training_record(path):
    def older(description, tensors):
        for name in RECORD:
            del description[name]
        description["format"] = 1
        del tensors[EXAMPLES]

    rewrite(path, older)
    loaded = weights.load(path)
    assert loaded.description == dataclasses.replace(PLAIN, format=1)
    assert loaded.pictures.shape == (0, 28, 28)
    weights.save(path, loaded.network.state_dict(), loaded.description)
    assert weights.load(path).description.format == FORMAT


@pytest.mark.parametrize("path", sorted((ROOT / "weights").glob("*.safetensors")), ids=lambda path: path.stem)
def test_the_committed_files_load(path):
    described = weights.load(path).description
    least = {"ink": 0.65, "line": 0.85, "lenet-rgb": 0.72}
    assert described.metrics.get("test", described.metrics["validation"]) > least.get(path.stem, 0.98)
    assert len(described.history) <= described.recipe["epochs"]


def test_an_output_for_non_digits_must_be_declared(tmp_path):
    arguments = {"widths": [8, 8, 8, 8, 8], "classes": 11}
    path, state = tmp_path / "some.safetensors", build("digitpad", **arguments).state_dict()
    with pytest.raises(WeightsError, match="11 outputs for 10 classes"):
        weights.save(path, state, dataclasses.replace(PLAIN, arguments=arguments))
    weights.save(path, state, dataclasses.replace(PLAIN, arguments=arguments, rejects=True))
    assert weights.load(path).description.rejects


def test_the_version_follows_the_content(path, network, tmp_path):
    other = tmp_path / "other.safetensors"
    weights_file.save(other)
    assert weights.load(other).version == weights.load(path).version
    weights.save(other, network.state_dict(), dataclasses.replace(DESCRIPTION, seed=8), PICTURES)
    assert weights.load(other).version != weights.load(path).version


def test_a_failed_save_leaves_only_the_old_file(path, network):
    before = path.read_bytes()
    broken = {name: tensor * float("nan") for name, tensor in network.state_dict().items()}
    with pytest.raises(WeightsError, match="finite"):
        weights.save(path, broken, PLAIN)
    with pytest.raises(WeightsError):
        weights.save(path, {"one": torch.zeros(1)}, PLAIN)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_file(path, network, monkeypatch):
    before = path.read_bytes()

    def full(name, content):
        name.write_text("half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        weights_file.save(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_file_says_how_to_make_it(tmp_path):
    with pytest.raises(WeightsError, match=r"train\.py"):
        weights.load(tmp_path / "none.safetensors")


@pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", b"{}", b"\xff" * 100])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "foreign.safetensors"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="safetensors"):
        weights.load(path)


def test_a_pipe_is_refused_without_waiting(tmp_path):
    path = tmp_path / "pipe.safetensors"
    os.mkfifo(path)
    with pytest.raises(WeightsError, match="no regular file"):
        weights.load(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "large.safetensors"
    with open(path, "wb") as file:
        file.truncate(files.LARGEST + 1)
    with pytest.raises(WeightsError, match="more than 2,000,000,000 bytes"):
        weights.load(path)


CUT = """
import os, sys
from pathlib import Path
from model.networks.description import read
tensors = read(Path(sys.argv[1])).tensors
before = {name: tensor.copy() for name, tensor in tensors.items()}
os.truncate(sys.argv[1], 0)
assert all((before[name] == tensor).all() for name, tensor in tensors.items())
"""


def test_loaded_weights_survive_truncation_of_the_file(tmp_path):
    path = tmp_path / "mlp.safetensors"
    shutil.copy(ROOT / "weights" / "mlp.safetensors", path)  # whose tensors are used as they lie in the file
    ran = subprocess.run([sys.executable, "-c", CUT, path], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr  # killed by SIGBUS, if the file were mapped


def test_a_truncated_file_is_refused(path):
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(WeightsError):
        weights.load(path)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda d, _: d.update(format=99), id="another format"),
        pytest.param(lambda d, _: d.update(network="os.system"), id="unknown network"),
        pytest.param(lambda d, _: d.update(arguments={"widths": [1]}), id="wrong arguments"),
        pytest.param(lambda d, _: d.update(std=0), id="no deviation"),
        pytest.param(lambda d, _: d.update(mean="0.1"), id="text for a number"),
        pytest.param(lambda d, _: d.update(mean=float("nan")), id="a mean that is no number"),
        pytest.param(lambda d, _: d.update(classes=["a", "b"]), id="too few classes"),
        pytest.param(lambda d, _: d.update(calibration={"temperature": 0, "sure_from": 1}), id="cold"),
        pytest.param(lambda d, _: d.update(surprise=1), id="unknown field"),
        pytest.param(lambda d, _: d.update(input_size=[10**6, 10**6]), id="a giant input"),
        pytest.param(lambda d, _: d.update(input_size=[28]), id="an input of one side"),
        pytest.param(lambda d, _: d.update(channels=2), id="two channels"),
        pytest.param(lambda d, _: d.update(channels=3), id="channels that do not fit"),
        pytest.param(lambda d, _: d.update(arguments={"widths": [8, 8, 8, 8, 10**9]}), id="a giant network"),
        pytest.param(lambda d, _: d.update(network="vgg16", arguments={}), id="another network"),
        pytest.param(lambda d, _: d.clear(), id="no description"),
        pytest.param(lambda d, _: d.update(metrics=0.99), id="a number for metrics"),
        pytest.param(lambda d, _: d.update(recipe={"rate": float("inf")}), id="an endless rate"),
        pytest.param(lambda d, _: d.update(recipe={"a": nested(9)}), id="a deep recipe"),
        pytest.param(lambda d, _: d.update(created="x" * 4_000_001), id="a long description"),
        pytest.param(lambda d, _: d.update(classes=[[n] for n in range(10)]), id="no names"),
        pytest.param(lambda _, t: t.pop("classifier.1.bias"), id="missing tensor"),
        pytest.param(lambda _, t: t.update(more=torch.zeros(1)), id="unknown tensor"),
        pytest.param(lambda _, t: t["classifier.1.bias"].fill_(float("inf")), id="infinite"),
        pytest.param(lambda _, t: t.update({"classifier.1.bias": torch.zeros(3)}), id="wrong shape"),
    ],
)
def test_a_foreign_description_is_refused(path, change):
    rewrite(path, change)
    with pytest.raises(WeightsError, match=r"some\.safetensors"):
        weights.load(path)


def nested(depth: int) -> list:
    return [nested(depth - 1)] if depth else []


def bins(description) -> list[dict]:
    return description["figures"]["validation"]["reliability"]


def confusion(description) -> list[list]:
    return description["figures"]["validation"]["confusion"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(lambda d: d.update(history=7), "no list", id="a number for the history"),
        pytest.param(lambda d: d["history"].extend(d["history"] * 500), "at most 1,000", id="too long a history"),
        pytest.param(lambda d: d["history"][0].pop("seconds"), "no Epoch", id="an epoch without a field"),
        pytest.param(lambda d: d["history"][0].update(more=1), "no Epoch", id="an epoch with another field"),
        pytest.param(lambda d: d["history"][0].update(epoch=1.5), "whole number", id="half an epoch"),
        pytest.param(lambda d: d["history"][0].update(training_loss=float("nan")), "diverged", id="no loss"),
        pytest.param(lambda d: d["history"][0].update(training_loss="1"), "training_loss is '1'", id="text for a loss"),
        pytest.param(lambda d: d["history"][0].update(validation_accuracy=1.2), "from 0 to 1", id="more than all"),
        pytest.param(lambda d: d["history"][0].update(seconds=-1), "from 0 to", id="time that runs backwards"),
        pytest.param(lambda d: d.update(figures=[]), "figures", id="a list for the figures"),
        pytest.param(lambda d: d.update(figures=d["figures"]["test"]), "no Figures", id="figures of no set"),
        pytest.param(
            lambda d: d["figures"].update({str(n): d["figures"]["test"] for n in range(8)}), "at most 8", id="ten sets"
        ),
        pytest.param(lambda d: d["figures"].update({"x" * 61: d["figures"]["test"]}), "names", id="a long name"),
        pytest.param(lambda d: confusion(d).pop(), "not 10 × 10", id="a row too few"),
        pytest.param(lambda d: confusion(d)[3].append(0), "not 10 × 10", id="a column too many"),
        pytest.param(lambda d: confusion(d).__setitem__(3, 7), "no list", id="a number for a row"),
        pytest.param(lambda d: confusion(d)[3].__setitem__(3, -1), "whole number from 0", id="a negative count"),
        pytest.param(lambda d: confusion(d)[3].__setitem__(3, True), "whole number", id="a truth for a count"),
        pytest.param(lambda d: confusion(d)[3].__setitem__(3, 10**12), "whole number", id="a giant count"),
        pytest.param(lambda d: bins(d).pop(), "14 bins", id="a bin too few"),
        pytest.param(lambda d: bins(d)[0].update(accuracy=2), "accuracy is 2", id="a bin beyond 1"),
        pytest.param(lambda d: d.update(refusal={"auroc": 1}), "no Refusal", id="half a refusal"),
        pytest.param(lambda d: d["examples"][0].update(true=10), "numbered from 0 to 9", id="an eleventh class"),
        pytest.param(lambda d: d["examples"][0].update(read=-1), "read is -1", id="a class before the first"),
        pytest.param(lambda d: d["examples"][0].update(set=5), "must be a name", id="a number for a set"),
        pytest.param(lambda d: d["examples"].pop(), "its 3 examples need", id="a picture too many"),
        pytest.param(lambda d: d["examples"].extend(d["examples"] * 80), "at most 300", id="too many examples"),
    ],
)
def test_the_training_record_is_checked(path, change, why):
    rewrite(path, lambda description, _: change(description))
    with pytest.raises(WeightsError, match=why):
        weights.load(path)


@pytest.mark.parametrize(
    "pictures",
    [
        pytest.param(PICTURES[:3], id="too few"),
        pytest.param(PICTURES.astype(np.float32), id="not bytes"),
        pytest.param(PICTURES[:, :14], id="half"),
        pytest.param(PICTURES[:, None], id="four dimensions"),
        pytest.param(None, id="none"),
    ],
)
def test_pictures_must_fit_their_examples(path, pictures):
    def change(_, tensors):
        tensors.pop(EXAMPLES)
        tensors.update({} if pictures is None else {EXAMPLES: torch.tensor(pictures)})

    rewrite(path, change)
    with pytest.raises(WeightsError, match="its 4 examples need"):
        weights.load(path)


def test_a_large_confusion_matrix_is_refused_and_can_be_left_out():
    classes = training_record.MAX_CLASSES + 1
    figures = dataclasses.asdict(DESCRIPTION)["figures"]["test"]
    figures = json.loads(json.dumps(figures)) | {"confusion": [[0] * classes] * classes}
    with pytest.raises(ValueError, match="more than 100 classes"):
        training_record.read({"figures": {"test": figures}}, classes)
    read = training_record.read({"figures": {"test": figures | {"confusion": []}}}, classes)
    assert read["figures"]["test"].confusion == ()


def test_a_file_without_our_metadata_is_refused(path, network):
    save_file(network.state_dict(), path)
    with pytest.raises(WeightsError, match="does not hold Digitpad weights"):
        weights.load(path)
