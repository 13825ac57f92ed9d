"""Sets of real images are read from folders as their layout says, and their table and sheets are written."""

import sys

import pytest
from PIL import Image

from benchmarks import real
from benchmarks.tally import NO_DIGIT
from tests.helpers.drawings import png_of
from tests.helpers.number_images import row_png


@pytest.fixture
def folder(tmp_path):
    """Make a set of digits, one of letters, and one of numbers."""
    files = {
        "canvas/4/0000.png": png_of("4"),
        "canvas/4/notes.txt": b"no image",
        "canvas/1/0007.png": png_of("7"),
        "nondigit_charset62/CAP_A/0001.png": b"A",
        "nondigit_charset62/CAP_O/0002.png": b"O",
        "nondigit_charset62/SMALL_z/0003.png": b"z",
        "numbers_meza/0000.png": row_png("125"),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "numbers_meza" / "labels.tsv").write_text("0000.png\t12,5\n")
    return tmp_path


def test_digits_are_labelled_by_their_folder(folder):
    assert real.load(folder / "canvas") == [("1", png_of("7")), ("4", png_of("4"))]


def test_letters_that_look_like_digits_are_left_out(folder):
    assert real.load(folder / "nondigit_charset62") == [(NO_DIGIT, b"A")]


def test_numbers_are_labelled_by_the_digits_of_their_text(folder):
    assert real.load(folder / "numbers_meza") == [("125", row_png("125"))]


def test_a_folder_without_images_is_named(folder):
    with pytest.raises(SystemExit, match="nowhere"):
        real.load(folder / "nowhere")


def test_the_table_and_sheets_of_failures_are_written(folder, client, monkeypatch, capsys):
    sheets = folder / "sheets"
    monkeypatch.setattr(real, "create_app", lambda: client.application)
    monkeypatch.setattr(sys, "argv", ["real", "--sets", "canvas,numbers_meza", "--failures", str(sheets)])
    monkeypatch.setenv("DIGITPAD_REAL", str(folder))
    real.main()
    rows = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert rows["canvas"][:2] == ["2", "50.0%"]
    assert rows["canvas"][6:] == ["1", "(50.0%)", "0.0%", "0", "99.3%"]  # the 7 in the folder of ones: sure and wrong
    assert rows["numbers_meza"][:2] == ["1", "100.0%"]
    assert [path.name for path in sheets.iterdir()] == ["canvas.png"]
    with Image.open(sheets / "canvas.png") as sheet:
        assert sheet.height > 140
