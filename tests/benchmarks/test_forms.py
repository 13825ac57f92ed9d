"""The scenes of benchmarks.forms show what their rows say, and depend on the seed only."""

import io
import sys
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from benchmarks import forms
from benchmarks.scenes import boards, fields, frames, hand
from benchmarks.scenes.fields import Form
from benchmarks.scenes.hand import Hand
from benchmarks.tally import BLANK
from model.preprocessing.normalize import normalize
from tests.helpers import photographs
from tests.helpers.drawings import DRAWINGS, ink_of

HAND = Hand(
    [{label: [[np.array(stroke, float) for stroke in strokes]] for label, strokes in DRAWINGS.items()}],
    {int(label): [normalize(ink_of(label))] for label in DRAWINGS},
)
PHOTOGRAPHED = {"table-beside", "chalk", "chalk-wiped", "same-lightness", "whiteboard"}


def opened(file: bytes) -> Image.Image:
    return Image.open(io.BytesIO(file))


def pixels(file: bytes) -> np.ndarray:
    return np.asarray(opened(file).convert("L"), float)


def seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture
def no_camera(monkeypatch):
    """Photograph without the camera, which takes its time."""
    monkeypatch.setattr(photographs, "photograph_page", lambda page, _conditions, _random: page)


def lengths(name: str) -> range:
    """How many digits an image of a row has."""
    if name.startswith("empty"):
        return range(0)
    if name.startswith("code"):
        return range(5, 6)
    return {"border-number": range(2, 7), "partly-empty": range(1, 5)}.get(name.removesuffix("-photo"), range(1, 2))


@pytest.mark.parametrize("name", forms.ROWS)
def test_every_row_draws_labelled_images_that_depend_on_the_seed(name, no_camera):
    (label, file), again = (next(forms.scenes(HAND, name, 0, 1)) for _ in range(2))
    assert again == (label, file)
    assert len(label) in lengths(name) if label.isdigit() else label == BLANK and not lengths(name)
    assert opened(file).format == "JPEG" or not (name.endswith("-photo") or name in PHOTOGRAPHED)


def test_no_two_images_of_a_row_are_the_same():
    assert len({file for _, file in forms.scenes(HAND, "border", 0, 8)}) == 8


def test_groups_have_rows():
    assert {name for names, _ in forms.GROUPS.values() for name in names} <= forms.ROWS.keys()


@pytest.mark.parametrize("name", forms.ROWS)
def test_numbers_are_sent_to_be_read_as_numbers(name):
    several = name.startswith("empty-row") or max(lengths(name), default=1) > 1
    assert forms.ROWS[name].path == ("/read" if several else "/predict")


def test_photographs_depend_on_the_seed():
    first, second = (next(forms.scenes(HAND, "box-photo", 0, 1)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("seed", range(5))
def test_a_border_runs_around_the_canvas(seed):
    pad = Image.new("RGB", (60, 40), "white")
    framed = np.asarray(frames._bordered(pad, seeded(seed)))
    width = (framed.shape[0] - 40) // 2
    assert 1 <= width <= 4
    assert (framed[width:-width, width:-width] == 255).mean() > 0.95
    assert (framed[0] < 255).any()
    assert (framed[:, -1] < 255).any()


@pytest.mark.parametrize("seed", range(3))
def test_pads_stand_out_from_their_pages(seed):
    white, black = (pixels(draw(HAND, seeded(seed))[1]) for draw in (frames.white_pad, frames.black_pad))
    assert white[0, 0] < 245 < np.quantile(white, 0.9)
    assert black[0, 0] > 240 > 40 > np.quantile(black, 0.2)


@pytest.mark.parametrize("kind", [kind for kind in fields.PAINT if kind != "plain"])
def test_forms_are_printed_and_their_cells_left_empty(kind):
    for seed in range(4):
        form = Form(kind, 3, 80, seeded(seed))
        page = np.asarray(form.page, int)
        assert (np.abs(page - form.paper).max(axis=2) > 8).any()
        for left, top, right, bottom in form.cells:
            inside = page[top + 8 : bottom - 8, left + 10 : right - 10]
            middle = inside[: len(inside) // 3]  # above a comb's teeth
            assert (middle == middle[0, 0]).all()


def test_a_digit_that_crosses_its_box_lies_on_both_sides_of_a_line(monkeypatch):
    written = []
    monkeypatch.setattr(fields, "put", lambda _page, ink, middle, _colour: written.append((ink.shape[::-1], middle)))
    for seed in range(20):
        caught = []
        fields.over_the_box(HAND, seeded(seed), lambda form, _random, caught=caught: caught.append(form))
        box, (size, middle) = caught[0].cells[0], written[-1]
        low, high = np.array(middle) - np.array(size) / 2, np.array(middle) + np.array(size) / 2
        beyond = [*(box[:2] - low), *(high - box[2:])]
        assert 0 < max(beyond) <= 0.25 * caught[0].height + 1
        assert (high > np.array(box[:2])).all()
        assert (low < np.array(box[2:])).all()


def test_a_digit_is_written_into_each_cell_that_has_one():
    form = Form("boxes", 3, 80, seeded())
    empty = np.asarray(form.page).copy()
    form.write([ink_of("8"), None, ink_of("1")])
    rows, columns = np.nonzero((np.asarray(form.page) != empty).any(axis=2))
    inside = [
        ((columns >= left) & (columns <= right) & (rows >= top) & (rows <= bottom)).any()
        for left, top, right, bottom in form.cells
    ]
    assert inside == [True, False, True]


def test_a_cell_has_rests_of_lines_on_one_to_three_sides(monkeypatch):
    monkeypatch.setattr(frames, "scanned", lambda page, _random, **_: np.asarray(page, int))
    counts = set()
    for seed in range(12):
        page = frames.cell(HAND, seeded(seed))[1]
        side = len(page)
        counts.add(
            sum(
                (turned[side // 5 : -side // 5, : max(1, side // 20)] != turned[side // 2, side // 8]).any()
                for turned in (np.rot90(page, quarter) for quarter in range(4))
            )
        )
    assert counts == {1, 2, 3}


def test_a_plot_has_a_frame_and_tick_labels(monkeypatch):
    monkeypatch.setattr(frames, "screenshot", lambda page, _random: np.asarray(page.convert("L")))
    for seed in range(6):
        page = frames.plot(HAND, seeded(seed))[1]
        left, top = frames.AXES[:2] if page.shape == frames.FIGURE[::-1] else (32, 10)
        assert (page[top : top + 370, left] == 0).all()
        assert (page[:, : left - 5] < 128).any()
        assert (page[top + 370 + 6 :] < 128).any()


def test_wiping_leaves_smears(monkeypatch):
    monkeypatch.setattr(boards, "_chalked", lambda _hand, _random, board: board)
    for seed in range(3):
        smears = boards.wiped_chalk(HAND, seeded(seed)) - boards.chalk(HAND, seeded(seed))
        assert smears.min() >= 0
        assert smears.max() > 10
        assert 0.02 < (smears > 2).mean() < 0.9


def test_cells_that_are_left_empty_have_no_digit(monkeypatch):
    rows = []
    monkeypatch.setattr(Form, "write", lambda _form, inks: rows.append([ink is not None for ink in inks]))
    for seed in range(20):
        label, _ = fields.partly_empty(HAND, seeded(seed), lambda *_: b"")
        assert sum(rows[-1]) == len(label)
    assert {len(row) for row in rows} == {5}
    assert any(not first and last for row in rows for first, last in pairwise(row))  # not the last ones only
    assert {sum(row) for row in rows} == {1, 2, 3, 4}


def test_chalk_is_lighter_than_its_board(no_camera):
    for draw in (boards.chalk, boards.wiped_chalk):
        levels = pixels(draw(HAND, seeded())[1])
        darkest, board, lightest = np.quantile(levels, (0.01, 0.5, 0.99))
        assert lightest - board > 60 > 2 * (board - darkest)


def test_ink_of_the_papers_lightness_has_another_colour():
    for seed in range(10):
        pair = Image.new("RGB", (2, 1))
        pair.putdata(boards._colours_of_one_lightness(seeded(seed)))
        paper, ink = np.asarray(pair.convert("YCbCr"), float)[0]
        assert abs(paper[0] - ink[0]) < boards.SAME
        assert np.hypot(*(paper - ink)[1:]) > boards.APART


def test_a_row_of_digits_is_written_apart():
    text, ink = HAND.row(seeded(), 4, 60)
    columns = np.flatnonzero(ink.any(axis=0))
    assert len(text) == 4
    assert np.count_nonzero(np.diff(columns) > 1) >= 3


def test_scans_keep_their_paper_white(monkeypatch):
    monkeypatch.setattr(hand, "SCANNED", 1.0)
    for side in (12, 30, 90):
        ink = HAND.write("8", seeded(), side)[0]
        assert max(ink.shape) == side
        assert 0 in ink
        assert ink.max() == 255


def test_the_table_and_sheets_are_written(client, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(forms, "create_app", lambda: client.application)
    monkeypatch.setattr(forms, "load", lambda _folder: HAND)
    command = ["forms", "--rows", "white-pad,black-pad,code-boxes", "--count", "2"]
    monkeypatch.setattr(sys, "argv", [*command, "--show", str(tmp_path)])
    forms.main()
    assert {path.name for path in tmp_path.iterdir()} == {"white-pad.png", "black-pad.png", "code-boxes.png"}
    monkeypatch.setattr(sys, "argv", [*command, "--failures", str(tmp_path / "failures")])
    forms.main()
    rows = {line[:28].strip(): line[28:].split() for line in capsys.readouterr().out.splitlines()}
    assert rows["white-pad"][0] == rows["code-boxes"][0] == "2"
    assert rows["screenshots of pads"][0] == "4"
    assert rows.keys().isdisjoint({"forms of five digits"})
