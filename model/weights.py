"""Weights files: safetensors that describe themselves. Save atomically, load and validate.

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

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from model import record
from model.files import write_atomically
from model.inputs import Input
from model.networks import build
from model.normalize import SIDE
from model.record import Epoch, Example, Figures, Refusal

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


class WeightsError(Exception):
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
    def input(self) -> Input:
        """How images become the network's input."""
        return Input(self.input_size, self.channels, self.mean, self.std, self.scaled)


def no_pictures() -> Tensor:
    """Return the pictures of a file that has none."""
    return torch.zeros(0, SIDE, SIDE, dtype=torch.uint8)


@dataclass(frozen=True)
class Weights:
    """A loaded file: the network in evaluation mode, its description, and a version made from the file's content.

    `pictures` (N, 28, 28) uint8 are those of the description's examples.
    """

    network: nn.Module
    description: Description
    version: str
    pictures: Tensor = field(default_factory=no_pictures)


def save(path: Path, state: Mapping[str, Tensor], description: Description, pictures: Tensor | None = None) -> None:
    """Put a weights file in place of the one at `path`, once it has been loaded back and found whole.

    `pictures` (N, 28, 28) uint8 are those of the description's examples, if it has any. Raises OSError when it cannot
    be written and WeightsError when it does not load back; the old file then stands.
    """
    shown = {} if pictures is None or not len(pictures) else {EXAMPLES: pictures}
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in {**state, **shown}.items()}
    described = dataclasses.asdict(dataclasses.replace(description, format=FORMAT))
    path.parent.mkdir(parents=True, exist_ok=True)
    with write_atomically(path) as unchecked:
        save_file(tensors, unchecked, {KEY: json.dumps(described, separators=(",", ":"))})
        loaded = load(unchecked)
        found = loaded.network.state_dict() | {EXAMPLES: loaded.pictures}
        if any(not torch.equal(found[name], tensor) for name, tensor in tensors.items()):
            raise WeightsError(f"{path} did not read back as it was written: check the disk.")


def load(path: Path) -> Weights:
    """Load a weights file and build its network, checking format, names, shapes and values. Raises WeightsError."""
    try:
        content = path.read_bytes()
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 — it is no dictionary
    except FileNotFoundError:
        raise WeightsError(f"{path} is not there: train it with `python train.py`, or put the file in place.") from None
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path} is not a whole safetensors file ({error}).") from error
    try:
        description = _describe(metadata[KEY])
        pictures = _check_pictures(tensors.pop(EXAMPLES, no_pictures()), description)
        # Built without memory first: what a stranger's arguments ask for is only had if the file holds it.
        with torch.device("meta"):
            network = build(description.network, **description.arguments)
        network.load_state_dict(tensors, assign=True)
        network.eval().to(memory_format=torch.channels_last)
        with torch.inference_mode():
            logits = network(torch.zeros(1, *description.input.shape))
        if logits.shape != (1, len(description.classes) + description.rejects):
            raise ValueError(f"{logits.shape[-1]} outputs for {len(description.classes)} classes")
    except Exception as error:  # a stranger's file can be wrong in any way: each is a refusal
        raise WeightsError(f"{path} does not hold Digitpad weights ({type(error).__name__}: {error}).") from error
    if not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise WeightsError(f"{path} holds numbers that are not finite: its training diverged, or it is damaged.")
    return Weights(network, description, f"sha256:{hashlib.sha256(content).hexdigest()}", pictures)


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
    description = Description(**values | record.read(values, len(values["classes"])))
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


def _check_pictures(pictures: Tensor, description: Description) -> Tensor:
    wanted = (len(description.examples), SIDE, SIDE)
    if pictures.shape != wanted or pictures.dtype != torch.uint8:
        kind = f"{tuple(pictures.shape)} {pictures.dtype}"
        raise ValueError(f"its pictures are {kind}, and its {wanted[0]} examples need {wanted} torch.uint8")
    return pictures
