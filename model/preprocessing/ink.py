"""Image files → ink: tell it from the paper that it was left on."""

import functools
import warnings

import numpy as np
from PIL import Image

from model.preprocessing import background
from model.preprocessing.image_files import MAX_JPEG_PIXELS, _decode
from model.preprocessing.normalize import Ink, Scan

Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS
# Pillow warns above its limit and refuses above twice the limit; here one limit holds.
warnings.simplefilter("error", Image.DecompressionBombWarning)


def read_ink(data: bytes) -> Ink:
    """Decode an image file and separate ink from paper.

    Returns (H, W) uint8, 0 where there is paper and up to 255 for what differs most from it, both sides under 2,048
    pixels. Raises NothingToRead, UnknownFormat, TooLarge or Undecodable.
    """
    return read_scan(data).ink


def read_scan(data: bytes) -> Scan:
    """Do as read_ink, and tell the ink's scale in pixels of the upright image that was sent."""
    image, sent = _decode(data)
    ink = separate_ink(image)
    return Scan(ink, sent / max(ink.shape))  # decoding may have made it smaller, and so may separating


def separate_ink(image: Image.Image) -> Ink:
    """Measure how far each pixel is from the paper, whichever is darker, in any colour. Alpha does not count.

    The paper's colour is the median along the edges of the image: a digit may touch them, but rarely fills them. A
    photograph or a scan, whose paper has no one colour, is left to `background`. Returns (H, W) uint8.
    """
    bands = _bands(image)
    found = background.apart(bands[0] if len(bands) == 1 else np.asarray(image.convert("L")))
    separated = None if background.is_flat(found) else background.separate(image)
    if separated is not None:
        return separated
    return found if len(bands) == 1 else functools.reduce(np.maximum, map(background.apart, bands))


def _bands(image: Image.Image) -> list[Ink]:
    """Take the colours apart, each as an array of its own, which is quick to work on. Of a grey image it is one."""
    red, *others = [np.asarray(band) for band in image.split()[:3]]
    return [red] if all(np.array_equal(red, other) for other in others) else [red, *others]
