"""Weights files describe themselves, replace one another atomically, and are refused when they are not right."""

import dataclasses
import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from model import weights
from model.networks import build

DESCRIPTION = weights.Description(
    network="digitpad",
    arguments={"widths": [8, 8, 8, 8, 8]},
    mean=0.13,
    std=0.31,
    calibration=weights.Calibration(1.5, 0.8),
    metrics={"test": 0.99},
    seed=7,
)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return build("digitpad", **DESCRIPTION.arguments).eval()


@pytest.fixture
def path(tmp_path, network):
    path = tmp_path / "some.safetensors"
    weights.save(path, network.state_dict(), DESCRIPTION)
    return path


def rewrite(path, change):
    """Change the description or the tensors of a file by hand, as a stranger could."""
    description, tensors = dataclasses.asdict(DESCRIPTION), load_file(path)
    change(description, tensors)
    save_file(tensors, path, {weights.KEY: json.dumps(description)})


def test_what_is_saved_is_loaded(path, network):
    loaded = weights.load(path)
    assert loaded.description == DESCRIPTION
    images = torch.rand(3, 1, 28, 28)
    assert torch.allclose(loaded.network(images), network(images), atol=1e-5)
    assert not loaded.network.training


def test_an_output_for_what_is_no_digit_must_be_declared(tmp_path):
    arguments = {"widths": [8, 8, 8, 8, 8], "classes": 11}
    path, state = tmp_path / "some.safetensors", build("digitpad", **arguments).state_dict()
    with pytest.raises(weights.WeightsError, match="11 outputs for 10 classes"):
        weights.save(path, state, dataclasses.replace(DESCRIPTION, arguments=arguments))
    weights.save(path, state, dataclasses.replace(DESCRIPTION, arguments=arguments, rejects=True))
    assert weights.load(path).description.rejects


def test_the_version_follows_the_content(path, network, tmp_path):
    other = tmp_path / "other.safetensors"
    weights.save(other, network.state_dict(), DESCRIPTION)
    assert weights.load(other).version == weights.load(path).version
    weights.save(other, network.state_dict(), dataclasses.replace(DESCRIPTION, seed=8))
    assert weights.load(other).version != weights.load(path).version


def test_a_failed_save_leaves_the_old_file_and_no_other(path, network):
    before = path.read_bytes()
    broken = {name: tensor * float("nan") for name, tensor in network.state_dict().items()}
    with pytest.raises(weights.WeightsError, match="finite"):
        weights.save(path, broken, DESCRIPTION)
    with pytest.raises(weights.WeightsError):
        weights.save(path, {"one": torch.zeros(1)}, DESCRIPTION)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_file(path, network, monkeypatch):
    before = path.read_bytes()

    def full(_tensors, name, _metadata):
        name.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(weights, "save_file", full)
    with pytest.raises(OSError, match="No space"):
        weights.save(path, network.state_dict(), DESCRIPTION)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_file_says_how_to_make_it(tmp_path):
    with pytest.raises(weights.WeightsError, match=r"train\.py"):
        weights.load(tmp_path / "none.safetensors")


@pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", b"{}", b"\xff" * 100])
def test_what_is_no_safetensors_file_is_refused(tmp_path, content):
    path = tmp_path / "foreign.safetensors"
    path.write_bytes(content)
    with pytest.raises(weights.WeightsError, match="safetensors"):
        weights.load(path)


def test_a_truncated_file_is_refused(path):
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(weights.WeightsError):
        weights.load(path)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda description, _: description.update(format=99), id="another format"),
        pytest.param(lambda description, _: description.update(network="os.system"), id="unknown network"),
        pytest.param(lambda description, _: description.update(arguments={"widths": [1]}), id="wrong arguments"),
        pytest.param(lambda description, _: description.update(std=0), id="no deviation"),
        pytest.param(lambda description, _: description.update(mean="0.1"), id="text for a number"),
        pytest.param(lambda description, _: description.update(mean=float("nan")), id="a mean that is no number"),
        pytest.param(lambda description, _: description.update(classes=["a", "b"]), id="too few classes"),
        pytest.param(
            lambda description, _: description.update(calibration={"temperature": 0, "sure_from": 1}), id="cold"
        ),
        pytest.param(lambda description, _: description.update(surprise=1), id="unknown field"),
        pytest.param(lambda description, _: description.update(input_size=[10**6, 10**6]), id="a giant input"),
        pytest.param(lambda description, _: description.update(input_size=[28]), id="an input of one side"),
        pytest.param(lambda description, _: description.update(channels=2), id="two channels"),
        pytest.param(lambda description, _: description.update(channels=3), id="channels that do not fit"),
        pytest.param(
            lambda description, _: description.update(arguments={"widths": [8, 8, 8, 8, 10**9]}), id="a giant network"
        ),
        pytest.param(lambda description, _: description.update(network="vgg16", arguments={}), id="another network"),
        pytest.param(lambda description, _: description.clear(), id="no description"),
        pytest.param(lambda _, tensors: tensors.pop("classifier.1.bias"), id="missing tensor"),
        pytest.param(lambda _, tensors: tensors.update(more=torch.zeros(1)), id="unknown tensor"),
        pytest.param(lambda _, tensors: tensors["classifier.1.bias"].fill_(float("inf")), id="infinite"),
        pytest.param(lambda _, tensors: tensors.update({"classifier.1.bias": torch.zeros(3)}), id="wrong shape"),
    ],
)
def test_a_file_from_a_stranger_is_refused(path, change):
    rewrite(path, change)
    with pytest.raises(weights.WeightsError, match=r"some\.safetensors"):
        weights.load(path)


def test_a_file_without_our_metadata_is_refused(path, network):
    save_file(network.state_dict(), path)
    with pytest.raises(weights.WeightsError, match="does not hold Digitpad weights"):
        weights.load(path)
