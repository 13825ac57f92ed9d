"""Contact sheets: images as they were sent, what was read, and what the network saw of them."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from flask.testing import FlaskClient
from PIL import Image, ImageDraw, ImageOps

from benchmarks.tally import Tally
from model.evaluation import plots
from tests.helpers.drawings import image_at

SIDE = 140  # in pixels, of a square image on a sheet
NUMBER = (2 * SIDE, 80)  # width and height of a number
BACKGROUND = (150, 150, 160)  # unlike paper and boards, so that the image's edge is seen


def write_failures(folder: Path, client: FlaskClient, path: str, tally: Tally) -> None:
    """Write the misread images of `tally` to a PNG file, each beside the 28×28 pixels that the network saw.

    Numbers have instead the boxes of their digits drawn over them.
    """
    cells = []
    for image, label, _ in tally.misread:
        answer = client.post(f"{path}?input=true", data=image, content_type="image/png").get_json()
        shown = ImageOps.exif_transpose(Image.open(io.BytesIO(image))).convert("RGB")
        if path == "/read":
            pixels, read = fit(_boxed(shown, answer["digits"]), NUMBER), answer["text"]
        else:
            seen = image_at(answer["input"]).convert("RGB").resize((SIDE, SIDE), Image.Resampling.NEAREST)
            pixels = np.hstack([fit(shown, (SIDE, SIDE)), np.asarray(seen)])
            read = max(answer["probabilities"], key=answer["probabilities"].get)
        verdict = answer["verdict"]
        cells.append((pixels, f"{label} as {verdict}" if verdict == "blank" else f"{label} as {read}, {verdict}"))
    write_sheet(folder / f"{tally.name}.png", cells)


def write_sheet(path: Path, cells: Sequence[tuple[np.ndarray, str]], columns: int = 6) -> None:
    """Write images (H, W, 3) of one size to a PNG file, each with its caption, unless there are none."""
    if cells:
        path.parent.mkdir(parents=True, exist_ok=True)
        plots.draw_sheet(path, np.stack([pixels for pixels, _ in cells]), [text for _, text in cells], 1, columns)


def fit(image: Image.Image, size: tuple[int, int]) -> np.ndarray:
    """Reduce or enlarge an image into a rectangle: (H, W, 3)."""
    small = ImageOps.contain(image.convert("RGB"), (size[0] - 4, size[1] - 4))
    return np.asarray(ImageOps.pad(ImageOps.expand(small, 2, BACKGROUND), size, color=BACKGROUND))


def _boxed(image: Image.Image, digits: Sequence[dict]) -> Image.Image:
    pencil = ImageDraw.Draw(image)
    for digit in digits:
        x, y, width, height = digit["box"]
        pencil.rectangle((x, y, x + width, y + height), outline="red", width=max(1, image.height // 60))
    return image
