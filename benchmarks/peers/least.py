"""The least that reads a canvas: crop, scale, centre, one look, softmax. It runs in the environment of the peers."""

import io
import os
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

WEIGHTS = Path(__file__).parents[2] / "weights" / "digitpad.onnx"


class Reader:
    """Reads a PNG file of dark strokes on white paper, with the default network on one thread."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(WEIGHTS), options, providers=["CPUExecutionProvider"])

    def read(self, png: bytes) -> dict[str, object]:
        """Return the digit and its probabilities."""
        ink = ImageOps.invert(Image.open(io.BytesIO(png)).convert("L"))
        cropped = ink.crop(ink.getbbox())
        cropped.thumbnail((20, 20), Image.Resampling.BILINEAR)
        field = Image.new("L", (28, 28))
        field.paste(cropped, ((28 - cropped.width) // 2, (28 - cropped.height) // 2))
        pixels = np.asarray(field, np.float32)[None] / 255
        logits = self._session.run(None, {"images": pixels})[0][0, :10]
        shares = np.exp(logits - logits.max())
        return {"digit": int(logits.argmax()), "probabilities": (shares / shares.sum()).tolist()}
