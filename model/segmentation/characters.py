"""The ink of each character of a line whose places are known: by connected components, cut where characters touch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.preprocessing.arrays import Ink, Integers, Mask
from model.preprocessing.components import find_components
from model.preprocessing.threshold import otsu

MINE: Final = 0.85  # of a component's ink between the ends of a character: then all of it is the character's


@dataclass(frozen=True)
class CharacterInk:
    """The ink (h, w) uint8 of a character alone, and its left, top, width and height in the line.

    `smallest` is the longer side of its smallest part, in pixels, if it has several: that may be a sign of its own.
    `cut` tells that it touched another character, so that its ink may be short of something, or have too much.
    """

    ink: Ink
    box: tuple[int, int, int, int]
    smallest: int | None = None
    cut: bool = False


def cut_out(ink: Ink, columns: Sequence[tuple[float, float]]) -> list[CharacterInk]:
    """Cut each character out of the ink (H, W) of a line. `columns` say from where to where each is, about."""
    ends = np.array([end for _, end in columns[:-1]])
    owner_of = np.searchsorted(ends, np.arange(ink.shape[1]) + 0.5, side="right")  # of each column
    components = find_components(ink > otsu(ink))
    owners = np.broadcast_to(owner_of, ink.shape).copy()
    parts: list[list[int]] = [[] for _ in columns]  # of each character: the longer sides
    cut: set[int] = set()
    for label, (left, top, right, bottom) in enumerate(components.boxes.tolist(), start=1):
        here = np.s_[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1]
        mine = _keep_whole(owners[here], components.labels[here], label, len(columns))
        cut.update(mine if len(mine) > 1 else ())
        for owner in mine:
            parts[owner].append(max(right - left, bottom - top))
    smallest = [min(sides) if len(sides) > 1 else None for sides in parts]
    return [_alone(ink, owners == at, columns[at], smallest[at], at in cut) for at in range(len(columns))]


def _keep_whole(owners: Integers, labels: Integers, label: int, count: int) -> list[int]:
    """Give a component that is mostly one character's to that character, with its faint edges. Returns its owners."""
    mine = labels == label
    shares = np.bincount(owners[mine], minlength=count)
    owner = int(shares.argmax())
    if shares[owner] < MINE * shares.sum():
        return np.flatnonzero(shares).tolist()
    if shares[owner] < shares.sum():
        near = mine.copy()
        near[1:] |= mine[:-1]
        near[:-1] |= mine[1:]
        near[:, 1:] |= mine[:, :-1]
        near[:, :-1] |= mine[:, 1:]
        owners[near & ((labels == 0) | mine)] = owner
    return [owner]


def _alone(ink: Ink, mine: Mask, columns: tuple[float, float], smallest: int | None, cut: bool) -> CharacterInk:
    alone = np.where(mine, ink, 0).astype(np.uint8)
    inked = alone > max(1, int(ink.max()) // 8)
    rows, places = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows):  # nothing of it is left: where it should be
        left = min(max(int(columns[0]), 0), ink.shape[1] - 1)
        return CharacterInk(alone[:, left : left + 1], (left, 0, max(1, int(columns[1]) - left), ink.shape[0]))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(places[0]), int(places[-1]) + 1
    return CharacterInk(alone[top:bottom, left:right], (left, top, right - left, bottom - top), smallest, cut)
