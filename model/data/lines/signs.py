"""Templates of signs: where they stand in a line whose digits reach from 0, their tops, to 1, the baseline.

Each way of writing a sign is its strokes, with points `x,y` from 0,0 to 1,1 as in model.data.templates, and the box
that they fill: width, top and bottom in heights of a digit.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from model.data import templates
from model.data.templates import Template
from model.preprocessing.arrays import Doubles

DISTORTION: Final = templates.Distortion(wobble=0.04, narrowest=1, widest=1, slant=0.1, rotation=5)
Box = tuple[float, float, float]  # width, top, bottom
SMALL_RING: Final = ".3,0 .02,.06 .02,.34 .3,.4 .38,.2 .3,0"
RING: Final = ".5,0 .1,.2 0,.55 .3,1 .7,.95 1,.5 .8,.1 .5,0"

SIGNS: Final[Mapping[str, Sequence[tuple[Template, Box]]]] = {
    ".": (((".4,.4 / .6,.6",), (0.03, 0.95, 1.0)), ((".6,0 / .4,1",), (0.05, 0.9, 1.02)), ((RING,), (0.08, 0.92, 1.0))),
    ",": (
        ((".8,0 / .2,1",), (0.1, 0.88, 1.2)),
        ((".6,0 .9,.3 .2,1",), (0.13, 0.85, 1.22)),
        ((".9,0 / .1,1",), (0.16, 0.85, 1.15)),
        ((".8,0 .95,.4 .1,1",), (0.1, 0.92, 1.15)),
        ((".9,0 / .1,1",), (0.2, 0.62, 1.25)),  # nearly as long as a 1
        ((".7,0 .9,.35 .1,1",), (0.2, 0.7, 1.35)),
    ),
    "-": (
        ((".0,.5 / 1,.5",), (0.4, 0.45, 0.55)),
        (("0,.8 / 1,.2",), (0.45, 0.44, 0.56)),
        (("0,.5 / 1,.5",), (0.7, 0.48, 0.54)),
    ),
    "+": ((("0,.5 / 1,.5", ".5,0 / .5,1"), (0.5, 0.25, 0.75)), ((".5,0 / .5,1", "0,.5 / 1,.5"), (0.65, 0.15, 0.85))),
    "/": (
        (("1,0 / 0,1",), (0.45, -0.1, 1.1)),
        (("1,0 / 0,1",), (0.7, -0.05, 1.05)),
        (("1,0 .45,.55 0,1",), (0.5, -0.15, 1.15)),
    ),
    ":": (
        ((".4,.04 / .6,.06", ".4,.94 / .6,.96"), (0.04, 0.35, 0.85)),
        ((".3,0 / .5,.1", ".5,.9 / .6,1"), (0.06, 0.25, 0.95)),
        ((".2,0 .9,.05 .4,.15 .2,0", ".2,.85 .9,.9 .4,1 .2,.85"), (0.08, 0.3, 0.9)),
    ),
    "%": (
        (("1,0 / 0,1", SMALL_RING, ".7,.6 .58,.7 .62,.96 .95,.98 .98,.66 .7,.6"), (0.75, 0.0, 1.0)),
        (("1,0 / .05,1", ".2,.02 .04,.2 .2,.38 .36,.2 .2,.02", ".8,.6 .64,.8 .8,.98 .96,.8 .8,.6"), (0.95, 0.05, 1.0)),
    ),
}  # fmt: skip

PLUS: Final = ("plus", "t without a foot")  # of templates.OTHERS, what may look like that sign
# Beside the letters of templates.OTHERS: currency, brackets and the like, which are no part of a number.
OTHERS: Final[Mapping[str, tuple[Template, Box]]] = {
    "dollar": (("1,.2 .5,.1 .05,.25 .5,.5 .95,.72 .5,.9 0,.8", ".5,-.05 / .5,1.05"), (0.55, -0.05, 1.05)),
    "euro": (("1,.15 .6,0 .15,.5 .6,1 1,.88", "0,.4 / .75,.4", "0,.6 / .7,.6"), (0.65, 0.0, 1.0)),
    "pound": ((".95,.2 .6,0 .35,.25 .4,.7 .05,1 / 1,.95", ".1,.55 / .75,.55"), (0.6, 0.0, 1.0)),
    "bracket": (("1,0 .2,.3 .2,.7 1,1",), (0.25, -0.1, 1.15)),
    "closing bracket": (("0,0 .8,.3 .8,.7 0,1",), (0.25, -0.1, 1.15)),
    "square bracket": (("1,0 / 0,0 / 0,1 / 1,1",), (0.22, -0.1, 1.12)),
    "ampersand": (("1,1 .3,.35 .3,.05 .6,.05 .5,.4 .05,.75 .3,1 .95,.6",), (0.7, 0.0, 1.0)),
    "exclamation": ((".5,0 / .5,.7", ".48,.97 / .52,1"), (0.06, -0.05, 1.0)),
    "equals": (("0,.15 / 1,.1", "0,.9 / 1,.85"), (0.45, 0.35, 0.65)),
    "tilde": (("0,.8 .3,.1 .65,.8 1,.1",), (0.5, 0.4, 0.6)),
}  # fmt: skip


def write_sign(sign: str, random: np.random.Generator) -> list[Doubles]:
    """Write one of SIGNS in a line whose digits are 1 high, with its left edge at 0."""
    ways = SIGNS[sign]
    template, box = ways[int(random.integers(len(ways)))]
    return _in_box(template, box, random)


def write_other(random: np.random.Generator) -> list[Doubles]:
    """Write something that is no part of a number."""
    if random.random() < 0.35:
        names = list(OTHERS)
        template, box = OTHERS[names[int(random.integers(len(names)))]]
        return _in_box(template, box, random)
    names = [name for name in templates.OTHERS if name not in PLUS]
    name = names[random.integers(len(names))]
    low = name[0].islower() and len(name.split()[0]) == 1 and name[0] not in "dfhkt"
    return _in_box(templates.OTHERS[name], (random.uniform(0.45, 0.95), 0.4 if low else 0.0, 1.0), random)


def _in_box(template: Template, box: Box, random: np.random.Generator) -> list[Doubles]:
    width, top, bottom = box
    grown = np.exp(random.normal(0, (0.2, 0.12)))
    middle = (top + bottom) / 2 + random.normal(0, 0.03)
    tall = (bottom - top) * grown[1]
    strokes = templates.write(template, random, DISTORTION)
    size = np.array([width * grown[0], tall])
    points = np.concatenate(strokes)
    left = float(points[:, 0].min()) * size[0]
    return [np.asarray(stroke) * size + (-left, middle - tall / 2) for stroke in strokes]
