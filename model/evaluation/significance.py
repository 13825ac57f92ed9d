"""Whether new weights read significantly worse than old ones.

Trainings with another seed differ by a few validation digits (docs/training.md). So McNemar's test compares the images
that only the old weights read right with those that only the new ones do.
"""

import math
from collections.abc import Collection, Mapping
from typing import Final

from torch import Tensor

Marks = Tensor  # (N,) bool: which images were read right
CHANCE: Final = 0.05  # significance level


def got_worse(before: Mapping[str, Marks], after: Mapping[str, Marks], strict: Collection[str] = ()) -> list[str]:
    """Name the sets that are read significantly worse than before, or worse at all if they are in `strict`.

    McNemar's test, exact and one-sided ("Note on the Sampling Error of the Difference between Correlated Proportions or
    Percentages", 1947).
    """
    return [name for name in after if _is_worse(before[name], after[name], name in strict)]


def _is_worse(before: Marks, after: Marks, strict: bool) -> bool:
    lost, gained = int((before & ~after).sum()), int((~before & after).sum())
    return lost > gained and (strict or chance_of(lost, gained) < CHANCE)


def chance_of(lost: int, gained: int) -> float:
    """Return the probability of at least `lost` losses if losses and gains are equally likely."""
    changes = lost + gained
    return float(sum(math.comb(changes, count) for count in range(lost, changes + 1)) / 2**changes)


def table(names: Mapping[str, str], marks: Mapping[str, Mapping[str, Marks]]) -> str:
    """Return a table of accuracy: a row for each set in `names`, a column for each weights file."""
    wide = 30
    lines = ["read rightly".ljust(wide) + "".join(name.rjust(wide) for name in marks)]
    for name, title in names.items():
        if all(name in column for column in marks.values()):
            lines.append(title.ljust(wide) + "".join(_share(column[name]).rjust(wide) for column in marks.values()))
    return "\n".join(lines)


def _share(right: Marks) -> str:
    return f"{float(right.double().mean()):.2%}, {int((~right).sum()):,} of {len(right):,} wrong"
