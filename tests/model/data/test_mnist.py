"""MNIST is loaded and split; pen digits are split by writer and drawn."""

import numpy as np
import pytest
import torch

import train
from model import errors
from model.data import image_set, mnist
from model.data.pen_digits import HELD_OUT_WRITERS, PenDigit, split_writers
from tests.helpers.datasets import some_mnist, write_mnist
from tests.helpers.drawings import DRAWINGS


def some_digits(count: int = 1200) -> image_set.ImageSet:
    images = torch.arange(count * 784, dtype=torch.int64).remainder(251).to(torch.uint8).view(count, 28, 28)
    images[:, 0, :2] = torch.stack([torch.arange(count) // 256, torch.arange(count) % 256], dim=1).to(torch.uint8)
    return image_set.ImageSet(images, torch.arange(count) % 10)


def pen_digits(writer: int) -> list[PenDigit]:
    return [
        PenDigit(int(label), writer, tuple(np.array(stroke) for stroke in drawing))
        for label, drawing in DRAWINGS.items()
    ]


def numbers(digits: image_set.ImageSet) -> set[int]:
    return {int(image[0, 0]) * 256 + int(image[0, 1]) for image in digits.images}


def test_validation_is_a_twelfth_of_each_class_and_disjoint_from_training():
    training, validation = mnist.split_validation(some_digits())
    assert torch.bincount(validation.labels).tolist() == [10] * 10
    assert numbers(training) & numbers(validation) == set()
    assert len(numbers(training) | numbers(validation)) == 1200


def test_the_split_does_not_depend_on_the_seed():
    torch.manual_seed(1)
    first = mnist.split_validation(some_digits())[1]
    torch.manual_seed(2)
    assert mnist.split_validation(some_digits())[1].digest() == first.digest()


def test_held_out_writers_are_in_no_training():
    training, held_out = split_writers([digit for writer in range(1, 31) for digit in pen_digits(writer)])
    assert {digit.writer for digit in held_out} == HELD_OUT_WRITERS
    assert {digit.writer for digit in training} == set(range(1, 31)) - HELD_OUT_WRITERS


def test_folds_share_no_validation_digit_and_no_writer():
    folds = [mnist.split_validation(some_digits(), fold) for fold in range(12)]
    assert sorted(number for _, held_out in folds for number in numbers(held_out)) == list(range(1200))
    assert all(numbers(training).isdisjoint(numbers(held_out)) for training, held_out in folds)
    digits = [digit for writer in range(1, 31) for digit in pen_digits(writer)[:1]]
    parts = [split_writers(digits, fold) for fold in range(5)]
    assert sorted(digit.writer for _, held_out in parts for digit in held_out) == list(range(1, 31))
    assert all(len(training) == 24 for training, _ in parts)


def test_mnist_is_read_from_its_files(tmp_path):
    digits = some_digits(20)
    write_mnist(
        tmp_path, digits.images.numpy(), digits.labels.numpy(), digits.images.numpy()[:5], digits.labels.numpy()[:5]
    )
    assert mnist.load(tmp_path, train=True).digest() == digits.digest()
    assert len(mnist.load(tmp_path, train=False)) == 5


def test_without_mnist_and_network_the_error_names_files_and_folder(tmp_path, monkeypatch):
    def no_network(*_args, **_options):
        raise OSError("Network is unreachable")

    monkeypatch.setattr("torchvision.datasets.mnist.download_and_extract_archive", no_network)
    with pytest.raises(errors.DataMissing, match="train-images-idx3-ubyte") as caught:
        mnist.load(tmp_path, train=True)
    assert str(tmp_path / "MNIST" / "raw") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        ("train-images-idx3-ubyte", lambda content: content[:-100], "it is cut short: 15,596 bytes of 15,696"),
        ("train-images-idx3-ubyte", lambda content: content[:12], "it is cut short: it has 12 bytes"),
        ("train-images-idx3-ubyte", lambda content: b"", "it is empty"),
        ("train-labels-idx1-ubyte", lambda content: b"\n<!DOCTYPE html>", "it is a web page"),
        ("train-labels-idx1-ubyte", lambda content: bytes(len(content)), "it holds 28 zeros"),
        ("train-labels-idx1-ubyte", lambda content: content[:8] + bytes(20), "it is damaged, or of another data set"),
        ("train-labels-idx1-ubyte", lambda content: content[:8] + content[:7:-1], "or of another data set"),
        ("train-images-idx3-ubyte", lambda content: b"PK" + content, "or of another data set"),
    ],
)
def test_files_that_are_not_mnist_s_are_named(tmp_path, name, damage, said):
    images, labels = some_mnist(20)
    write_mnist(tmp_path, images, labels, images[:5], labels[:5])
    path = tmp_path / "MNIST" / "raw" / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(errors.DataMissing) as caught:
        mnist.load(tmp_path, train=True)
    assert f"{path} is not MNIST's file" in str(caught.value)
    assert said in str(caught.value)
    assert "delete it, and it is downloaded again" in str(caught.value)
    assert len(mnist.load(tmp_path, train=False)) == 5  # whose files are whole


def test_a_training_on_damaged_files_leaves_the_old_weights(tmp_path, capsys):
    images, labels = some_mnist(40)
    write_mnist(tmp_path, images, labels, images, labels)
    labels_file = tmp_path / "MNIST" / "raw" / "train-labels-idx1-ubyte"
    labels_file.write_bytes(labels_file.read_bytes()[:8] + bytes(40))
    (tmp_path / "cnn-tiny.safetensors").write_bytes(b"old")
    arguments = ["--network", "cnn-tiny", "--no-pen-digits", "--epochs", "1", "--force"]
    assert train.main([*arguments, "--data-dir", str(tmp_path), "--out", str(tmp_path)]) == 1
    assert f"{labels_file} is not MNIST's file" in capsys.readouterr().err
    assert (tmp_path / "cnn-tiny.safetensors").read_bytes() == b"old"
