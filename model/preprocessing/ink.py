"""Image files → ink: separate it from the paper."""

import functools

import numpy as np
from PIL import Image

from model.preprocessing import background
from model.preprocessing.arrays import Ink
from model.preprocessing.image_files import decode_and_measure
from model.preprocessing.normalize import Scan


def read_ink(data: bytes) -> Ink:
    """Decode an image file and separate ink from paper.

    Returns (H, W) uint8: 0 for paper, up to 255 for the greatest difference from it. Both sides have under 2,048
    pixels. Raises NothingToRead, UnknownFormat, TooLarge or Undecodable.
    """
    return read_scan(data).ink


def read_scan(data: bytes) -> Scan:
    """Read ink as `read_ink` does, with its scale in pixels of the upright image in the file."""
    image, sent = decode_and_measure(data)
    ink = separate_ink(image)
    return Scan(ink, sent / max(ink.shape))  # decoding and separation may both reduce it


def separate_ink(image: Image.Image) -> Ink:
    """Measure how far each pixel is from the paper, lighter or darker, in any colour. Alpha is ignored.

    The colour of the paper is the median along the image's edges: a digit may touch them, but rarely fills them. In a
    photograph or a scan the paper has several colours: `background` separates those. Returns (H, W) uint8.
    """
    bands = _bands(image)
    contrast = background.contrast_to_paper(bands[0] if len(bands) == 1 else np.asarray(image.convert("L")))
    separated = None if background.is_flat(contrast) else background.separate(image)
    if separated is not None:
        return separated
    return contrast if len(bands) == 1 else functools.reduce(np.maximum, map(background.contrast_to_paper, bands))


def _bands(image: Image.Image) -> list[Ink]:
    """Split the colours into contiguous arrays, which are quick to work on; a grey image gives one."""
    red, *others = [np.asarray(band) for band in image.split()[:3]]
    return [red] if all(np.array_equal(red, other) for other in others) else [red, *others]
