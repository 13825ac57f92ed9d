"""The threshold between ink and paper."""

import numpy as np

from model.preprocessing.arrays import Ink
from model.preprocessing.normalize import BLANK_BELOW


def otsu(ink: Ink) -> int:
    """Find the threshold that separates ink from paper best.

    Source: Otsu, "A Threshold Selection Method from Gray-Level Histograms" (1979).
    """
    counts = np.bincount(ink.ravel(), minlength=256).astype(np.float64)
    below = counts.cumsum()
    mass = (counts * np.arange(256)).cumsum()
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (mass / below - (mass[-1] - mass) / above) ** 2
    return max(int(np.nan_to_num(between).argmax()), BLANK_BELOW // 2)
