"""What a weights file says of itself, and what is in it, without the library that runs its network.

A file's metadata holds one JSON document, `Description`, from which the network is built again and served. Nothing in
it is hard-coded elsewhere, and nothing in it can run code.
"""

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from model.errors import DigitpadError
from model.files import read_whole
from model.networks import training_record
from model.networks.training_record import Epoch, Example, Figures, Refusal
from model.preprocessing.network_input import Input
from model.preprocessing.normalize import SIDE

# Format 2 added what is kept of the training: files of format 1 are read as keeping nothing. Raised all the same, so
# that an older Digitpad says what is the matter instead of stumbling over fields that it does not know.
FORMAT: Final = 2
READ: Final = (1, FORMAT)
KEY: Final = "digitpad"
EXAMPLES: Final = "examples"  # the name of the tensor that is not the network's
MAX_DESCRIPTION: Final = 4_000_000  # in characters
KINDS: Final = {"metrics": dict, "data": dict, "recipe": dict, "versions": dict, "created": str, "seed": int}
MAX_DEPTH: Final = 8  # of objects and lists in one another
MAX_SIDE: Final = 512  # in pixels, of a network's input


class WeightsError(DigitpadError):
    """A weights file is missing, damaged, or not one of ours. The message says which file and what to do."""


@dataclass(frozen=True)
class Calibration:
    """How logits become probabilities, and probabilities a verdict; fitted on validation digits."""

    temperature: float = 1.0  # logits are divided by it
    sure_from: float = 0.5  # the least confidence that is called sure
    refused_from: float = 0.0  # the least strangeness that is called no digit, where the network tells


@dataclass(frozen=True)
class Description:
    """All that is needed to use a network's weights, and all that is known of how they came about."""

    network: str
    arguments: dict[str, Any] = field(default_factory=dict)
    input_size: tuple[int, int] = (28, 28)  # height, width, in pixels
    channels: int = 1
    scaled: bool = False  # see Input
    mean: float = 0.0  # of a pixel from 0 to 1
    std: float = 1.0
    classes: tuple[str, ...] = tuple("0123456789")
    rejects: bool = False  # whether there is an output beyond the classes, for what is none of them
    calibration: Calibration = field(default_factory=Calibration)
    metrics: dict[str, float] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)  # digests
    recipe: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    versions: dict[str, str] = field(default_factory=dict)
    created: str = ""  # ISO 8601, UTC
    history: tuple[Epoch, ...] = ()
    figures: dict[str, Figures] = field(default_factory=dict)  # of each held-out set
    refusal: Refusal | None = None
    examples: tuple[Example, ...] = ()  # what the file's pictures show, in their order
    format: int = FORMAT

    @property
    def outputs(self) -> int:
        """How many numbers the network gives for an image."""
        return len(self.classes) + self.rejects

    @property
    def class_outputs(self) -> slice:
        """Which of the outputs stand for classes: logits[:, class_outputs]."""
        return slice(len(self.classes))

    @property
    def input(self) -> Input:
        """How images become the network's input."""
        return Input(self.input_size, self.channels, self.mean, self.std, self.scaled)


@dataclass(frozen=True)
class Contents:
    """What a weights file holds: the network's tensors by name, and the pictures (N, 28, 28) uint8 of its examples.

    `version` is made from the file's bytes.
    """

    description: Description
    version: str
    tensors: Mapping[str, NDArray[Any]]
    pictures: NDArray[np.uint8]


def read(path: Path) -> Contents:
    """Read a weights file, checking its description, and that its numbers are finite. Raises WeightsError."""
    try:
        content = read_whole(path)
        tensors = safetensors.numpy.load(content)
        description = _describe(_metadata(content)[KEY])
        pictures = _check_pictures(tensors.pop(EXAMPLES, no_pictures()), description)
    except FileNotFoundError:
        raise WeightsError(f"{path} is not there: train it with `python train.py`, or put the file in place.") from None
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path} is not a whole safetensors file ({error}).") from error
    except Exception as error:  # a stranger's file can be wrong in any way: each is a refusal
        raise refusal(path, error) from error
    if not all(bool(np.isfinite(tensor).all()) for tensor in tensors.values()):
        raise WeightsError(f"{path} holds numbers that are not finite: its training diverged, or it is damaged.")
    return Contents(description, f"sha256:{hashlib.sha256(content).hexdigest()}", tensors, pictures)


def refusal(path: Path, error: Exception) -> WeightsError:
    """Say of a whole file that it does not hold what it should."""
    return WeightsError(f"{path} does not hold Digitpad weights ({type(error).__name__}: {error}).")


def no_pictures() -> NDArray[np.uint8]:
    """Return the pictures of a file that has none."""
    return np.zeros((0, SIDE, SIDE), np.uint8)


def _metadata(content: bytes) -> Mapping[str, str]:
    """Return what stands beside the tensors, in a file whose header safetensors has found to be sound."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]).get("__metadata__") or {}


def _describe(text: str) -> Description:
    if len(text) > MAX_DESCRIPTION:
        raise ValueError(f"its description is longer than {MAX_DESCRIPTION:,} characters")
    values = json.loads(text)
    if values.get("format") not in READ:
        known = " and ".join(map(str, READ))
        raise ValueError(f"its format is {values.get('format')!r}, and this version reads {known}")
    _check_json(values)
    values["calibration"] = Calibration(**values["calibration"])
    for name in ("input_size", "classes"):
        values[name] = tuple(values[name])
    description = Description(**values | training_record.read(values, len(values["classes"])))
    numbers = (description.mean, description.std, *dataclasses.astuple(description.calibration))
    if not all(isinstance(number, (int, float)) and abs(number) < 1e6 for number in numbers):
        raise ValueError("its normalisation or calibration is not in numbers")
    sides = description.input_size
    if len(sides) != 2 or not all(isinstance(side, int) and 8 <= side <= MAX_SIDE for side in sides):
        raise ValueError(f"its input size is {sides!r}, and must be two sides of 8 to {MAX_SIDE} pixels")
    if description.channels not in (1, 3):
        raise ValueError(f"it has {description.channels!r} channels, and must have 1 or 3")
    for name, kind in KINDS.items():
        if not isinstance(getattr(description, name), kind):  # they are shown, and JSON can hold anything
            raise ValueError(f"{name} is {getattr(description, name)!r:.40}, and must be a {kind.__name__}")
    if not all(isinstance(name, str) for name in description.classes):
        raise ValueError("its classes are not all names")
    if not isinstance(description.rejects, bool):
        raise ValueError(f"rejects is {description.rejects!r}, and must be true or false")
    if description.std <= 0 or description.calibration.temperature <= 0:
        raise ValueError("its standard deviation and temperature must be above 0")
    return description


def _check_json(value: Any, depth: int = 0) -> None:
    """Refuse what JSON could not be made of again: numbers that are not finite, and too many lists in one another."""
    if depth > MAX_DEPTH:
        raise ValueError(f"its description has more than {MAX_DEPTH} objects or lists in one another")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"its description holds {value}: its training diverged, or it is damaged")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        _check_json(one, depth + 1)


def _check_pictures(pictures: NDArray[Any], description: Description) -> NDArray[np.uint8]:
    wanted = (len(description.examples), SIDE, SIDE)
    if pictures.shape != wanted or pictures.dtype != np.uint8:
        kind = f"{pictures.shape} {pictures.dtype}"
        raise ValueError(f"its pictures are {kind}, and its {wanted[0]} examples need {wanted} uint8")
    return pictures
