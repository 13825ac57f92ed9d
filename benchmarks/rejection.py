"""Compare scores for rejecting what is no digit, on handwritten letters and digits.

    DIGITPAD_DATA=… python -m benchmarks.rejection [WEIGHTS …]

Draws pen-dev's letters and digits on the page's canvas and prints for each weights file and each score the area under
the ROC curve, and the part of the letters that is refused where 1 % of the digits are. The scores are the energy, the
log-odds of the "no digit" output, what is between them, the largest logit, and the probability of the answer, as in
Hendrycks and Gimpel (2017).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.arguments import data_parser
from benchmarks.canvas import Sample, drawings, load_json
from model.files import WEIGHTS
from model.inference import rejection
from model.inference.calibration import log_softmax
from model.inference.engines.eager import predict_logits
from model.inference.ink import ink_reader
from model.networks import weights
from model.preprocessing.normalize import normalize

read_ink = ink_reader()  # with the committed ink network

Logits = NDArray[np.float32]

CLASSES: Final = 10
TRAINED: Final = "trained output"
BOTH: Final = "energy and output"
SCORES: Final[Mapping[str, Callable[[Logits], Logits]]] = {
    "energy": lambda logits: rejection.strangeness(logits, CLASSES, 0),
    TRAINED: lambda logits: rejection.strangeness(logits, CLASSES, 1),
    BOTH: lambda logits: rejection.strangeness(logits, CLASSES, rejection.OTHER_WEIGHT),
    "largest logit": lambda logits: -logits[:, :CLASSES].max(axis=1),
    "probability": lambda logits: -log_softmax(logits[:, :CLASSES]).max(axis=1),
}


def main() -> None:
    """Print the table, and which letters the trained output lets pass."""
    parser = data_parser(__doc__)
    parser.add_argument("weights", type=Path, nargs="*", default=[WEIGHTS / "digitpad.safetensors"])
    options = parser.parse_args()
    digits, letters = (load_json(options.data_dir / "pen-dev" / f"{name}.json.gz") for name in ("strokes", "letters"))
    digit_images, letter_images = (images(samples, options.seed) for samples in (digits, letters))
    print(f"{len(letters):,} letters, {len(digits):,} digits, seed {options.seed}\n")
    for path in options.weights:
        loaded = weights.load(path)
        network, to_input = loaded.network, loaded.description.input
        usual, strange = (predict_logits(network, drawn, to_input).numpy() for drawn in (digit_images, letter_images))
        print(f"{path}, {loaded.version[:15]}")
        for name, score in SCORES.items():
            if name in (TRAINED, BOTH) and not loaded.description.rejects:
                continue
            low, high = score(usual), score(strange)
            refused = float((high > np.quantile(low, 0.99)).mean())
            print(f"  {name:<18} AUROC {rejection.auroc(low, high):.4f}, {refused:6.1%} of the letters refused")
        if loaded.description.rejects:
            fitted = loaded.description.calibration
            passed = rejection.strangeness(strange, CLASSES, fitted.other_weight) < fitted.refused_from
            wrongly = rejection.strangeness(usual, CLASSES, fitted.other_weight) >= fitted.refused_from
            print(f"  as calibrated: {1 - float(passed.mean()):.1%} of the letters refused, "
                  f"{float(wrongly.mean()):.2%} of the digits")  # fmt: skip
            most = Counter(sample.label for sample, passes in zip(letters, passed.tolist(), strict=True) if passes)
            every = Counter(sample.label for sample in letters)
            print("  passed: " + ", ".join(f"{name} {count}/{every[name]}" for name, count in most.most_common(10)))


def images(samples: list[Sample], seed: int) -> torch.Tensor:
    """Draw samples on the page's canvas and bring them to what a network reads: (N, 28, 28) uint8."""
    return torch.from_numpy(np.stack([normalize(read_ink(png)) for _, png in drawings(samples, seed)]))


if __name__ == "__main__":
    main()
