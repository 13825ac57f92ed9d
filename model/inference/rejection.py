"""Telling what is no digit from digits, by how much evidence there is for any digit at all.

The score is the energy of the class logits (Liu et al., "Energy-based Out-of-distribution Detection", 2020): minus the
logarithm of the sum of their exponentials. A network that only saw digits gives it little meaning. The default network
was trained with images of what is no digit, as an output beyond the classes, and learned to leave all classes without
evidence there. From which strangeness on an image is refused is fitted on validation digits. docs/handwriting.md
compares it with the log-odds of that output, and with scores that need no such training.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.inference.calibration import log_sum_exp
from model.inference.engines.layers import Floats

REFUSED_DIGITS: Final = 0.001  # the part of the validation digits that may be refused


def strangeness(logits: Floats) -> Floats:
    """Return the energy (N,) of the classes' logits (N, C), as the network gave them."""
    return -log_sum_exp(logits)[:, 0]


def fit(strange: NDArray[Any]) -> float:
    """Return the strangeness from which on only a few of the validation digits, (N,), lie."""
    return round(float(np.quantile(strange.astype(np.float64), 1 - REFUSED_DIGITS)), 4)


def auroc(digits: NDArray[Any], others: NDArray[Any]) -> float:
    """Return the chance that one of `others` (M,) is stranger than one of `digits` (N,): the area under the ROC curve.

    Source: Hanley and McNeil, "The Meaning and Use of the Area under a Receiver Operating Characteristic Curve" (1982).
    """
    _, ranks, counts = np.unique(np.concatenate([digits, others]), return_inverse=True, return_counts=True)
    middles = counts.cumsum() - (counts - 1) / 2  # those that are equal share their ranks
    above = middles[ranks[len(digits) :]].sum() - len(others) * (len(others) + 1) / 2
    return float(above / (len(digits) * len(others)))
