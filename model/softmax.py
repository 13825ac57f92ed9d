"""Logits → logarithms of probabilities, in numpy, without overflow."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def log_sum_exp(logits: NDArray[Any], axis: int = -1) -> NDArray[Any]:
    """Return the logarithm of the sum of the exponentials along `axis`, which stays with a length of 1."""
    highest = logits.max(axis=axis, keepdims=True)
    found: NDArray[Any] = highest + np.log(np.exp(logits - highest).sum(axis=axis, keepdims=True))
    return found


def log_softmax(logits: NDArray[Any]) -> NDArray[Any]:
    """Return the logarithms of the probabilities that logits (…, C) stand for."""
    found: NDArray[Any] = logits - log_sum_exp(logits)
    return found
