"""Stored corrections → training images, and held-out corrections to judge by."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from PIL import Image

from corrections.entries import NONE, Correction
from corrections.store import Store
from model.data import image_set
from model.data.image_set import OTHER, ImageSet
from model.data.pen_digits import PenDigit
from model.data.rendering import draw_pen_digits
from model.data.stroke_variation import vary
from model.errors import DigitpadError

HELD_OUT_FOLD: Final = 4  # each correction is assigned to a fold when it is stored


class TooFew(DigitpadError):
    """There are too few corrections to train on and to judge by. The message says how many."""


@dataclass(frozen=True)
class Lessons:
    """Corrections to train on, and held-out ones."""

    training: list[Correction]
    held_out: list[Correction]

    def digest(self) -> str:
        """Return a digest of the content, for the weights file."""
        content = hashlib.sha256()
        for correction in (*self.training, *self.held_out):
            content.update(f"{correction.label} ".encode() + hashlib.sha256(correction.seen).digest())
        return f"sha256:{content.hexdigest()}"


def read(database: str, with_others: bool) -> Lessons:
    """Read the corrections in `database`, a file or an address, and split them. Raises StoreError and TooFew."""
    with closing(Store(database, create=False)) as store:
        return choose(store.everything(), with_others)


def choose(corrections: Iterable[Correction], with_others: bool) -> Lessons:
    """Split corrections: every fifth of each label is held out, always the same ones.

    An image that is held out is not trained on under another correction either. Non-digits are left out unless
    `with_others`. Raises TooFew.
    """
    usable = [correction for correction in corrections if with_others or correction.label != NONE]
    held_out = [correction for correction in usable if correction.fold == HELD_OUT_FOLD]
    shown = {correction.seen for correction in held_out}
    training = [correction for correction in usable if correction.seen not in shown]
    if not training or not held_out:
        raise TooFew(
            f"There are {len(training)} corrections to train on and {len(held_out)} to judge by, and both must be "
            "there: store more, of each label five or more."
        )
    return Lessons(training, held_out)


def labels(corrections: Sequence[Correction]) -> torch.Tensor:
    """Return the labels (N,) of corrections, OTHER for non-digits."""
    found = [OTHER if correction.label == NONE else int(correction.label) for correction in corrections]
    return torch.tensor(found, dtype=torch.int64)


def seen(corrections: Sequence[Correction]) -> ImageSet:
    """Return the 28×28 images that networks saw when they were corrected."""
    images = [np.asarray(Image.open(io.BytesIO(correction.seen), formats=["PNG"])) for correction in corrections]
    return ImageSet(torch.from_numpy(np.stack(images)), labels(corrections))


def draw(corrections: Sequence[Correction], times: int, seed: int) -> ImageSet:
    """Repeat each correction `times` times: as it was seen, and where there are strokes, half of the times redrawn.

    Redrawn strokes are varied and get another pen. Geometry is left to each epoch's augmentation.
    """
    random = np.random.default_rng(seed)
    drawn = [_written(correction) for correction in corrections if correction.strokes]
    again = draw_pen_digits([vary(digit, random) for digit in drawn * (times // 2)], seed)
    as_seen = seen(corrections)
    rest = [as_seen] * (times - times // 2)
    undrawn = as_seen[torch.tensor([not correction.strokes for correction in corrections])]
    return image_set.concatenate([*rest, again, *[undrawn] * (times // 2)])


def _written(correction: Correction) -> PenDigit:
    """Return the strokes of a correction as a pen digit, without their pen widths."""
    strokes = [np.array([point[:2] for point in stroke["points"]]) for stroke in correction.strokes or []]
    label = OTHER if correction.label == NONE else int(correction.label)
    return PenDigit(label, 0, tuple(stroke for stroke in strokes if len(stroke)))
