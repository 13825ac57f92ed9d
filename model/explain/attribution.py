"""Attribution: which ink spoke for an answer and which against it, by integrated gradients and by occlusion.

Both explain a *score*, the log-odds of a label: the logarithm of its calibrated probability over that of all other
labels. Unlike a probability it does not saturate when the network is certain. Unlike a logit it falls when another
label becomes likelier.
"""

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.inference.calibration import log_sum_exp, softmax
from model.inference.recognizer import Image, Recognizer
from model.preprocessing.arrays import Floats
from model.preprocessing.normalize import SIDE

Some = TypeVar("Some", bound=np.generic)

STEPS: Final = 128  # from empty paper to the image
AT_ONCE: Final = 32  # images in a batch
PATCH: Final = 4  # in pixels, the side of the occluding patch: about two pens wide
PACE: Final = 2  # in pixels, from one place of the patch to the next


@dataclass(frozen=True)
class Reason:
    """A map (28, 28) of each pixel's contribution to the score: above 0 for the label, below 0 against it."""

    method: str
    title: str
    values: Floats


@dataclass(frozen=True)
class Why:
    """The score of `label` on the image and on empty paper, in log-odds, and its attribution."""

    label: str
    score: float
    on_paper: float
    reasons: tuple[Reason, ...]


class LogOdds:
    """The score of one label: log p/(1 - p) of its calibrated probability p, from logits (N, C)."""

    def __init__(self, recognizer: Recognizer, label: str) -> None:
        described = recognizer.description
        self._temperature = described.calibration.temperature
        self._label = described.classes.index(label)
        self._classes = described.class_outputs

    def __call__(self, logits: Floats) -> Floats:
        """Return the scores (N,)."""
        evidence, others = self._split(logits)
        highest = others.max(axis=1)  # subtracted first, while float32 has digits for the rest
        return evidence - highest - log_sum_exp(others - highest[:, None])[:, 0]

    def slope(self, logits: Floats) -> Floats:
        """Return the score's gradient at each logit (N, C)."""
        _, others = self._split(logits)
        slope = np.zeros_like(logits)
        slope[:, self._classes] = -softmax(others)
        slope[:, self._label] = 1
        return slope / np.float32(self._temperature)

    def _split(self, logits: Floats) -> tuple[Floats, Floats]:
        others = logits[:, self._classes] / np.float32(self._temperature)
        evidence = others[:, self._label].copy()
        others[:, self._label] = -np.inf
        return evidence, others


def explain(recognizer: Recognizer, image: Image, label: str) -> Why:
    """Explain the score of `label` on `image`, (28, 28) uint8, by both methods."""
    score = LogOdds(recognizer, label)
    both = np.stack([image, np.zeros_like(image)])
    on_image, on_paper = score(recognizer.logits(both)).tolist()
    added = integrated_gradients(recognizer, image, score)
    lost = occlusion(recognizer, image, score)
    reasons = (
        Reason("integrated gradients", "What each bit of ink added", added),
        Reason("occlusion", "What is lost where ink is covered", lost),
    )
    return Why(label, on_image, on_paper, reasons)


def integrated_gradients(recognizer: Recognizer, image: Image, score: LogOdds, steps: int = STEPS) -> Floats:
    """Distribute the score's rise from empty paper to `image` over the pixels (28, 28).

    The image fades in from empty paper, and the score's gradient at each pixel is integrated on the way. The first
    steps are the smallest, since the faintest ink changes the score most. docs/inside.md says how far the sum differs
    from the rise. Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks" (2017).
    """
    ink = image.astype(np.float32) / np.float32(255)
    if not ink.any():
        return ink
    edges = (np.arange(2 * steps + 1) / (2 * steps)) ** 2
    darkness = edges[1::2].astype(np.float32)[:, None, None]  # in the middle of each step
    widths = np.diff(edges[::2])[:, None, None]
    total = np.zeros(image.shape)
    for start in range(0, steps, AT_ONCE):
        part = slice(start, start + AT_ONCE)
        total += (widths[part] * recognizer.gradients(darkness[part] * ink, score.slope)).sum(axis=0)
    return (ink * total).astype(np.float32)


def occlusion(recognizer: Recognizer, image: Image, score: LogOdds) -> Floats:
    """Return how far the score falls when a patch of paper covers each place in turn: (28, 28).

    A pixel's value is the mean over the patches that cover it. Zeiler and Fergus, "Visualizing and Understanding
    Convolutional Networks" (2014).
    """
    places = range(PACE - PATCH, SIDE, PACE)
    corners = [(y, x) for y in places for x in places if _under(image, y, x).any()]
    covered = np.repeat(image[None], len(corners) + 1, axis=0)  # the last one stays uncovered
    for copy, (y, x) in zip(covered, corners, strict=False):
        _under(copy, y, x)[:] = 0
    batches = np.split(covered, range(AT_ONCE, len(covered), AT_ONCE))
    scores = np.concatenate([score(recognizer.logits(batch)) for batch in batches])
    fall = np.zeros(image.shape, np.float32)
    for lost, (y, x) in zip(scores[-1] - scores[:-1], corners, strict=True):
        _under(fall, y, x)[...] += lost
    return fall / np.float32((PATCH / PACE) ** 2)  # as many patches cover each pixel, at the edges too


def _under(field: NDArray[Some], y: int, x: int) -> NDArray[Some]:
    return field[max(y, 0) : y + PATCH, max(x, 0) : x + PATCH]
