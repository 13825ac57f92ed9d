"""A disk that is soon full, and a folder of weights that are replaced."""

import contextlib
import dataclasses
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model.inference.engines.export import export
from model.networks import weights

WEIGHTS = Path(__file__).parents[2] / "weights" / "digitpad.safetensors"


@contextmanager
def small_disk() -> Iterator[Path | None]:
    """Mount a disk of a megabyte: None where that is not allowed."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            yield None
            return
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def fill(path: Path) -> None:
    """Write a file until there is no room."""
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@contextmanager
def two_weights() -> Iterator[tuple[Path, list[tuple[str, Path]]]]:
    """Yield a folder with the default weights in it, and two versions of them, each with the folder of its files."""
    with tempfile.TemporaryDirectory() as temporary:
        loaded, versions = weights.load(WEIGHTS), []
        for seed in (1, 2):
            path = Path(temporary) / str(seed) / "digitpad.safetensors"
            path.parent.mkdir()
            description = dataclasses.replace(loaded.description, seed=seed)
            weights.save(path, loaded.network.state_dict(), description, loaded.pictures)
            saved = weights.load(path)
            export(saved, path.with_suffix(".onnx"))
            versions.append((saved.version, path.parent))
        folder = Path(temporary) / "weights"
        folder.mkdir()
        replace_weights(folder, versions[0][1])
        yield folder, versions


def replace_weights(folder: Path, files: Path) -> None:
    """Put weights in place as train.py does: what ONNX Runtime runs first, each file whole or not at all."""
    for suffix in (".onnx", ".safetensors"):
        replace(folder / f"digitpad{suffix}", (files / f"digitpad{suffix}").read_bytes())


def replace(path: Path, content: bytes) -> None:
    """Put a whole file in the place of another."""
    beside = path.with_suffix(".new")
    beside.write_bytes(content)
    os.replace(beside, path)
