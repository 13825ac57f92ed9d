"""The lattice of all ways to read a row of pieces as a number, and the cheapest path through it.

Source: the segmentation graph and its Viterbi transformer in LeCun, Bottou, Bengio and Haffner, "Gradient-Based
Learning Applied to Document Recognition" (1998), sections IV and VI. Each arc reads neighbouring pieces as one
character, at a cost that is minus a log-probability. A path reads all pieces, and its cost is the sum over its arcs. As
in the paper, a grammar says what a number is: every path must be accepted by a finite automaton.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

Kind = Literal["digit", "point", "minus", "dirt"]
State = Literal["start", "signed", "whole", "pointed", "decimal"]

# An optional minus sign, then digits, with at most one point, between digits. Dirt may be anywhere.
GRAMMAR: Final[Mapping[tuple[State, Kind], State]] = {
    ("start", "minus"): "signed",
    ("start", "digit"): "whole",
    ("signed", "digit"): "whole",
    ("whole", "digit"): "whole",
    ("whole", "point"): "pointed",
    ("pointed", "digit"): "decimal",
    ("decimal", "digit"): "decimal",
}
STATES: Final[tuple[State, ...]] = ("start", "signed", "whole", "pointed", "decimal")
Node = tuple[int, State]  # the number of pieces read, and what they are so far
START: Final[Node] = (0, "start")
FINAL: Final[tuple[State, ...]] = ("whole", "decimal")


@dataclass(frozen=True)
class Arc:
    """A reading of the pieces from `start` to `stop`, exclusive, as one character."""

    start: int
    stop: int
    kind: Kind
    cost: float


@dataclass(frozen=True)
class Path:
    """The cheapest path, and its probability among all paths if costs are minus log-probabilities."""

    arcs: tuple[Arc, ...]
    cost: float
    probability: float


def best_path(arcs: Sequence[Arc], pieces: int) -> Path | None:
    """Find the cheapest path that reads all `pieces` from left to right; None where there is none.

    The forward algorithm on the same lattice gives its probability.
    """
    best: dict[Node, tuple[float, Node, Arc]] = {}  # the cheapest path to a node: its cost, the node before, the arc
    total: dict[Node, float] = {START: 0.0}  # the log-probability of all paths to a node
    for arc in sorted(arcs, key=lambda arc: arc.start):
        for state in STATES:
            node = (arc.start, state)
            after = state if arc.kind == "dirt" else GRAMMAR.get((state, arc.kind))
            if after is None or node not in total:
                continue
            target = (arc.stop, after)
            cost = arc.cost + (best[node][0] if node in best else 0.0)
            if target not in best or cost < best[target][0]:
                best[target] = (cost, node, arc)
            total[target] = float(np.logaddexp(total.get(target, -np.inf), total[node] - arc.cost))
    ends = [(pieces, state) for state in FINAL if (pieces, state) in best]
    if not ends:
        return None
    node = min(ends, key=lambda end: best[end][0])
    cost = best[node][0]
    chosen: list[Arc] = []
    while node in best:
        _, node, arc = best[node]
        chosen.append(arc)
    everything = float(np.logaddexp.reduce([total[end] for end in ends]))
    return Path(tuple(reversed(chosen)), cost, float(np.exp(min(-cost - everything, 0.0))))
