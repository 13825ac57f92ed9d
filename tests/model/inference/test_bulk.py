"""Folders and Parquet files become tables with a row for each image, readable or not."""

import json
import os
import sys

import pytest
from pyarrow import parquet

from model.__main__ import main
from model.inference.bulk import batches, results
from model.inference.bulk.items import find
from tests.helpers.bulk import LABELS, make_scans, rows_of, write_parquet
from tests.helpers.drawings import pages_of, png_of


@pytest.fixture
def folder(tmp_path):
    return make_scans(tmp_path / "scans")


def test_a_folder_becomes_a_table_in_the_order_of_its_names(folder, tmp_path, capsys):
    out = tmp_path / "results.csv"
    assert main(["predict", str(folder), "--out", str(out)]) == 0
    bad, *good = rows_of(out)
    assert bad["file"] == str(folder / "a.jpg")
    assert "PNG, JPEG" in bad["error"]
    assert bad["label"] == bad["p_0"] == ""
    names = [row["file"].removeprefix(str(folder)) for row in good]
    assert names == [f"/b/{label}.PNG" for label in LABELS[1::2]] + [f"/b/deep/{label}.PNG" for label in LABELS[::2]]
    for row in good:
        assert row["file"].endswith(f"{row['label']}.PNG")
        assert (row["verdict"], row["error"]) == ("sure", "")
        assert sum(float(row[f"p_{label}"]) for label in LABELS) == pytest.approx(1)
        assert float(row["confidence"]) == float(row[f"p_{row['label']}"])
    out, err = capsys.readouterr()
    assert "Read 11 images" in out
    assert "1 could not be read" in out
    assert "11/11" in err  # the progress bar


def test_folders_come_in_the_order_of_their_names(tmp_path):
    names = ["b/1.png", "b/2.png", "c/1.png", "c/a/1.png", "d/1.png"]
    for name in (names[3], *names):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert find([str(tmp_path)]).images == [str(tmp_path / name) for name in names]


def test_a_folder_that_may_not_be_read_is_named(folder, monkeypatch, capsys):
    def refuse(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert main(["predict", str(folder)]) == 1
    assert f"{folder} cannot be read (Permission denied)" in capsys.readouterr().err


def test_json_lines_are_those_that_predict_prints(folder, tmp_path, capsys):
    out = tmp_path / "results.jsonl"
    assert main(["predict", str(folder), "--out", str(out)]) == 0
    capsys.readouterr()
    assert main(["predict", "--json", str(folder)]) == 1
    printed, err = capsys.readouterr()
    bad, *good = map(json.loads, out.read_text().splitlines())
    assert bad.keys() == {"file", "error"}
    assert bad["error"] in err
    for one, other in zip(good, map(json.loads, printed.splitlines()), strict=True):
        assert {**one, "probabilities": 0, "confidence": 0} == {**other, "probabilities": 0, "confidence": 0}
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-5)


def test_parquet_has_its_types_without_any_digit(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.png").write_bytes(b"")
    out = tmp_path / "results.parquet"
    assert main(["predict", str(tmp_path / "in"), "--out", str(out)]) == 0
    table = parquet.read_table(out)
    assert [str(table.schema.field(name).type) for name in ("file", "label", "p_9")] == ["string", "string", "double"]
    assert "empty" in table["error"][0].as_py()


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_rows_of_several_batches_and_groups_are_all_written(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(results, "GROUP", 4)
    out = tmp_path / f"x.{kind}"
    rows = [{"file": f"{number}", "error": "damaged", "p_1": None} for number in range(11)]
    with results.writing(out, ["file", "p_1", "error"]) as write:
        for at in range(0, 11, 3):
            write(rows[at : at + 3])
    if kind == "csv":
        written = [row["file"] for row in rows_of(out)]
    elif kind == "jsonl":
        written = [json.loads(line)["file"] for line in out.read_text().splitlines()]
    else:
        written = parquet.read_table(out)["file"].to_pylist()
    assert written == [f"{number}" for number in range(11)]


def test_the_batch_size_changes_nothing(recognizer, folder, monkeypatch):
    items = list(batches.items_of(find([str(folder)]), "image", None))
    whole = [row for rows in batches.in_batches(recognizer, items) for row in rows]
    monkeypatch.setattr(batches, "BATCH", 3)
    parts = list(batches.in_batches(recognizer, items))
    assert [len(part) for part in parts] == [3, 3, 3, 2]
    assert [(row["file"], row["label"]) for part in parts for row in part] == [(r["file"], r["label"]) for r in whole]


def test_an_interrupted_job_leaves_the_old_results(folder, tmp_path, monkeypatch):
    out = tmp_path / "results.csv"
    out.write_text("old")

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(batches, "read_batch", stop)
    assert main(["predict", str(folder), "--out", str(out)]) == 130
    assert out.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir() if path != folder] == ["results.csv"]


def test_a_file_larger_than_any_image_is_not_read(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(batches, "LARGEST", 100)
    out = tmp_path / "results.csv"
    assert main(["predict", str(folder), "--out", str(out)]) == 0
    assert sum("more than 100 bytes" in row["error"] for row in rows_of(out)) == 10


def test_pipes_names_that_are_not_utf8_and_dangling_links_become_rows(folder, tmp_path):
    os.mkfifo(folder / "pipe.png")
    with open(os.fsencode(folder) + b"/\xff.png", "wb") as file:
        file.write(png_of("4"))
    (folder / "gone.png").symlink_to("/nowhere/at/all")
    out = tmp_path / "results.csv"
    assert main(["predict", str(folder), "--out", str(out)]) == 0
    rows = {row["file"]: row for row in rows_of(out)}
    assert rows[f"{folder}/\ufffd.png"]["label"] == "4"
    assert "No such file" in rows[str(folder / "gone.png")]["error"]
    assert "no regular file" in rows[str(folder / "pipe.png")]["error"]


def test_images_of_a_parquet_file_are_named_by_row_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(batches, "BATCH", 3)  # of groups of four rows
    images = [png_of(label) for label in LABELS] + [None, b"no image"]
    first = write_parquet(tmp_path / "z.parquet", images)
    second = write_parquet(tmp_path / "a.parquet", images[:1])
    out = tmp_path / "results.csv"
    assert main(["predict", first, second, "--out", str(out)]) == 0
    rows = rows_of(out)
    assert [row["file"] for row in rows] == [f"{first}#{at}" for at in range(12)] + [f"{second}#0"]
    assert [row["label"] for row in rows] == [*LABELS, "", "", "0"]
    assert "empty" in rows[10]["error"]
    assert "PNG, JPEG" in rows[11]["error"]


def test_each_page_of_a_tiff_is_a_row(tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    (folder / "a.TIF").write_bytes(pages_of("314"))
    (folder / "b.tiff").write_bytes(pages_of("7"))
    (folder / "c.tif").symlink_to("/nowhere/at/all")
    out = tmp_path / "results.csv"
    assert main(["predict", str(folder), "--out", str(out)]) == 0
    *rows, gone = rows_of(out)
    assert [row["file"].removeprefix(f"{folder}/") for row in rows] == [
        "a.TIF#page=1", "a.TIF#page=2", "a.TIF#page=3", "b.tiff",
    ]  # fmt: skip
    assert [row["label"] for row in rows] == list("3147")
    assert "No such file" in gone["error"]


def test_photographs_in_a_format_that_is_not_read_are_rows_with_the_reason(folder, tmp_path):
    for name in ("IMG_1.HEIC", "b.avif"):
        (folder / name).write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    out = tmp_path / "results.csv"
    assert main(["predict", str(folder), "--out", str(out)]) == 0
    rows = {os.path.basename(row["file"]): row for row in rows_of(out)}
    for name in ("IMG_1.HEIC", "b.avif"):
        assert "not an image in a format that is read: send a PNG, JPEG, WebP" in rows[name]["error"]


def test_columns_of_a_parquet_file_can_be_chosen_and_hold_structs(tmp_path):
    images = [{"bytes": png_of(label), "path": None} for label in "314"]
    write_parquet(tmp_path / "x.parquet", [0, 0, 0], scan=images, id=["a", "b", "c"])
    out = tmp_path / "results.csv"
    assert main(["predict", str(tmp_path), "--column", "scan", "--name-column", "id", "--out", str(out)]) == 0
    assert [(row["file"], row["label"]) for row in rows_of(out)] == [("a", "3"), ("b", "1"), ("c", "4")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{folder}", "--out", "x.txt"], ".csv, .jsonl, .parquet"),
        (["{folder}", "--out", "{folder}/none/x.csv"], "make it"),
        (["{folder}", "--ray"], "--out results.csv"),
        (["{table}"], "--out results.csv"),
        (["{empty}"], "holds nothing to read"),
        (["{folder}", "{table}", "--out", "x.csv"], "one kind at a time"),
        (["{table}", "--column", "scan", "--out", "x.csv"], "name one of image, id with --column"),
        (["{table}", "--name-column", "nr", "--out", "x.csv"], "with --name-column"),
        (["{table}", "--column", "id", "--out", "x.csv"], "holds no bytes"),
        (["{nonsense}", "--out", "x.csv"], "cannot be read as Parquet"),
    ],
)
def test_wrong_arguments_are_refused_before_the_work(arguments, message, folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "nonsense.parquet").write_bytes(b"PAR1, but no more of it")
    write_parquet(tmp_path / "table.parquet", [png_of("1")], id=["a"])
    places = {"folder": folder, "table": "table.parquet", "empty": "empty", "nonsense": "nonsense.parquet"}
    assert main(["predict", *[argument.format(**places) for argument in arguments]]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize(("missing", "arguments"), [("ray", ["--ray"]), ("pyarrow", [])])
def test_a_missing_package_is_named(missing, arguments, folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.setitem(sys.modules, f"{missing}.data", None)
    monkeypatch.setitem(sys.modules, f"{missing}.parquet", None)
    out = tmp_path / ("x.csv" if missing == "ray" else "x.parquet")
    assert main(["predict", str(folder), *arguments, "--out", str(out)]) == 1
    assert "pip install -r requirements-bulk.txt" in capsys.readouterr().err
