"""Type aliases of arrays, for all packages."""

import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.uint8]  # (H, W): 0 for paper, 255 for full ink
Mask = NDArray[np.bool_]
Integers = NDArray[np.int64]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Points = NDArray[np.float64]  # (n, 2): x to the right, y downwards
