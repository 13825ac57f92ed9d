"""The drawing's own modules, run in the browser: undo and redo, erasers, links, replays, and pictures of strokes."""

import re

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("seed", range(5))
def test_undo_and_redo_in_any_order_restore_the_exact_drawing(call, seed):
    steps = call("tests/drawing.js", "takeSteps", seed)
    assert steps["wrong"] == []
    assert steps["changes"] > 100


def test_what_is_far_in_the_past_is_forgotten_and_the_rest_is_not(call):
    assert call("tests/drawing.js", "undoAll", 600) == [500, 100]


@pytest.mark.parametrize("seed", range(5))
def test_a_link_holds_the_strokes(call, seed):
    """To half a unit, a fiftieth of the pressure and eight milliseconds."""
    strokes, decoded, text = call("tests/share-link.js", "roundTrip", seed)
    assert re.fullmatch(r"[\w-]+", text)
    for before, after in zip(strokes, decoded, strict=True):
        assert before["width"] == after["width"]
        for points in zip(before["points"], after["points"], strict=True):
            for bound, one, other in zip((0.26, 0.26, 0.011, 4.1), *points, strict=True):
                assert abs(one - other) <= bound
    assert len(text) < 10 * sum(len(stroke["points"]) for stroke in strokes) + 20


def test_a_broken_link_is_an_error_and_never_a_strange_drawing(call):
    outcomes = call("tests/share-link.js", "decodeBroken", 1)
    assert outcomes["refused"] >= 7
    assert outcomes["read"] > 0


def test_strokes_from_elsewhere_are_checked(call):
    point = [1, 2, 1, 0]
    good = [{"width": 18, "points": [point, [3, 4, 1, 9]]}]
    bad = [
        None, 7, "x", {}, [{}], [{"width": 18}], [{"width": 18, "points": []}], [{"width": 0, "points": [point]}],
        [{"width": 18, "points": [[1, 2, 1]]}], [{"width": 18, "points": [[1, 2, 1, "0"]]}],
        [{"width": 18, "points": [[1, None, 1, 0]]}], [{"width": 18, "points": [[1e9, 2, 1, 0]]}],
        [{"width": 18, "points": [[1, 2, 9, 0]]}], good * 1001, [{"width": 18, "points": [[1, 2, 1, 0]] * 20_001}],
    ]  # fmt: skip
    assert call("tests/drawing.js", "refused", [good, *bad]) == [False] + [True] * len(bad)


@pytest.mark.parametrize("seed", range(5))
def test_the_area_eraser_takes_all_ink_under_it_and_no_other(call, seed):
    assert call("tests/erasers.js", "eraseMadeStrokes", seed) == []


def test_the_stroke_eraser_takes_whole_strokes(call):
    assert call("tests/erasers.js", "eraseLines") == [[50, 150], True]


def test_a_replay_keeps_the_order_and_cuts_pauses_short(call):
    strokes = [
        {"width": 9, "points": [[0, 0, 1, 0], [9, 0, 1, 100]]},
        {"width": 9, "points": [[0, 9, 1, 60_000], [9, 9, 1, 60_200]]},
        {"width": 9, "points": [[5, 5, 1, 60_250]]},
    ]
    times, shown = call("tests/pictures.js", "replayed", strokes, [0, 99, 100, 460, 10_000])
    assert times == [[0, 100], [450, 650], [710]]
    assert shown == [[1], [1], [2], [2, 1], [2, 2, 1]]


def test_the_pad_widens_with_the_ink_and_has_an_end(call):
    widths = call("tests/pictures.js", "widths", [0, 310, 330, 700, 9000])
    assert widths[0] == widths[1] == 420
    assert widths[2] == 580
    assert 800 <= widths[3] <= 960
    assert widths[4] == 2400


def test_svg_and_png_show_the_same_ink(call):
    """Drawn on a canvas, the SVG file covers the pixels that the PNG covers."""
    dark, different = call("tests/pictures.js", "compareWithSvg", 3)
    assert dark > 2000
    assert different < dark / 100
