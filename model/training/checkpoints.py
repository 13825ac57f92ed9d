"""Checkpoints: the state of a training between two epochs, from which it resumes as if it had never stopped.

A checkpoint is one safetensors file, replaced atomically after every epoch: tensors by dotted name, and the rest as
JSON in its metadata. Like weights, it is never a pickle.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialize
from torch import Tensor

from model.errors import DigitpadError
from model.files import write_atomically

KEY: Final = "digitpad checkpoint"


class CheckpointError(DigitpadError):
    """A checkpoint cannot be used. The message says why and what to do."""


def save(path: Path, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
    """Replace the checkpoint at `path`. Raises OSError when it cannot be written; the old one then stands."""
    with write_atomically(path) as unfinished:
        # Cloned, because safetensors refuses tensors that share memory.
        whole = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
        unfinished.write_bytes(serialize(whole, {KEY: json.dumps(values)}))


def load(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Load the tensors and the values of the checkpoint at `path`. Raises CheckpointError."""
    try:
        with safe_open(path, framework="pt") as file:
            values: dict[str, Any] = json.loads((file.metadata() or {})[KEY])
            return {name: file.get_tensor(name) for name in file.keys()}, values  # noqa: SIM118 — not a dictionary
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise CheckpointError(
            f"{path} is not a checkpoint that training can go on from ({error}): start without --resume."
        ) from error


def check(path: Path, values: Mapping[str, Any], identity: Mapping[str, Any]) -> None:
    """Raise CheckpointError if the checkpoint at `path`, with these `values`, is of another training."""
    before = values.get("identity", {})
    differences = [
        f"{name} was {before.get(name)!r} and is now {value!r}"
        for name, value in identity.items()
        if before.get(name) != value
    ]
    if differences:
        raise CheckpointError(
            f"{path} is of another training: {'; '.join(differences)}. "
            "Give the options that it was started with, or start anew without --resume."
        )


@contextmanager
def fitting(path: Path) -> Iterator[None]:
    """Turn what a checkpoint of other shapes or values raises in the block into a CheckpointError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, RuntimeError, IndexError) as error:
        raise CheckpointError(f"{path} does not fit this training ({error}): start without --resume.") from error


def part(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """Return the tensors below `name`, without that prefix."""
    return {key.removeprefix(f"{name}."): tensor for key, tensor in tensors.items() if key.startswith(f"{name}.")}


def named(name: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Prefix the name of each tensor with `name` and a dot: the inverse of `part`."""
    return {f"{name}.{key}": tensor for key, tensor in tensors.items()}
