"""Seeded corruptions of MNIST's images: shift, rotation, noise, blur, line width, contrast, inversion, JPEG."""

import io
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from benchmarks.canvas import encode

Pixels = NDArray[np.uint8]  # (28, 28), 0 for paper and 255 for ink; a corruption may give a larger one
Corruption = Callable[[Pixels, np.random.Generator], Pixels]


def shift(image: Pixels, random: np.random.Generator) -> Pixels:
    """Put the digit anywhere on paper of twice the size."""
    top, left = random.integers(0, 29, 2)
    paper = np.zeros((56, 56), np.uint8)
    paper[top : top + 28, left : left + 28] = image
    return paper


def rotation(image: Pixels, random: np.random.Generator) -> Pixels:
    """Turn it by 10 to 25 degrees, either way."""
    angle = random.uniform(10, 25) * random.choice([-1, 1])
    return np.asarray(Image.fromarray(np.pad(image, 6)).rotate(angle, Image.Resampling.BICUBIC))


def noise(image: Pixels, random: np.random.Generator) -> Pixels:
    """Add Gaussian noise with a standard deviation of 10 % of full ink."""
    return _clip(image + random.normal(0, 25, image.shape))


def blur(image: Pixels, random: np.random.Generator) -> Pixels:
    """Blur with a radius of 1 to 1.5 pixels."""
    return np.asarray(Image.fromarray(np.pad(image, 4)).filter(ImageFilter.GaussianBlur(random.uniform(1, 1.5))))


def thick(image: Pixels, random: np.random.Generator) -> Pixels:
    """Draw it with a pen two pixels wider."""
    return np.asarray(Image.fromarray(np.pad(image, 2)).filter(ImageFilter.MaxFilter(3)))


def thin(image: Pixels, random: np.random.Generator) -> Pixels:
    """Draw it with a pen about a pixel finer: eroded at four times the size, so that hairlines survive."""
    large = Image.fromarray(image).resize((112, 112), Image.Resampling.BICUBIC)
    return np.asarray(large.filter(ImageFilter.MinFilter(5)))


def low_contrast(image: Pixels, random: np.random.Generator) -> Pixels:
    """Leave 20 to 40 % of the contrast, on grey paper."""
    return _clip(random.uniform(40, 120) + image * random.uniform(0.2, 0.4))


def inverted(image: Pixels, random: np.random.Generator) -> Pixels:
    """Dark ink on light paper."""
    return 255 - image


def jpeg(image: Pixels, random: np.random.Generator) -> Pixels:
    """Save it as a JPEG file of quality 5 to 20."""
    return np.asarray(
        Image.open(io.BytesIO(encode(Image.fromarray(image), "JPEG", quality=int(random.integers(5, 21)))))
    )


CORRUPTIONS: Final[Mapping[str, Corruption]] = {
    "shifted": shift,
    "rotated by 10 to 25°": rotation,
    "with noise": noise,
    "blurred": blur,
    "thickened": thick,
    "thinned": thin,
    "of low contrast": low_contrast,
    "inverted": inverted,
    "as poor JPEGs": jpeg,
}


def _clip(values: NDArray[np.float64]) -> Pixels:
    return values.clip(0, 255).astype(np.uint8)
