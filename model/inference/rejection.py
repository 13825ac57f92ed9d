"""Rejecting non-digits by the energy of the class logits and the output for non-digits, called strangeness here.

The energy is minus the log-sum-exp of the logits (Liu et al., "Energy-based Out-of-distribution Detection", 2020). It
separates little in a network that only saw digits. The default network was also trained on non-digits, as a class of
their own, and gives low logits to all digits there. The logit of that class knows what non-digits look like, and the
energy what digits do: a part of the one is added to the other. The threshold is fitted on validation digits.
docs/handwriting.md compares the score with others.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.inference.calibration import log_sum_exp
from model.preprocessing.arrays import Floats

REFUSED_DIGITS: Final = 0.00075  # share of the validation digits that may be refused
OTHER_WEIGHT: Final = 0.5  # of the output for non-digits, in new weights


def strangeness(logits: Floats, classes: int, other_weight: float) -> Floats:
    """Return the strangeness (N,) of logits (N, C), before calibration.

    The first `classes` are those of digits, and the one behind them is that of non-digits. Where an image is looked at
    several times, the mean of them counts.
    """
    energy: Floats = -log_sum_exp(logits[:, :classes])[:, 0]
    return energy + np.float32(other_weight) * logits[:, classes] if other_weight else energy


def fit(strange: NDArray[Any]) -> float:
    """Return the threshold that refuses REFUSED_DIGITS of the validation digits with this strangeness (N,)."""
    return round(float(np.quantile(strange.astype(np.float64), 1 - REFUSED_DIGITS)), 4)


def auroc(digits: NDArray[Any], others: NDArray[Any]) -> float:
    """Return the area under the ROC curve: how often one of `others` (M,) is stranger than one of `digits` (N,).

    Source: Hanley and McNeil, "The Meaning and Use of the Area under a Receiver Operating Characteristic Curve" (1982).
    """
    _, ranks, counts = np.unique(np.concatenate([digits, others]), return_inverse=True, return_counts=True)
    middles = counts.cumsum() - (counts - 1) / 2  # equal values share their ranks
    above = middles[ranks[len(digits) :]].sum() - len(others) * (len(others) + 1) / 2
    return float(above / (len(digits) * len(others)))
