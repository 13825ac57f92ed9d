"""The committed ink network, for tests that read image files without a recogniser."""

import functools

from model.files import WEIGHTS
from model.inference import ink
from model.preprocessing.arrays import Ink


@functools.cache
def finder() -> ink.InkFinder:
    """Load the committed ink network once."""
    return ink.InkFinder.load(WEIGHTS / "ink.safetensors")


def read_ink(data: bytes) -> Ink:
    """Decode an image file and separate its ink from paper, as the server does."""
    return ink.read_ink(data, finder())
