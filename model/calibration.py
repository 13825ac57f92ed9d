"""Calibration: probabilities that mean what they say, and the point from which an answer is called sure."""

from collections.abc import Iterable
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F

from model.record import BINS, Bin
from model.weights import Calibration

SURE_ERRORS: Final = 0.001  # of the sure answers on validation digits: at most this part may be wrong
CANDIDATES: Final = 200


def fit(logits: Tensor, labels: Tensor) -> Calibration:
    """Fit the temperature and the threshold of sureness to validation logits (N, C) and labels (N,).

    The temperature minimises the cross-entropy, as in Guo et al., "On Calibration of Modern Neural Networks" (2017).
    The threshold is the lowest at which the sure answers hold no more than one error in a thousand.
    """
    logits, labels = logits.double().cpu(), labels.cpu()
    temperatures = torch.logspace(-1, 1, CANDIDATES, dtype=torch.float64)
    losses = torch.stack([F.cross_entropy(logits / temperature, labels) for temperature in temperatures])
    temperature = float(temperatures[losses.argmin()])

    confidence, predicted = (logits / temperature).softmax(dim=1).max(dim=1)
    order = confidence.argsort(descending=True)
    wrong = (predicted != labels)[order].cumsum(0)
    sure = torch.arange(1, len(labels) + 1)
    allowed = torch.nonzero(wrong <= SURE_ERRORS * sure)[:, 0]
    threshold = float(confidence[order[allowed[-1]]]) if len(allowed) else 1.0
    return Calibration(round(temperature, 4), round(max(0.5, threshold), 4))


def probabilities(logits: Tensor, fitted: Calibration) -> Tensor:
    """Turn logits (N, C) into probabilities, in double precision so that they sum to 1 to the last digit in JSON."""
    return (logits.double() / fitted.temperature).softmax(dim=1)


def reliability(probabilities: Tensor, labels: Tensor) -> tuple[Bin, ...]:
    """Put answers with probabilities (N, C) into bins of equal width by confidence, as in Guo et al. (2017)."""
    # A training that diverged gives no numbers: it is refused when it is saved, with a reason.
    confidence, predicted = probabilities.double().nan_to_num().max(dim=1)
    right = (predicted == labels).double()
    which = (confidence * BINS).ceil().clamp(1, BINS).long() - 1
    counts = torch.bincount(which, minlength=BINS)

    def means(values: Tensor) -> list[float]:
        sums = torch.zeros(BINS, dtype=torch.float64).index_add(0, which, values)
        return [round(mean, 6) for mean in (sums / counts.clamp(min=1)).tolist()]

    return tuple(map(Bin, counts.tolist(), means(confidence), means(right)))


def expected_error(bins: Iterable[Bin]) -> float:
    """Return the expected calibration error: how far the confidence of an answer is from the accuracy of its bin."""
    bins = list(bins)
    gaps = sum(found.count * abs(found.confidence - found.accuracy) for found in bins)
    return gaps / max(1, sum(found.count for found in bins))
