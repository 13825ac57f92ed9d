"""Templates of digits and other characters, and strokes that follow them with random distortions.

A template has one string for each path of the pen, with points `x,y` from 0,0 (top left) to 1,1 (bottom right). The
path is a smooth curve through its points, a Catmull-Rom spline, with a corner at each `/`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.data.pen_digits import PenDigit
from model.data.sampling import rotation
from model.errors import UsageError
from model.preprocessing.arrays import Points

Template = tuple[str, ...]

OVAL: Final = ".55,0 .15,.12 0,.5 .15,.88 .5,1 .85,.88 1,.5 .85,.12 .45,0"

# The usual ways of writing, and those that are rare in MNIST and the pen digits. The first character is the digit.
DIGITS: Final[Mapping[str, Template]] = {
    "0 plain": (OVAL,),
    "0 slashed": (OVAL, ".0,1 / 1,0"),
    "0 small in a long slash": (".5,.22 .2,.3 .1,.5 .25,.75 .5,.8 .8,.7 .9,.5 .75,.27 .45,.22", ".2,1 / .8,0"),
    "0 slashed inside": (OVAL, ".22,.8 / .8,.2"),
    "0 slashed backwards": (OVAL, ".15,.1 / .85,.9"),
    "0 with a stroke": (OVAL, ".5,.28 / .5,.72"),
    "0 with a tail": (".5,.1 .15,.2 0,.5 .2,.9 .5,1 .85,.85 1,.45 .8,.1 .5,0 .45,.15 .7,.2 1,.05",),
    "0 dotted": (OVAL, ".48,.5 / .52,.5"),
    "1 bar": (".5,0 / .5,1",),
    "1 with a flag": (".15,.28 / .5,0 / .5,1",),
    "1 with a short flag": (".3,.18 / .5,0 / .5,1",),
    "1 with a curved flag": (".1,.3 .35,.25 .5,0 / .5,1",),
    "1 with a long flag": (".0,.55 / .5,0 / .5,1",),
    "1 with a flag and a foot": (".1,.3 / .5,0 / .5,1", ".1,1 / .9,1"),
    "1 with a long foot": (".5,0 / .5,1", "0,1 / 1,1"),
    "1 with a long flag and a foot": ("0,.4 / .5,0 / .5,1", "0,1 / 1,1"),
    "1 with a foot, in one stroke": (".15,.3 / .5,0 / .48,1 / .1,.98 / .95,1",),
    "1 with a curled foot": (".5,0 / .42,.88 .52,1 .7,.88",),
    "2 plain": ("0,.25 .25,.03 .65,.02 .9,.25 .65,.6 0,1 / 1,1",),
    "2 with a loop": ("0,.2 .35,0 .85,.12 .75,.5 .3,.92 .04,.95 .08,.78 .35,.82 .65,.98 1,.9",),
    "2 with a small head": (".2,.1 .45,0 .55,.2 .35,.6 0,1 / 1,.93",),
    "2 angular": ("0,.1 .5,0 .95,.2 / 0,1 / 1,1",),
    "3 rounded": ("0,.12 .4,0 .85,.2 .4,.46 / .95,.7 .5,1 0,.88",),
    "3 angular": ("0,0 / .9,0 / .4,.4 .95,.68 .55,1 0,.9",),
    "4 open": (".2,0 / 0,.6 / 1,.6", ".75,.2 / .7,1"),
    "4 open, round": (".15,0 .05,.4 .3,.56 .95,.5", ".85,.1 / .8,1"),
    "4 open, nearly closed": (".35,.02 .05,.3 .2,.52 .85,.45", ".85,.05 / .8,1"),
    "4 open, in one stroke": (".15,0 / .05,.5 .5,.55 .85,.42 / .9,.05 / .82,1",),
    "4 closed": (".7,1 / .7,0 / 0,.66 / 1,.66",),
    "5 in one stroke": ("1,0 / .15,0 / .1,.45 .5,.36 .95,.66 .6,1 0,.9",),
    "5 with a detached top": (".2,.06 / .12,.45 .5,.38 .95,.68 .55,1 0,.9", ".3,0 / 1,-.02"),
    "6 straight": (".75,0 / .08,.62 .25,.97 .7,.97 .9,.72 .5,.52 .1,.7",),
    "6 curved": (".9,.1 .5,.02 .12,.42 .1,.8 .5,1 .9,.76 .55,.5 .12,.68",),
    "7 plain": ("0,0 / 1,0 / .4,1",),
    "7 curved": ("0,0 / 1,0 .6,.5 .45,1",),
    "7 crossed": ("0,0 / 1,0 / .4,1", ".2,.5 / .95,.5"),
    "7 crossed, upright": ("0,.05 / 1,0 / .62,.3 .55,.6 .53,1", ".2,.55 / .95,.52"),
    "7 hooked": ("0,.22 / .05,0 / 1,0 / .4,1",),
    "7 hooked and crossed": ("0,.22 / .05,0 / 1,0 .6,.5 .45,1", ".2,.52 / .95,.48"),
    "8 in one stroke": (".85,.15 .4,0 .12,.22 .5,.48 .92,.76 .5,1 .08,.78 .5,.48 .85,.22 .82,.1",),
    "8 from two circles": (".5,0 .2,.1 .2,.38 .5,.48 .8,.38 .8,.1 .5,0", ".5,.48 .1,.6 .1,.9 .5,1 .9,.9 .9,.6 .5,.48"),
    "9 straight": (".9,.2 .55,0 .1,.2 .4,.48 .88,.2 / .85,1",),
    "9 curved": (".9,.2 .5,0 .1,.2 .4,.48 .9,.16 .88,.72 .5,1 .1,.9",),
}

# Letters and signs that nobody takes for a digit. Not here, since they are digits to the eye: B b G g I i l O o q S s
# Z z, and what differs from one by little.
OTHERS: Final[Mapping[str, Template]] = {
    "A": ("0,1 / .5,0 / 1,1", ".2,.62 / .8,.62"),
    "A round": ("0,1 .2,.3 .5,0 .8,.3 1,1", ".05,.62 / .95,.6"),
    "A in one stroke": ("0,1 / .5,0 / 1,1 / .8,.6 / .15,.62",),
    "C": ("1,.2 .6,0 .1,.3 .1,.7 .6,1 1,.8",),
    "C round": (".95,.25 .75,.02 .4,0 .05,.35 .05,.7 .4,1 .8,.98 1,.8",),
    "D": ("0,0 / 0,1", "-.05,0 .6,.02 1,.4 .85,.8 .5,1 -.05,1"),
    "D in one stroke": (".1,0 / .05,1 / .7,.95 1,.5 .7,.05 0,.02",),
    "E": ("1,0 / 0,0 / 0,1 / 1,1", "0,.5 / .8,.5"),
    "E round": ("1,.1 .5,0 .2,.22 .6,.46 / .1,.72 .5,1 1,.9",),
    "F": ("1,0 / 0,0 / 0,1", "0,.5 / .8,.5"),
    "H": ("0,0 / 0,1", "1,0 / 1,1", "0,.5 / 1,.5"),
    "J": ("0,0 / 1,0", ".6,0 / .6,.8 .3,1 0,.8"),
    "J plain": (".9,0 / .9,.7 .6,1 .2,.9 0,.65",),
    "K": ("0,0 / 0,1", ".9,0 / 0,.55 / 1,1"),
    "L": ("0,0 / 0,1 / .9,1",),
    "L curved": (".1,0 .05,.6 .1,.95 .3,1 1,.97",),
    "M": ("0,1 / .1,0 / .5,.7 / .9,0 / 1,1",),
    "N": ("0,1 / 0,0 / 1,1 / 1,0",),
    "P": ("0,1 / 0,0 .9,.08 .9,.42 0,.5",),
    "Q": (OVAL, ".6,.68 / 1.1,1.08"),
    "Q with a curved tail": (OVAL, ".45,.75 .65,.7 .85,.95 1.15,1"),
    "R": ("0,1 / 0,0 .9,.06 .9,.4 0,.5 / 1,1",),
    "R in one stroke": (".1,1 / .1,.1 .5,0 .95,.15 .85,.45 .15,.52 / 1,1",),
    "T": ("0,0 / 1,0", ".5,0 / .5,1"),
    "U": ("0,0 0,.6 .2,.95 .5,1 .8,.95 1,.6 1,0",),
    "U with a stem": ("0,0 0,.7 .3,1 .7,.95 .95,.6 / .95,0 / .97,1",),
    "V": ("0,0 / .5,1 / 1,0",),
    "W": ("0,0 / .25,1 / .5,.3 / .75,1 / 1,0",),
    "W round": ("0,0 .1,.8 .3,1 .5,.4 / .55,.8 .8,1 1,0",),
    "X": ("0,0 / 1,1", "1,0 / 0,1"),
    "Y": ("0,0 / .5,.5 / 1,0", ".5,.5 / .5,1"),
    "Y round": ("0,0 .1,.35 .5,.45 .9,.3 1,0", ".5,.45 / .45,1"),
    "a": ("1,.2 .5,0 .05,.4 .2,.95 .7,.8 1,.1 / 1,.7 1.2,1",),
    "a round": (".9,.1 .45,0 .05,.5 .35,.95 .8,.7 / .9,.05 / .9,.9 1.1,.95",),
    "a printed": (".1,.15 .5,0 .9,.25 / .9,1", ".9,.45 .3,.45 .05,.75 .4,1 .9,.75"),
    "a with a tail": (".9,.12 .5,0 .05,.35 .12,.8 .5,.85 .9,.2 / .9,.7 1.05,.95 1.2,.85",),
    "d": ("1,.6 .5,.45 .05,.7 .4,1 .95,.75 / 1,0 / 1,1",),
    "e": ("0,.55 .5,.5 .95,.3 .5,0 .05,.4 .3,.95 1,.85",),
    "e joined": ("0,.8 .5,.65 .9,.25 .65,0 .35,.2 .3,.7 .55,1 1,.85",),
    "e angular": (".05,.5 / .95,.5 / .9,.15 .5,0 .1,.25 .05,.7 .45,1 1,.92",),
    "f": (".9,.1 .6,0 .4,.25 / .4,1", ".05,.45 / .8,.45"),
    "f looped": (".9,.12 .7,0 .45,.2 .4,.8 .15,1", ".1,.5 / .8,.42"),
    "f of two loops": ("0,.6 .6,.4 .85,.12 .65,0 .45,.25 .4,.8 .45,1 .6,.9 .6,.65 .45,.55 / 1,.5",),
    "f curved": ("1,.1 .75,0 .55,.2 .45,.85 .25,1 0,.95", ".15,.42 / .95,.38"),
    "h": ("0,0 / 0,1", "0,.65 .5,.42 .9,.6 / .9,1"),
    "h joined": (".1,.55 .45,.2 .35,0 .2,.2 / .15,1 / .2,.7 .5,.5 .75,.65 / .75,.95 1,.9",),
    "h with a small hump": ("0,0 / .05,1 / .1,.75 .4,.55 .65,.7 / .7,1 .9,.97",),
    "j": (".65,.3 / .65,.85 .4,1 0,.9", ".63,0 / .67,.03"),
    "k": ("0,0 / 0,1", ".8,.4 / .05,.7 / .9,1"),
    "m": ("0,1 / 0,.1 .25,0 .5,.2 / .5,1 / .5,.2 .75,0 1,.2 / 1,1",),
    "n": ("0,1 / 0,0", "0,.3 .5,0 1,.3 / 1,1"),
    "n joined": ("0,.1 .15,.1 / .15,1 / .2,.3 .6,0 .85,.3 / .85,1 1,.95",),
    "n round": ("0,1 .05,.3 .45,0 .9,.25 1,1",),
    "p": (".1,.05 / .05,1", ".1,.2 .5,0 .95,.15 .8,.5 .4,.55 .1,.4"),
    "r": ("0,0 / 0,1", "0,.4 .4,.05 1,.1"),
    "r round": ("0,.1 / .08,1 / .12,.4 .4,.05 1,.05",),
    "r angular": (".05,1 / .05,.1 / 1,.05",),
    "t": (".45,0 / .45,.85 .65,1 .95,.9", "0,.35 / .95,.35"),
    "t without a foot": (".5,0 / .45,1", ".05,.35 / .95,.3"),
    "u": ("0,0 / 0,.6 .35,1 .9,.6 / .9,0 / .95,1",),
    "w": ("0,0 .15,.9 .35,.9 .5,.3 / .65,.9 .85,.9 1,0",),
    "x": ("0,0 / 1,1", ".95,0 / .05,1"),
    "x leaning": ("0,.3 / 1,.7", ".75,0 / .25,1"),
    "x round": ("0,.1 .35,.1 .35,.9 0,.9", "1,.1 .6,.1 .6,.9 1,.9"),
    "y": ("0,0 .05,.4 .35,.5 .8,.4 / .9,0 / .85,.75 .5,1 0,.9",),
    "y with a loop": ("0,0 .05,.35 .35,.45 .8,.35 / .85,0 / .7,.85 .4,1 .2,.85 .5,.65 1,.55",),
    "y printed": ("0,0 / .5,.5", "1,0 / .5,.5 .3,.85 -.1,1"),
    "y straight": ("0,0 / .5,.5", "1,0 / .1,1"),
    "y with a curved arm": ("0,.1 .15,.02 .3,.2 .5,.52", "1,0 / .15,1"),
    "y angular": ("0,0 .05,.35 .4,.45 .85,.25", "1,0 / .85,.25 / .8,.85 / -.1,1"),
    "y slanted": ("0,0 0,.35 .3,.45 .75,.2 / 1,0 / .2,1",),
    "alpha": ("1,0 .7,.5 .4,.95 .1,.8 .05,.3 .35,.05 .65,.5 1,1",),
    "alpha round": (".95,.05 .75,.75 .35,1 .02,.55 .3,.05 .65,.3 .8,.85 1.15,1",),
    "alpha wide": ("1.4,0 .95,.5 .45,.95 .08,.8 .12,.4 .5,.3 .95,.6 1.4,.95",),
    "alpha narrow": ("1,.08 .85,.5 .45,.88 .05,.55 .25,.05 .6,.2 .8,.6 1.05,1",),
    "beta": ("0,1 / .2,.2 .5,0 .9,.08 .8,.3 .4,.38 / .95,.42 .85,.65 .5,.72 .18,.6",),
    "beta in two strokes": (".15,.05 / 0,1", ".13,.1 .6,0 .95,.12 .75,.3 .3,.36 / .9,.4 .9,.62 .5,.72 .08,.66"),
    "gamma": ("0,.1 .2,0 .4,.2 .5,.6 / .5,.6 .45,1", "1,0 / .5,.6"),
    "gamma with a loop": ("0,.1 .15,0 .35,.15 .55,.65 .5,.98 .35,.95 .4,.65 / 1,0",),
    "gamma straight": ("0,.15 .12,.02 .3,.15 .45,.55", "1,0 / .2,1"),
    "gamma in one stroke": ("0,.2 .12,.02 .28,.15 .4,.55 / 1,0 / .45,.55 .3,1",),
    "eta": ("0,.12 .12,0 / .18,.68", ".18,.25 .5,.02 .8,.15 / .82,1"),
    "theta": (OVAL, ".05,.5 / .95,.48"),
    "theta, open": (OVAL, ".25,.52 .4,.46 .6,.54 .78,.48"),
    "lambda": ("0,0 .2,.05 / 1,1", ".5,.42 / 0,1"),
    "lambda, long": (".2,0 / 1,1", ".5,.4 / .1,1"),
    "lambda, curved": ("0,.1 .15,0 .4,.2 .6,.6 1,1", ".48,.35 .35,.8 0,1"),
    "lambda, leaning": ("1,0 / 0,1", ".55,.45 / .95,.9"),
    "phi": (".65,.2 .2,.28 0,.5 .2,.72 .65,.8 1.1,.72 1.3,.5 1.1,.28 .65,.2", ".65,0 / .65,1"),
    "phi in one stroke": (".35,.12 .02,.4 .3,.7 .8,.7 1.3,.45 1.1,.1 .75,.2 .65,1",),
    "omega": (".3,0 0,.4 .05,.85 .4,1 .67,.75 / .7,.4 / .73,.8 1,1 1.35,.85 1.4,.4 1.05,0",),
    "omega round": ("0,.1 .05,.8 .35,1 .7,.5 / 1,1 1.35,.85 1.4,.4 1,0",),
    "pi": ("0,.15 .2,.02 / 1,0", ".3,.05 / .2,1", ".7,.05 / .75,.9 .95,.95"),
    "plus": ("0,.5 / 1,.5", ".5,0 / .5,1"),
    "plus with a long stem": ("0,.62 / 1,.58", ".45,0 / .4,1"),
    "equals": ("0,.35 / 1,.35", "0,.7 / 1,.7"),
    "hash": (".3,0 / .2,1", ".8,0 / .7,1", "0,.35 / 1,.3", "0,.7 / 1,.65"),
    "question": ("0,.2 .4,0 .9,.2 .5,.5 / .5,.72", ".49,.97 / .51,1"),
    "star": ("0,1 / .5,0 / 1,1 / 0,.35 / 1,.35 / 0,1",),
    "heart": (".5,.3 .2,0 0,.3 .5,1 / 1,.3 .8,0 .5,.3",),
    "triangle": (".5,0 / 0,1 / 1,1 / .5,0",),
    "square": ("0,0 / 0,1 / 1,1 / 1,0 / 0,0",),
    "tick": ("0,.6 / .35,1 / 1,0",),
    "arrow": ("0,.5 / 1,.5", ".6,.1 / 1,.5 / .6,.9"),
    "house": ("0,.4 / 0,1 / 1,1 / 1,.4 / 0,.4 / .5,0 / 1,.4",),
    "face": (OVAL, ".3,.35 / .32,.4", ".7,.35 / .68,.4", ".25,.65 .5,.85 .75,.65"),
}


@dataclass(frozen=True)
class Distortion:
    """The greatest deviations from a template, in units of its box."""

    wobble: float = 0.045  # standard deviation of the points
    narrowest: float = 0.45  # width over height
    widest: float = 0.95
    slant: float = 0.3  # tangent, to either side
    rotation: float = 8.0  # in degrees, to either side


DEFAULT: Final = Distortion()
OF_LETTERS: Final = Distortion(widest=1.5, rotation=12.0)  # an alpha, an omega or an m may be wider than it is high
SMOOTHNESS: Final = 12  # points in each span of a curve


def write(template: Template, random: np.random.Generator, distortion: Distortion = DEFAULT) -> tuple[Points, ...]:
    """Write `template` once, about 1 high. Returns strokes of points (n, 2)."""
    strokes = [trace(path, random, distortion.wobble) for path in template]
    width = random.uniform(distortion.narrowest, distortion.widest)
    turn = rotation(np.radians(random.uniform(-distortion.rotation, distortion.rotation)))
    slant = np.array([[1.0, 0.0], [-random.uniform(-distortion.slant, distortion.slant), 1.0]])
    form = np.diag([width, 1.0]) @ slant @ turn
    return tuple(stroke @ form for stroke in strokes)


def trace(path: str, random: np.random.Generator, wobble: float = 0.0) -> Points:
    """Follow one path of a template, with its points displaced at random. Returns points (n, 2)."""
    pieces = [np.array([point.split(",") for point in piece.split()], float) for piece in path.split("/")]
    sizes = np.cumsum([len(piece) for piece in pieces])[:-1]
    points = np.concatenate(pieces)
    points = points + random.normal(0, wobble, points.shape)
    first, *rest = np.split(points, sizes)
    curves = [curve(first)]
    for piece in rest:  # each begins at the end of the one before
        curves.append(curve(np.concatenate([curves[-1][-1:], piece]))[1:])
    return np.concatenate(curves)


def curve(points: Points) -> Points:
    """Interpolate `points`, (n, 2), with a Catmull-Rom spline. Two points give a straight line."""
    if len(points) < 3:
        return points
    around = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    before, start, end, after = (around[shift : len(around) - 3 + shift, None] for shift in range(4))
    part = np.linspace(0, 1, SMOOTHNESS, endpoint=False)[None, :, None]
    spans = 0.5 * (
        2 * start
        + (end - before) * part
        + (2 * before - 5 * start + 4 * end - after) * part**2
        + (3 * start - before - 3 * end + after) * part**3
    )
    return np.concatenate([spans.reshape(-1, 2), points[-1:]])


def leave_out(kinds: Sequence[str], left_out: Sequence[str]) -> tuple[str, ...]:
    """Leave out the kinds that begin with one of these names. Raises UsageError for a name without a kind."""
    for name in left_out:
        if not any(kind.startswith(name) for kind in DIGITS):
            raise UsageError(f"no way of writing is named {name!r}; the known ones are {', '.join(DIGITS)}")
    kept = tuple(kind for kind in kinds if not kind.startswith(tuple(left_out)))
    if not kept:
        raise UsageError("no way of writing is left: say --glyphs 0 to train without any")
    return kept


def or_templates(digits: Sequence[PenDigit]) -> Sequence[PenDigit]:
    """Return `digits`, or digits written from templates if there are none."""
    return digits or write_digits(500, list(DIGITS), np.random.default_rng(0))


def write_digits(count: int, kinds: Sequence[str], random: np.random.Generator) -> list[PenDigit]:
    """Write `count` digits of random `kinds`, names of DIGITS, all equally likely. Their writer is 0."""
    chosen = [kinds[index] for index in random.integers(len(kinds), size=count)]
    return [PenDigit(int(kind[0]), 0, write(DIGITS[kind], random)) for kind in chosen]
