"""Small colour images that the tests make, in a folder with a sub-folder for each class."""

from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {"rose": (200, 30, 60), "tulip": (230, 200, 40), "daisy": (60, 90, 220)}


def photo(name: str, seed: int, size: tuple[int, int] = (40, 36)) -> Image.Image:
    """Make a noisy image whose colour tells its class."""
    random = np.random.default_rng(seed)
    pixels = np.array(COLOURS[name]) + random.normal(0, 30, (size[1], size[0], 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def write_photos(folder: Path, counts: dict[str, int]) -> None:
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            photo(name, number).save(folder / name / f"{name}-{number:03}.png")
