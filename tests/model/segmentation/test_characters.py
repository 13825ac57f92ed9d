"""The ink of each character of a line: whole where it stands alone, and cut where it touches another one."""

import numpy as np

from model.segmentation.characters import cut_out


def bars(*spans: tuple[int, int], bridge: tuple[int, int] | None = None) -> np.ndarray:
    """Draw vertical bars, and perhaps a thin line across that joins them."""
    ink = np.zeros((40, 100), np.uint8)
    for left, right in spans:
        ink[5:35, left:right] = 255
    if bridge:
        ink[19:22, slice(*bridge)] = 255
    return ink


def test_what_stands_alone_is_whole():
    characters = cut_out(bars((10, 20), (50, 60)), [(0, 30), (30, 100)])
    assert [character.box for character in characters] == [(10, 5, 10, 30), (50, 5, 10, 30)]
    assert [character.cut for character in characters] == [False, False]


def test_what_touches_is_cut_and_what_is_beside_it_is_not():
    ink = bars((10, 20), (40, 50), (80, 90), bridge=(20, 40))
    characters = cut_out(ink, [(0, 30), (30, 65), (65, 100)])
    assert [character.cut for character in characters] == [True, True, False]
    assert [character.box[0] for character in characters] == [10, 30, 80]


def test_what_is_mostly_one_character_s_stays_whole():
    characters = cut_out(bars((10, 20), (50, 60), bridge=(20, 32)), [(0, 30), (30, 100)])
    assert [character.cut for character in characters] == [False, False]
    assert characters[0].box[2] == 22
