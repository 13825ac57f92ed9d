"""Ways of writing digits that stand in lines: a nine that alone would be a letter, ones like an 11, zeros in a row."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from model.data import templates
from model.data.templates import Template
from model.preprocessing.arrays import Doubles, Points

# Alone, some of them are a P or a lambda; among digits nobody takes them for that. The first character is the digit.
IN_LINES: Final[Mapping[str, Template]] = {
    "1 with a flag from the base": ("0,1 / .55,0 / .55,1",),
    "1 with a flag from the base, apart": ("0,.95 / .42,.15", ".58,0 / .55,1"),
    "1 with a curved flag from the base": ("0,1 .25,.75 .55,0 / .5,1",),
    "1 with a wide flag from the base": ("0,1 / .9,0 / .85,1",),
    "1 with a wide flag, slightly curved": ("0,.95 .5,.6 .95,.05 / .88,1",),
    "1 with a flag that joins it below its top": ("0,1 / .7,.25", ".78,0 / .74,1"),
    "1 with half a flag": ("0,1 / .38,.5", ".68,0 / .65,1"),  # faint pencil loses the upper part
    "1 with half a wide flag": ("0,1 / .5,.52", ".95,0 / .9,1"),
    "1 with a third of a flag": ("0,.97 / .28,.65", ".62,0 / .6,1"),
    "9 like a P": (".12,.35 .15,.1 .5,0 .95,.12 .9,.42 .55,.55 .3,.48 / .28,1",),
    "9 like a P, with a long stem": (".25,1 / .25,.2 / .3,.1 .65,0 1,.2 .85,.5 .3,.55",),
    "9 like a P, with a hook": ("0,.3 .1,.5 .3,.4 .35,.1 .7,0 1,.25 .8,.5 .4,.52 / .35,1",),
    "9 from below": (".3,.52 .6,.5 .95,.3 .7,.02 .3,.05 .15,.3 .35,.5 / .3,1",),
}
WIDTHS: Final = (0.5, 1.0)  # of a zero in a row of them, in its height
LINKS: Final = (-0.1, 0.35)  # from one to the next


def write_zeros(count: int, random: np.random.Generator) -> list[Points]:
    """Write zeros in one stroke, 1 high: rings that a line along their tops, or their middle, links."""
    link_at = random.choice([0.02, 0.1, 0.4])
    wide, link = random.uniform(*WIDTHS), random.uniform(*LINKS)
    points: list[tuple[float, float]] = []
    for zero in range(count):
        left, size = zero * (wide + link), wide * random.uniform(0.85, 1.15)
        ring = [(0.5, 0), (0.12, 0.15), (0, 0.5), (0.2, 0.9), (0.55, 1), (0.9, 0.8), (1, 0.45), (0.8, 0.1)]
        points += [(left + x * size, y) for x, y in ring]
        points += [(left + 0.5 * size, link_at), (left + (0.8 + 0.2 * link) * size, link_at)]
    placed: Doubles = np.array(points[:-1]) + random.normal(0, 0.035, (len(points) - 1, 2))
    return [templates.curve(placed)]
