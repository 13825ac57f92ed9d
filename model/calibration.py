"""Calibration: probabilities that mean what they say, and the point from which an answer is called sure."""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F

from model.weights import Calibration

SURE_ERRORS: Final = 0.001  # of the sure answers on validation digits: at most this part may be wrong
CANDIDATES: Final = 200
BINS: Final = 15


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


def expected_error(probabilities: Tensor, labels: Tensor) -> float:
    """Return the expected calibration error of probabilities (N, C): how far confidence is from accuracy, on average.

    Answers are put into bins of equal width by confidence, as in Guo et al. (2017).
    """
    confidence, predicted = probabilities.double().max(dim=1)
    right = (predicted == labels).double()
    which = (confidence * BINS).ceil().clamp(1, BINS).long() - 1
    gaps = torch.zeros(BINS, dtype=torch.float64).index_add(0, which, confidence - right)
    return float(gaps.abs().sum() / max(1, len(labels)))
