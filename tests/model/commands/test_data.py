"""python -m model data and convolve: output shows the data as they are."""

import re

import numpy as np
import pytest
from PIL import Image

from model.__main__ import main
from model.data import folders, mnist, non_digits, templates
from model.evaluation import plots
from tests.helpers.photos import write_photos


def test_export_writes_every_digit_into_its_class(data, tmp_path, capsys):
    out = tmp_path / "png"
    assert main(["data", "export", str(out), "--data-dir", str(data)]) == 0
    assert "images/s" in capsys.readouterr().err
    for split, train in (("train", True), ("test", False)):
        digits = mnist.load(data, train)
        files = sorted((out / split).rglob("*.png"), key=lambda path: path.stem)
        assert len(files) == len(digits)
        for path, image, label in zip(files, digits.images.numpy(), digits.labels.tolist(), strict=True):
            assert path.parent.name == str(label)
            assert np.array_equal(np.asarray(Image.open(path)), image)


def test_preview_draws_a_sheet(data, tmp_path, capsys):
    out = tmp_path / "sheet.png"
    assert main(["data", "preview", "--count", "20", "--out", str(out), "--data-dir", str(data)]) == 0
    with Image.open(out) as sheet:
        assert sheet.width > 16 * 56
        assert np.asarray(sheet).std() > 20


def test_augmented_preview_has_a_row_for_each_kind(data, tmp_path):
    plain, augmented = tmp_path / "plain.png", tmp_path / "augmented.png"
    assert main(["data", "preview", "--count", "2", "--out", str(plain), "--data-dir", str(data)]) == 0
    options = ["--augmented", "--count", "2", "--out", str(augmented), "--data-dir", str(data)]
    assert main(["data", "preview", *options]) == 0
    with Image.open(plain) as few, Image.open(augmented) as many:
        rows = 10 + len(templates.DIGITS) + len(non_digits.KINDS) + 1  # 1: other hands
        assert many.height - plots.MARGIN == rows * (few.height - plots.MARGIN)


@pytest.mark.parametrize(("options", "base"), [([], 10), (["--hex"], 16)])
def test_show_prints_every_value(data, capsys, options, base):
    assert main(["data", "show", "7", "--data-dir", str(data), "--colour", "never", *options]) == 0
    title, *rows = capsys.readouterr().out.splitlines()
    digits = mnist.load(data, train=True)
    assert title.endswith(f"a {digits.labels[7]}")
    assert [[int(value, base) for value in row.split()] for row in rows] == digits.images[7].tolist()


def test_show_can_colour_the_ink(data, capsys):
    assert main(["data", "show", "7", "--data-dir", str(data), "--colour", "always"]) == 0
    text = capsys.readouterr().out
    assert "\x1b[48;5;255" in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert plain.splitlines()[1].split() == ["0"] * 28


@pytest.mark.parametrize("index", ["-1", "360"])
def test_show_refuses_an_index_out_of_range(data, capsys, index):
    assert main(["data", "show", "--data-dir", str(data), "--", index]) == 1
    assert "from 0 to 359" in capsys.readouterr().err


def test_stats_count_the_classes(data, capsys):
    assert main(["data", "stats", "--data-dir", str(data)]) == 0
    _, train, test, *_ = capsys.readouterr().out.splitlines()
    assert train.split()[:12] == ["train", "360", *["36"] * 10]
    pixels = mnist.load(data, train=True).images.numpy() / 255
    assert [float(number) for number in train.split()[-2:]] == pytest.approx([pixels.mean(), pixels.std()], abs=1e-4)
    assert test.split()[:2] == ["test", "50"]


def test_split_copies_the_split_of_the_training(tmp_path, capsys):
    folder, out = tmp_path / "flowers", tmp_path / "split"
    write_photos(folder, {"rose": 10, "tulip": 5})
    assert main(["data", "split", str(folder), str(out)]) == 0
    count = {path.name: len(list(path.iterdir())) for path in (out / "validation").iterdir()}
    assert count == {"rose": 2, "tulip": 1}
    samples, classes = folders.list_folder(folder)
    validation = {samples[index][0].name for index in folders.split_samples(samples, classes)[1].tolist()}
    assert {path.name for path in (out / "validation").rglob("*.png")} == validation
    assert len(list((out / "train").rglob("*.png"))) == 12
    assert main(["data", "split", str(folder), str(out)]) == 1
    assert "is not an empty folder" in capsys.readouterr().err


def test_a_class_of_one_image_cannot_be_split(tmp_path, capsys):
    write_photos(tmp_path / "flowers", {"rose": 4, "tulip": 1})
    assert main(["data", "split", str(tmp_path / "flowers"), str(tmp_path / "split")]) == 1
    assert "class tulip has 1 image" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        ["data", "export", "{file}/png"],
        ["data", "preview", "--out", "{file}/x.png"],
        ["data", "split", "{folder}", "{file}/split"],
        ["convolve", "--out", "{file}/x.png"],
    ],
    ids=lambda command: command[-2],
)
def test_what_cannot_be_written_is_named(data, tmp_path, monkeypatch, capsys, command):
    monkeypatch.setenv("DIGITPAD_DATA", str(data))
    (tmp_path / "file").touch()  # where a folder is wanted
    write_photos(tmp_path / "flowers", {"rose": 2})
    places = {"file": tmp_path / "file", "folder": tmp_path / "flowers"}
    assert main([argument.format(**places) for argument in command]) == 1
    assert re.search(rf"cannot be (written|copied to {places['file']}).*\((Not a directory|File exists)\)",
                     capsys.readouterr().err)  # fmt: skip


def test_convolve_shows_the_arithmetic_of_one_pixel(data, tmp_path, capsys):
    out = tmp_path / "map.png"
    arguments = ["convolve", "3", "--kernel", "0 0 0; 0 2 0; 0 0 0", "--padding", "1", "--data-dir", str(data)]
    assert main([*arguments, "--out", str(out)]) == 0
    text = capsys.readouterr().out
    assert "a 3" in text
    assert "28×28 pixels. The strongest" in text
    assert re.search(r"2·1\.00 = 2\.00", text)
    with Image.open(out) as picture:
        assert picture.width > 600


def test_convolve_refuses_bad_kernels(data, capsys):
    with pytest.raises(SystemExit):
        main(["convolve", "--kernel", "nonsense", "--data-dir", str(data)])
    assert "sobel-x" in capsys.readouterr().err
    large = ";".join(["1 " * 30] * 30)
    assert main(["convolve", "--kernel", large, "--data-dir", str(data)]) == 1
    assert "does not fit" in capsys.readouterr().err
