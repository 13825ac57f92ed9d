"""The committed ink network, for tests that read image files without a recogniser, and a photograph."""

import functools

import numpy as np

from model.files import WEIGHTS
from model.inference import ink
from model.preprocessing.arrays import Ink
from tests.helpers import photographs
from tests.helpers.drawings import DRAWINGS
from tests.helpers.photographs import Conditions


@functools.cache
def finder() -> ink.InkFinder:
    """Load the committed ink network once."""
    return ink.InkFinder.load(WEIGHTS / "ink.safetensors")


def read_ink(data: bytes) -> Ink:
    """Decode an image file and separate its ink from paper, as the server does."""
    return ink.read_ink(data, finder())


def photograph_of(label: str) -> bytes:
    """Photograph a drawing on lined paper in uneven light, as a JPEG file."""
    conditions = Conditions(paper="lined", pen="felt", height=30.0, size=(800, 600), gradient=0.3, noise=2.0)
    image = photographs.photograph(DRAWINGS[label], conditions, np.random.default_rng(0))
    return photographs.encode(image, conditions.quality)
