"""What the tests of the model share."""

import pytest

from model.inference.recognizer import Recognizer
from tests.helpers.drawings import ROOT


@pytest.fixture(scope="session")
def recognizer():
    """Load the committed weights of the default network: not to be changed."""
    return Recognizer.load(ROOT / "weights" / "digitpad.safetensors")
