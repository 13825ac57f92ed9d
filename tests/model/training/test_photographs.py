"""Networks that read colour: trained on a folder or CIFAR-10, used from the command line, refused to the pad."""

import pickle

import numpy as np
import pytest

import train
from app import create_app
from model.__main__ import main
from model.data import folders, sources
from model.errors import DataMissing
from model.inference.recognizer import Recognizer
from model.networks import weights
from model.preprocessing.image_files import InkError
from model.preprocessing.network_input import Input
from tests.helpers.drawings import png_of
from tests.helpers.paper import read_ink
from tests.helpers.photos import photo, write_photos


@pytest.fixture(scope="module")
def flowers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flowers")
    write_photos(folder, {"rose": 60, "tulip": 60, "daisy": 60})
    return folder


@pytest.fixture(scope="module")
def trained(flowers, tmp_path_factory):
    out = tmp_path_factory.mktemp("weights")
    arguments = ["--network", "lenet-rgb", "--data", f"folder:{flowers}", "--out", str(out)]
    assert train.main([*arguments, "--epochs", "8", "--batch-size", "16"]) == 0
    return out / "lenet-rgb.safetensors"


def test_a_folder_of_images_is_learned(trained):
    described = weights.load(trained).description
    assert described.classes == ("daisy", "rose", "tulip")
    assert (described.channels, described.input_size) == (3, (32, 32))
    assert described.metrics == {"validation": pytest.approx(1, abs=0.1)}


def test_weights_for_other_classes_are_not_replaced_without_force(trained, tmp_path, capsys):
    write_photos(tmp_path / "two", {"rose": 5, "tulip": 5})
    before = trained.read_bytes()
    arguments = ["--network", "lenet-rgb", "--data", f"folder:{tmp_path / 'two'}", "--out", str(trained.parent)]
    assert train.main([*arguments, "--epochs", "1", "--batch-size", "2"]) == 1
    assert "other classes (daisy, rose, tulip)" in capsys.readouterr().err
    assert trained.read_bytes() == before


def test_predict_reads_photographs(trained, tmp_path, capsys):
    path = tmp_path / "some.png"
    photo("tulip", 999).save(path)
    assert main(["predict", "--weights", str(trained), str(path)]) == 0
    assert ": tulip " in capsys.readouterr().out


def test_evaluate_scores_them(trained, flowers, tmp_path, capsys):
    assert main(["evaluate", "--weights", str(trained), "--data", f"folder:{flowers}", "--out", str(tmp_path)]) == 0
    assert "daisy" in capsys.readouterr().out
    assert (tmp_path / "lenet-rgb-confusion.png").exists()


def test_the_pad_is_refused_with_a_clear_message(trained, tmp_path):
    client = create_app({"TESTING": True, "WEIGHTS": str(trained.parent)}).test_client()
    answer = client.post("/predict?model=lenet-rgb", data=png_of("7"), content_type="image/png")
    assert answer.status_code == 400
    assert "photographs in colour" in answer.json["detail"]
    assert "python -m model predict --network lenet-rgb" in answer.json["detail"]
    with pytest.raises(InkError, match="no drawings"):
        Recognizer.load(trained).read_drawing([[(0, 0), (5, 5)]])


@pytest.fixture
def parted(tmp_path):
    """Write a folder as CIFAR-10 and many other data sets come: train/ and test/."""
    for part, count in (("train", 40), ("test", 12)):
        write_photos(tmp_path / "set" / part, {"rose": count, "tulip": count})
    return tmp_path / "set"


def test_a_folder_of_train_and_test_is_taken_as_it_is(parted, tmp_path, capsys):
    arguments = ["--network", "lenet-rgb", "--data", f"folder:{parted}", "--out", str(tmp_path / "weights")]
    assert train.main([*arguments, "--epochs", "2", "--batch-size", "16"]) == 0
    assert "64 images of" in capsys.readouterr().out  # the rest of train/ validates
    described = weights.load(tmp_path / "weights" / "lenet-rgb.safetensors").description
    assert described.classes == ("rose", "tulip")
    assert list(described.metrics) == ["validation", "test"]
    evaluated = ["evaluate", "--weights", str(tmp_path / "weights" / "lenet-rgb.safetensors"), "--out", str(tmp_path)]
    assert main([*evaluated, "--data", f"folder:{parted}", "--on", "test"]) == 0
    assert f"{parted} test" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["val", "validation"])
def test_a_folder_for_validation_validates(parted, name):
    write_photos(parted / name, {"rose": 3, "tulip": 2})
    listing = folders.list_parts(parted)
    assert len(listing.training) == 80
    assert {part: len(samples) for part, samples in listing.held_out.items()} == {"validation": 5, "test": 24}
    assert all(path.is_relative_to(parted / name) for path, _ in listing.held_out["validation"])


def test_folders_with_different_classes_are_refused(parted):
    write_photos(parted / "test", {"daisy": 2})
    with pytest.raises(DataMissing, match=r"test and .*train must have the same sub-folders.*differ: daisy"):
        folders.list_parts(parted)


def test_a_folder_of_one_class_is_refused_at_once(tmp_path, capsys):
    write_photos(tmp_path / "one", {"rose": 4})
    assert train.main(["--network", "lenet-rgb", "--data", f"folder:{tmp_path / 'one'}", "--out", str(tmp_path)]) == 1
    assert "has one class, rose: there is nothing to tell apart" in capsys.readouterr().err


def test_ink_networks_read_folders_through_the_normaliser(flowers):
    data = sources.load_folder(flowers, Input(), read_ink, dry_run=False, quiet=True)
    assert data.training.images.shape == (144, 28, 28)


def test_a_file_that_cannot_be_read_as_an_image_is_named(tmp_path):
    write_photos(tmp_path, {"rose": 3, "tulip": 3})
    bad = tmp_path / "rose" / "bad.png"
    bad.symlink_to("/nowhere/at/all")
    with pytest.raises(DataMissing, match=r"bad\.png.*No such file"):
        sources.load_folder(tmp_path, Input(channels=3), read_ink, dry_run=False, quiet=True)
    bad.unlink()
    bad.write_text("no image")
    with pytest.raises(DataMissing, match=r"bad\.png.*PNG, JPEG"):
        sources.load_folder(tmp_path, Input(channels=3), read_ink, dry_run=False, quiet=True)


def test_cifar10_is_read(tmp_path, monkeypatch):
    from torchvision.datasets import CIFAR10

    monkeypatch.setattr(CIFAR10, "_check_integrity", lambda self: True)
    folder = tmp_path / CIFAR10.base_folder
    folder.mkdir()
    random = np.random.default_rng(0)
    for name, _ in [*CIFAR10.train_list, *CIFAR10.test_list]:
        batch = {"data": random.integers(0, 256, (20, 3072), dtype=np.uint8), "labels": [n % 10 for n in range(20)]}
        (folder / name).write_bytes(pickle.dumps(batch))
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    (folder / CIFAR10.meta["filename"]).write_bytes(pickle.dumps({"label_names": names}))
    monkeypatch.setattr("torchvision.datasets.cifar.check_integrity", lambda *_: True)
    assert train.main(["--network", "lenet-rgb", "--data-dir", str(tmp_path), "--dry-run", "--batch-size", "10"]) == 0
    data = sources.load_cifar10(tmp_path, dry_run=False)
    assert data.classes == tuple(names)
    assert (len(data.training), len(data.held_out["validation"]), len(data.held_out["test"])) == (90, 10, 20)


def test_cifar10_that_cannot_be_had_is_said(tmp_path, monkeypatch, capsys):
    def no_network(*_args, **_options):
        raise OSError("Network is unreachable")

    monkeypatch.setattr("torchvision.datasets.cifar.download_and_extract_archive", no_network)
    assert train.main(["--network", "lenet-rgb", "--data-dir", str(tmp_path)]) == 1
    assert "cifar-10-python.tar.gz" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--network", "alexnet"], "--data folder:PATH"),
        (["--network", "lenet-rgb", "--data", "mnist"], "colour"),
        (["--network", "lenet5", "--data", "cifar10"], "lenet-rgb"),
        (["--network", "alexnet", "--data", "folder:/nowhere"], "sub-folder"),
    ],
)
def test_data_that_does_not_fit_the_network_is_refused(arguments, said, capsys):
    assert train.main(arguments) == 1
    assert said in capsys.readouterr().err
