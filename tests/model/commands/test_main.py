"""The command line reads files and standard input, and names what it could not read."""

import io
import json
import os
import re
import struct
import subprocess
import sys

import pytest
from PIL import Image

from model.__main__ import COMMANDS, main
from model.commands.terminal import CLOSED
from model.preprocessing import tiff
from tests.helpers.datasets import some_mnist, write_mnist
from tests.helpers.drawings import ROOT, pages_of, png_of
from tests.helpers.number_images import row_png
from tests.helpers.photos import write_photos


@pytest.fixture
def seven(tmp_path):
    path = tmp_path / "seven.png"
    path.write_bytes(png_of("7"))
    return str(path)


def test_the_help_names_every_command_and_each_has_help_of_its_own(capsys):
    modules = {path.stem for path in (ROOT / "model" / "commands").glob("[!_]*.py")}
    assert modules - {"options", "terminal"} == set(COMMANDS)
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["--help"])
    out = capsys.readouterr().out
    for name, about in COMMANDS.items():
        assert re.search(rf"^ +{name} +{about[:30]}", out, re.MULTILINE)
        with pytest.raises(SystemExit, match=r"^0$"):
            main([name, "--help"])
        assert len(capsys.readouterr().out.splitlines()) > 4  # options of its own


def test_predict_reads_standard_input(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", type("Input", (), {"buffer": io.BytesIO(png_of("3"))}))
    assert main(["predict", "-"]) == 0
    assert capsys.readouterr().out.startswith("-: 3 ")


def test_predict_as_json(seven, capsys):
    assert main(["predict", "--json", seven]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["file"], answer["label"]) == (seven, "7")
    assert sum(answer["probabilities"].values()) == pytest.approx(1)


def test_predict_goes_on_after_a_bad_file_and_returns_1(seven, tmp_path, capsys):
    nonsense = tmp_path / "nonsense.png"
    nonsense.write_text("no image")
    assert main(["predict", str(nonsense), str(tmp_path / "missing.png"), seven, seven]) == 1
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"{seven}: 7 ")
    assert "PNG, JPEG" in err
    assert "missing.png" in err


def test_read_reads_numbers(tmp_path, capsys):
    path = tmp_path / "year.png"
    path.write_bytes(row_png("2024"))
    blank = tmp_path / "blank.png"
    Image.new("L", (200, 80), 255).save(blank)
    assert main(["read", str(path), str(blank)]) == 0
    assert capsys.readouterr().out.startswith(f"{path}: 2024 ")
    assert main(["read", "--json", str(path), str(tmp_path / "missing.png")]) == 1
    out, err = capsys.readouterr()
    assert [digit["label"] for digit in json.loads(out)["digits"]] == list("2024")
    assert "missing.png" in err


def test_missing_weights_are_named(seven, tmp_path, capsys):
    assert main(["predict", "--weights", str(tmp_path / "none.safetensors"), seven]) == 1
    assert "none.safetensors is not there" in capsys.readouterr().err


def test_evaluate_scores_the_test_split(tmp_path, capsys):
    write_mnist(tmp_path, *some_mnist(40), *some_mnist(30))
    assert main(["evaluate", "--data-dir", str(tmp_path), "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "calibration error" in out
    with Image.open(tmp_path / "digitpad-confusion.png") as picture:
        assert picture.width > 400
    assert not (tmp_path / "digitpad-misread.png").exists()  # no image was misread
    assert "0 of 30 wrong" in out
    assert "precision" in out


def test_evaluate_draws_misread_images(tmp_path, capsys):
    images, labels = some_mnist(30)
    write_mnist(tmp_path, *some_mnist(40), images, (labels + (labels == 7)) % 10)  # the sevens are labelled as eights
    assert main(["evaluate", "--data-dir", str(tmp_path), "--out", str(tmp_path)]) == 0
    assert "3 of 30 wrong" in capsys.readouterr().out
    with Image.open(tmp_path / "digitpad-misread.png") as sheet:
        assert sheet.height < 100 < sheet.width  # three in a row


def test_evaluate_refuses_a_folder_of_other_classes(tmp_path, capsys):
    write_photos(tmp_path / "flowers", {"rose": 2, "tulip": 2})
    assert main(["evaluate", "--data", f"folder:{tmp_path / 'flowers'}", "--out", str(tmp_path)]) == 1
    assert "other classes than these weights: 0, 1, 2" in capsys.readouterr().err
    assert main(["evaluate", "--network", "lenet5", "--data", "cifar10", "--out", str(tmp_path)]) == 1
    assert "CIFAR-10 has other classes" in capsys.readouterr().err


def test_evaluate_can_use_the_validation_set(data, tmp_path, capsys):
    assert main(["evaluate", "--on", "validation", "--data-dir", str(data), "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "MNIST validation" in out
    assert "pen digits, unseen writers" in out


def test_summary_shows_layers(capsys):
    assert main(["summary", "digitpad"]) == 0
    out = capsys.readouterr().out
    assert "16×20×20" in out
    assert "213,082" in out


@pytest.mark.parametrize("form", ["file", "standard input"])
def test_each_page_of_a_tiff_is_read_and_a_damaged_one_is_named(form, tmp_path, monkeypatch, capsys):
    path = tmp_path / "scan.tif"
    path.write_bytes(pages_of("314"))
    data = bytearray(path.read_bytes())
    struct.pack_into("<H", data, tiff.page_offsets(bytes(data))[1], 2_000)  # entries of its directory: too many
    path.write_bytes(data)
    name = str(path) if form == "file" else "-"
    monkeypatch.setattr(sys, "stdin", type("Input", (), {"buffer": io.BytesIO(data)}))
    assert main(["predict", name]) == 1
    out, err = capsys.readouterr()
    assert out.startswith(f"{name}#page=1: 3 ")
    assert len(out.splitlines()) == 1  # nobody knows where the third page is
    assert f"{name}#page=2: " in err
    path.write_bytes(pages_of("7"))
    assert main(["read", "--json", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["file"] == str(path)


PREDICT = [sys.executable, "-m", "model", "predict", *[str(ROOT / "docs" / "digits" / "7.png")] * 3]


def test_a_pipe_that_nobody_reads_ends_a_command_quietly():
    with subprocess.Popen(PREDICT, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        running.stdout.close()
        assert running.wait(60) == CLOSED
        assert running.stderr.read() == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has it alone")
@pytest.mark.parametrize("command", [PREDICT, [sys.executable, "-m", "model", "--help"]], ids=["predict", "help"])
def test_a_full_disk_under_standard_output_is_told_as_such(command):
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True)
    assert ran.returncode == 1
    assert ran.stderr == "Standard output cannot be written: No space left on device.\n"


def test_a_terminal_of_windows_is_written_to(tmp_path):
    environment = os.environ | {"PYTHONIOENCODING": "cp1252"}
    (tmp_path / "数.png").write_bytes((ROOT / "docs" / "digits" / "7.png").read_bytes())
    ran = subprocess.run([*PREDICT, str(tmp_path / "数.png")], cwd=ROOT, env=environment, capture_output=True)
    assert ran.returncode == 0, ran.stderr
    assert b"?.png: 7" in ran.stdout
