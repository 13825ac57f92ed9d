"""A weights file's description of itself and its tensors, read and checked without torch.

The file's metadata is one JSON document, the `Description`: all that is needed to build the network and to serve it.
Nothing in it can run code.
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

# Format 2 added the training record; format 1 is read as having none. An older Digitpad refuses format 2 by its number,
# instead of failing at fields that it does not know.
FORMAT: Final = 2
READ: Final = (1, FORMAT)
KEY: Final = "digitpad"
EXAMPLES: Final = "examples"  # the tensor that is not the network's: the examples' images
INK_CLASSES: Final = ("ink", "print")  # those of a network that tells of each pixel what it is
LINE_CLASSES: Final = tuple("0123456789.,-+/:%?")  # those of the network that reads lines; ? is anything else
INK_STEP: Final = 32  # in pixels: the sides of a picture for the ink network are multiples of it
MAX_DESCRIPTION: Final = 4_000_000  # in characters
KINDS: Final = {"metrics": dict, "data": dict, "recipe": dict, "versions": dict, "created": str, "seed": int}
MAX_DEPTH: Final = 8  # of nested objects and lists
MAX_AMBIGUITY: Final = 100.0
MAX_SIDE: Final = 512  # in pixels, of a network's input


class WeightsError(DigitpadError):
    """A weights file is missing, damaged or foreign. The message says which file, and what to do."""


@dataclass(frozen=True)
class Calibration:
    """How logits become probabilities, and probabilities verdicts. Fitted on validation digits.

    That of the ink network holds on paper, where the reader's logits are divided by `temperature` once more, and by
    the exponential of `ambiguity` times that of the ink.
    """

    temperature: float = 1.0  # logits are divided by it
    sure_from: float = 0.5  # the least confidence of a sure answer
    refused_from: float = 0.0  # the least strangeness of a non-digit, if the network rejects
    other_weight: float = 0.0  # of the output for non-digits in the strangeness; 0: its energy alone, as in older files
    ambiguity: float = 0.0


@dataclass(frozen=True)
class Description:
    """What is needed to use a network's weights, and what is known of their training."""

    network: str
    arguments: dict[str, Any] = field(default_factory=dict)
    input_size: tuple[int, int] = (28, 28)  # height, width, in pixels
    channels: int = 1
    scaled: bool = False  # see Input
    mean: float = 0.0  # of a pixel from 0 to 1
    std: float = 1.0
    classes: tuple[str, ...] = tuple("0123456789")
    rejects: bool = False  # whether the last output, beyond the classes, stands for non-digits
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
    examples: tuple[Example, ...] = ()  # of the file's pictures, in their order
    format: int = FORMAT

    @property
    def outputs(self) -> int:
        """The number of the network's outputs: of a line's frames, one more stands for none."""
        return len(self.classes) + (self.rejects or self.classes == LINE_CLASSES)

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
    """A weights file in memory: the network's tensors by name, and the pictures (N, 28, 28) uint8 of its examples.

    `version` is a digest of the file.
    """

    description: Description
    version: str
    tensors: Mapping[str, NDArray[Any]]
    pictures: NDArray[np.uint8]


def read(path: Path) -> Contents:
    """Read a weights file and check its description and that its numbers are finite. Raises WeightsError."""
    try:
        content = read_whole(path)
        tensors = safetensors.numpy.load(content)
        description = _describe(_metadata(content)[KEY])
        pictures = _check_pictures(tensors.pop(EXAMPLES, no_pictures()), description)
    except FileNotFoundError:
        raise WeightsError(f"{path} is not there: train it with `python train.py`, or put the file in place.") from None
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path} is not a whole safetensors file ({error}).") from error
    except Exception as error:  # a foreign file can be wrong in any way
        raise refusal(path, error) from error
    if not all(bool(np.isfinite(tensor).all()) for tensor in tensors.values()):
        raise WeightsError(f"{path} holds numbers that are not finite: its training diverged, or it is damaged.")
    return Contents(description, f"sha256:{hashlib.sha256(content).hexdigest()}", tensors, pictures)


def refusal(path: Path, error: Exception) -> WeightsError:
    """Return the error for a safetensors file that is not a Digitpad weights file."""
    return WeightsError(f"{path} does not hold Digitpad weights ({type(error).__name__}: {error}).")


def no_pictures() -> NDArray[np.uint8]:
    """Return the pictures (0, 28, 28) of a file that has none."""
    return np.zeros((0, SIDE, SIDE), np.uint8)


def _metadata(content: bytes) -> Mapping[str, str]:
    """Return the metadata of a file that safetensors could load."""
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
    if not 0 <= description.calibration.ambiguity <= MAX_AMBIGUITY:
        raise ValueError(f"its calibration's ambiguity must be from 0 to {MAX_AMBIGUITY}")
    return description


def _check_json(value: Any, depth: int = 0) -> None:
    """Raise ValueError for what cannot be written as JSON again: infinite numbers and deep nesting."""
    if depth > MAX_DEPTH:
        raise ValueError(f"its description has more than {MAX_DEPTH} nested objects or lists")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"its description holds {value}: its training diverged, or it is damaged")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        _check_json(item, depth + 1)


def _check_pictures(pictures: NDArray[Any], description: Description) -> NDArray[np.uint8]:
    wanted = (len(description.examples), SIDE, SIDE)
    if pictures.shape != wanted or pictures.dtype != np.uint8:
        kind = f"{pictures.shape} {pictures.dtype}"
        raise ValueError(f"its pictures are {kind}, and its {wanted[0]} examples need {wanted} uint8")
    return pictures
