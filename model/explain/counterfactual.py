"""Counterfactuals: a small change of the ink, erased or added, that makes the answer another digit.

See Wachter, Mittelstadt and Russell, "Counterfactual Explanations without Opening the Black Box" (2018). Changing
single pixels would give adversarial noise that no pen can draw (Szegedy et al., "Intriguing Properties of Neural
Networks", 2014). So a change consists of touches: dots and short dashes of a round pen, as wide as the drawing's, that
leave ink or paper. A beam search tries the touches that, by the gradient, gain most for their ink. At last, touches
that are not needed are shortened or removed. The change is not always the smallest.
"""

import functools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from model.explain.attribution import LogOdds
from model.inference.calibration import softmax
from model.inference.recognizer import Image, Reading, Recognizer
from model.inference.rejection import strangeness
from model.preprocessing.arrays import Floats
from model.preprocessing.normalize import SIDE, Placed, place

MOST_INK: Final = 0.2  # share of the drawing's ink that may change
SECONDS: Final = 0.15  # time limit
THRIFT: Final = 0.8  # exponent of a change's ink, by which its gain is divided
BEAM: Final = 3  # changes that are kept at each step
TRIED: Final = 12  # touches that are tried on each change
LEAST: Final = 1.0  # in pixels of full ink: the least that a touch must change
THINNEST, WIDEST = 2.0, 4.0  # in pixels, of the pen
LENGTHS: Final = (0, 3, 6)  # in pixels, of dashes; 0 for a dot
DIRECTIONS: Final = 8
REACH: Final = 6  # in pixels, from a dash's middle to the edge of its field: half a dash, and the pen


@dataclass(frozen=True)
class Change:
    """A change that makes the answer `label`, or why the search ended without one.

    `erase` and `add` are the ink that is removed and added, and `image` is the result: (28, 28) uint8 each. `erased`
    and `added` are shares of the drawing's ink. `reading` is the changed image's. All are None or 0 if no change was
    found within the limit of "ink" or "time".
    """

    label: str
    found: bool
    ended: Literal["ink", "time"] | None = None
    erase: Image | None = None
    add: Image | None = None
    image: Image | None = None
    erased: float = 0.0
    added: float = 0.0
    reading: Reading | None = None


class Touch(NamedTuple):
    """One touch of the pen: whether it leaves ink or paper, its middle pixel, and its index in `dashes`."""

    ink: bool
    row: int
    column: int
    dash: int


def find_change(recognizer: Recognizer, image: Image, label: str, seconds: float = SECONDS) -> Change:
    """Search a small change of `image` (28, 28) uint8 that makes the answer `label`.

    Gives up when MOST_INK or the time is spent. The changed image is read as the label both as it is and after the
    normaliser, as if it were sent as a file.
    """
    search = _Search(recognizer, image, label, time.perf_counter() + seconds)
    touches = search.run()
    if touches is None:
        return Change(label, False, "time" if search.is_late() else "ink")
    changed = search.draw(touches)
    most, ink = np.maximum(image, changed), max(1, int(image.sum()))
    erase, add = most - changed, most - image
    erased, added = (int(change.sum()) / ink for change in (erase, add))
    return Change(label, True, None, erase, add, changed, erased, added, search.read(changed)[0])


class _Search:
    """The beam search for one label on one image."""

    def __init__(self, recognizer: Recognizer, image: Image, label: str, deadline: float) -> None:
        self._recognizer = recognizer
        self._image = image
        self._ink = image.astype(np.float32) / 255
        self._label = label
        self._deadline = deadline
        self._most = MOST_INK * float(self._ink.sum())
        self._dashes = dashes(round(float(np.clip(pen_width(image), THINNEST, WIDEST)), 1))
        self._odds = LogOdds(recognizer, label)

    def run(self) -> list[Touch] | None:
        """Return the touches of the change, or None if none was found within the ink and the time."""
        if self.is_answered(self._image):
            return []
        beam: list[tuple[Touch, ...]] = [()]
        start = self._goals(self._image[None])
        while not self.is_late():
            tried = self._extended(beam)
            if not tried:
                return None
            images = np.stack([self.draw(touches) for touches in tried])
            goals = self._goals(images)
            spent = np.array([self.cost(image) for image in images])
            best = np.argsort(-(goals - start) / spent**THRIFT)
            # Their logits say the label, but a reading may differ by test-time augmentation. Least ink first.
            for k in sorted((k for k in range(len(tried)) if goals[k] > 0), key=lambda k: self.cost(images[k])):
                if self.is_answered(images[k]):
                    return self._pruned(list(tried[k]))
            beam = [tried[k] for k in best[:BEAM]]
        return None

    def is_late(self) -> bool:
        """Tell whether the time is over."""
        return time.perf_counter() > self._deadline

    def cost(self, changed: Image) -> float:
        """Return the ink that was changed, in pixels of full ink."""
        return float(np.abs(changed.astype(np.float32) - self._image).sum()) / 255

    def draw(self, touches: Sequence[Touch]) -> Image:
        """Draw touches on the image: paper first, so that it erases no added ink."""
        paper, ink = np.zeros((2, SIDE + 2 * REACH, SIDE + 2 * REACH), np.float32)
        for touch in touches:
            field, dash = ink if touch.ink else paper, self._dashes[touch.dash]
            under = field[touch.row : touch.row + len(dash), touch.column : touch.column + len(dash)]
            np.maximum(under, dash, out=under)
        inner = slice(REACH, REACH + SIDE)
        left = self._ink * (1 - paper[inner, inner])
        drawn = left + (1 - left) * ink[inner, inner]
        # Untouched pixels keep their value exactly after rounding.
        return np.rint(drawn * 255).astype(np.uint8)

    def is_answered(self, changed: Image) -> bool:
        """Tell whether `changed` is read as the label, as it is and after normalising."""
        return all(reading.label == self._label for reading in self.read(changed))

    def read(self, changed: Image) -> list[Reading]:
        """Read `changed` as it is, and after normalising."""
        again = place(changed)
        return self._recognizer.read_placed([Placed(changed, again.frame), again])

    def _extended(self, beam: Sequence[tuple[Touch, ...]]) -> list[tuple[Touch, ...]]:
        """Extend each change by its most promising touches, within the ink limit."""
        before = [self.draw(touches) for touches in beam]
        images: Floats = np.stack(before).astype(np.float32) / np.float32(255)
        slopes = self._recognizer.gradients(images, self._slope)
        extended: dict[frozenset[Touch], tuple[Touch, ...]] = {}
        for touches, drawn, image, slope in zip(beam, before, images, slopes, strict=True):
            for touch in self._promising(image, slope, self._most - self.cost(drawn)):
                more = (*touches, touch)
                spent = self.cost(self.draw(more))
                # The lower bound drops touches that change nothing, without which the search would not end.
                if self.cost(drawn) + LEAST / 2 <= spent <= self._most:
                    extended.setdefault(frozenset(more), more)
        return list(extended.values())

    def _promising(self, image: Floats, slope: Floats, most: float) -> list[Touch]:
        """Choose the touches with the greatest gain over the root of their ink, by the gradient, one in 3×3 pixels."""
        flat = self._dashes.reshape(len(self._dashes), -1)
        # The greatest change of each pixel by paper and by ink; a dash's darkness scales it.
        changes = np.pad(np.stack([-image, 1 - image]), ((0, 0), (REACH, REACH), (REACH, REACH)))
        gains, costs = (
            sliding_window_view(field, self._dashes.shape[1:], (1, 2)).reshape(2, SIDE, SIDE, -1) @ flat.T
            for field in (changes * np.pad(slope, REACH), np.abs(changes))
        )
        # The root, because the ink itself would favour many tiny touches.
        promise = np.where((costs >= LEAST) & (costs <= most), gains / np.sqrt(np.maximum(costs, LEAST)), 0)
        which, best = promise.argmax(axis=3), promise.max(axis=3)
        around = sliding_window_view(np.pad(best, ((0, 0), (1, 1), (1, 1))), (3, 3), (1, 2)).max(axis=(3, 4))
        best = np.where(best == around, best, 0)
        order = np.argsort(-best, axis=None)[:TRIED]
        chosen = [tuple(map(int, np.unravel_index(k, best.shape))) for k in order if best.flat[k] > 0]
        return [Touch(bool(ink), row, column, int(which[ink, row, column])) for ink, row, column in chosen]

    def _pruned(self, touches: list[Touch]) -> list[Touch]:
        """Remove or shorten touches while the answer stays and there is time."""
        while not self.is_late():
            others = [
                [*touches[:k], *less, *touches[k + 1 :]]
                for k, touch in enumerate(touches)
                for less in ([], *([touch._replace(dash=dash)] for dash in shorter(touch.dash)))
            ]
            images = np.stack([self.draw(fewer) for fewer in others])
            goals = self._goals(images)
            dear = self.cost(self.draw(touches))
            order = sorted((k for k in range(len(others)) if goals[k] > 0), key=lambda k: self.cost(images[k]))
            cheaper = (k for k in order if self.cost(images[k]) < dear and self.is_answered(images[k]))
            best = next(cheaper, None)
            if best is None:
                break
            touches = others[best]
        return touches

    def _goals(self, images: Image) -> Floats:
        """Return the search's goal (N,): above 0 the answer is the label."""
        logits = self._recognizer.logits(images)
        return self._odds(logits) + np.minimum(self._evidence(logits), 0)

    def _slope(self, logits: Floats) -> Floats:
        """Return the goal's gradient at each logit."""
        slope = self._odds.slope(logits)
        described = self._recognizer.description
        classes, refused = described.class_outputs, (self._evidence(logits) < 0)[:, None]
        slope[:, classes] += refused * softmax(logits[:, classes])
        slope[:, classes.stop :] -= refused * np.float32(described.calibration.other_weight)
        return slope

    def _evidence(self, logits: Floats) -> Floats:
        """Return each image's distance from being refused as a non-digit: below 0 it is (inference.rejection)."""
        described = self._recognizer.description
        if not described.rejects:
            return np.full(len(logits), np.inf, np.float32)
        fitted = described.calibration
        return np.float32(fitted.refused_from) - strangeness(logits, len(described.classes), fitted.other_weight)


def pen_width(image: Image) -> float:
    """Estimate the pen's width in pixels: twice the area of the ink over the length of its outline.

    That length is the total variation of the ink: the sum of the gradient's magnitude.
    """
    ink = np.pad(image.astype(np.float32), 1)
    down, across = np.diff(ink, axis=0)[:, :-1], np.diff(ink, axis=1)[:-1]
    return 2 * float(ink.sum()) / max(float(np.hypot(down, across).sum()), 1.0)


@functools.cache
def dashes(width: float) -> Floats:
    """Draw a dot and dashes of a round pen, from 0 to 1: (17, n, n), the dot first, then each length in turn."""
    rows, columns = np.mgrid[-REACH : REACH + 1, -REACH : REACH + 1].astype(np.float32)
    drawn = []
    for length in LENGTHS:
        for turn in np.arange(DIRECTIONS if length else 1) * np.pi / DIRECTIONS:
            along = columns * np.cos(turn) + rows * np.sin(turn)
            across = rows * np.cos(turn) - columns * np.sin(turn)
            distance = np.hypot(np.maximum(np.abs(along) - length / 2, 0), across)
            drawn.append(np.clip(width / 2 + 0.5 - distance, 0, 1))
    return np.stack(drawn).astype(np.float32)


def shorter(dash: int) -> list[int]:
    """List the indices of shorter dashes in the same direction, and of the dot."""
    return [*range(dash - DIRECTIONS, 0, -DIRECTIONS), 0] if dash else []
