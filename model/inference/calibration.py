"""Calibration: the temperature of the softmax, and the confidence from which an answer is sure."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.networks.description import Calibration
from model.networks.training_record import BINS, Bin
from model.preprocessing.arrays import Doubles, Integers, Mask

SURE_ERRORS: Final = 0.001  # greatest share of wrong answers among the sure ones, on validation digits
CANDIDATES: Final = 200  # temperatures that are tried


def fit(logits: NDArray[Any], labels: Integers) -> Calibration:
    """Fit temperature and threshold to validation logits (N, C) and labels (N,).

    The temperature minimises the cross-entropy, as in Guo et al., "On Calibration of Modern Neural Networks" (2017).
    The threshold is the lowest confidence from which at most one answer in a thousand is wrong.
    """
    logits = logits.astype(np.float64)
    temperatures = np.logspace(-1, 1, CANDIDATES)
    true = np.arange(len(labels)), labels
    losses = [-log_softmax(logits / temperature)[true].mean() for temperature in temperatures]
    temperature = float(temperatures[np.argmin(losses)])

    calibrated = np.exp(log_softmax(logits / temperature))
    confidence, predicted = calibrated.max(axis=1), calibrated.argmax(axis=1)
    return Calibration(round(temperature, 4), sure_from(confidence, predicted == labels))


def sure_from(confidence: Doubles, right: Mask, errors: float = SURE_ERRORS) -> float:
    """Find the lowest confidence from which at most a share of `errors` is wrong: at least 0.5.

    `confidence` (N,) is that of validation images, and `right` (N,) whether they were read right.
    """
    order = np.argsort(-confidence, kind="stable")
    wrong = (~right)[order].cumsum()
    allowed = np.flatnonzero(wrong <= errors * np.arange(1, len(right) + 1))
    threshold = float(confidence[order[allowed[-1]]]) if len(allowed) else 1.0
    return round(max(0.5, threshold), 4)


def probabilities(logits: NDArray[Any], temperatures: float | Doubles) -> Doubles:
    """Turn logits (N, C) into probabilities, in float64 so that they sum to 1 in JSON.

    All have one temperature, or each its own, (N, 1).
    """
    return np.exp(log_softmax(logits.astype(np.float64) / temperatures))


def fit_paper(logits: Doubles, ambiguity: Doubles, labels: Integers) -> tuple[float, float]:
    """Fit the factor of the temperature on paper, and how it grows with the ambiguity (N,) of the ink.

    `logits` (N, C) are divided by the reader's own temperature already. Minimises the cross-entropy, as `fit` does.
    """
    true = np.arange(len(labels)), labels

    def loss(pair: tuple[float, float]) -> float:
        temperatures = pair[0] * np.exp(pair[1] * ambiguity[:, None])
        return float(-log_softmax(logits / temperatures)[true].mean())

    pairs = [(round(float(np.exp(log)), 4), float(steep)) for log in np.arange(-0.5, 1.5, 0.05) for steep in range(13)]
    return min(pairs, key=loss)


def reliability(probabilities: Doubles, labels: Integers) -> tuple[Bin, ...]:
    """Sort answers with probabilities (N, C) into bins of equal width by confidence, as in Guo et al. (2017)."""
    # Logits of a diverged training are not numbers; saving its weights is refused, with a reason.
    rows = np.nan_to_num(probabilities)
    confidence, right = rows.max(axis=1), rows.argmax(axis=1) == labels
    which = np.clip(np.ceil(confidence * BINS), 1, BINS).astype(int) - 1
    counts = np.bincount(which, minlength=BINS)

    def means(values: NDArray[Any]) -> list[float]:
        sums = np.bincount(which, values, minlength=BINS)
        return [round(float(mean), 6) for mean in sums / np.maximum(counts, 1)]

    return tuple(map(Bin, counts.tolist(), means(confidence), means(right)))


def expected_error(bins: Iterable[Bin]) -> float:
    """Return the expected calibration error: the mean gap between a bin's confidence and accuracy, over all answers."""
    bins = list(bins)
    gaps = sum(each.count * abs(each.confidence - each.accuracy) for each in bins)
    return gaps / max(1, sum(each.count for each in bins))


def softmax(logits: NDArray[Any]) -> NDArray[Any]:
    """Return the probabilities of logits (…, C), in their own precision."""
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def log_sum_exp(logits: NDArray[Any], axis: int = -1) -> NDArray[Any]:
    """Return log(sum(exp(logits))) along `axis`, which is kept with a length of 1."""
    highest = logits.max(axis=axis, keepdims=True)
    return highest + np.log(np.exp(logits - highest).sum(axis=axis, keepdims=True))


def log_softmax(logits: NDArray[Any]) -> NDArray[Any]:
    """Return the logarithms of the probabilities of logits (…, C)."""
    return logits - log_sum_exp(logits)
