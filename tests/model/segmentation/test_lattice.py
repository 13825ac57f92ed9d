"""The cheapest path through the lattice, its grammar and its probability."""

import math

import pytest

from model.segmentation.lattice import Arc, best_path


def kinds(arcs: list[Arc], pieces: int) -> list[str] | None:
    path = best_path(arcs, pieces)
    return path and [arc.kind for arc in path.arcs]


def test_the_cheapest_path_is_taken():
    single = [Arc(0, 1, "digit", 1.0), Arc(1, 2, "digit", 1.0)]
    assert len(best_path([*single, Arc(0, 2, "digit", 2.5)], 2).arcs) == 2
    path = best_path([*single, Arc(0, 2, "digit", 1.5)], 2)
    assert [(arc.start, arc.stop) for arc in path.arcs] == [(0, 2)]
    assert path.cost == 1.5


def test_its_probability_is_its_share_of_all_paths():
    path = best_path([Arc(0, 1, "digit", 1.0), Arc(1, 2, "digit", 1.0), Arc(0, 2, "digit", 1.5)], 2)
    assert path.probability == pytest.approx(math.exp(-1.5) / (math.exp(-1.5) + math.exp(-2)))
    assert best_path([Arc(0, 1, "digit", 7.0)], 1).probability == pytest.approx(1)


@pytest.mark.parametrize(
    ("offered", "read"),
    [
        ("d p d", "d p d"),
        ("m d", "m d"),
        ("m d p d d", "m d p d d"),
        ("p d", None),  # a point comes after a digit
        ("d p", None),  # and before one
        ("d p d p d", None),  # and only once
        ("d m", None),  # a minus sign comes first
        ("m m d", None),
        ("m", None),
        ("x d x p x d x", "x d x p x d x"),  # dirt may lie anywhere
        ("x", None),
    ],
)
def test_paths_follow_the_grammar_of_numbers(offered, read):
    names = {"d": "digit", "p": "point", "m": "minus", "x": "dirt"}
    arcs = [Arc(at, at + 1, names[kind], 1.0) for at, kind in enumerate(offered.split())]
    assert kinds(arcs, len(arcs)) == (read and [names[kind] for kind in read.split()])


def test_a_gap_in_the_lattice_leaves_no_path():
    assert best_path([Arc(0, 1, "digit", 1.0), Arc(2, 3, "digit", 1.0)], 3) is None
    assert best_path([], 1) is None
