"""Where faults are done: a disk that is soon full, and a folder of weights that others take the place of."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUFFIXES = (".safetensors", ".onnx")


@contextmanager
def small_disk() -> Iterator[Path | None]:
    """Mount a disk of a megabyte: None where that is not allowed."""
    with tempfile.TemporaryDirectory() as place:
        command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            yield None
            return
        try:
            yield Path(place)
        finally:
            subprocess.run(["umount", "-l", place], check=True)


def fill(path: Path) -> None:
    """Write a file until there is no room."""
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@contextmanager
def two_weights() -> Iterator[tuple[Path, list[tuple[str, Path]]]]:
    """Yield a folder with the default weights in it, and two versions of them, each with where its files are."""
    from model.inference.engines.export import export
    from model.networks import weights

    with tempfile.TemporaryDirectory() as place:
        versions = []
        for seed in (1, 2):
            path = Path(place) / str(seed) / "digitpad.safetensors"
            path.parent.mkdir()
            loaded = weights.load(ROOT / "weights" / "digitpad.safetensors")
            description = loaded.description.__class__(**{**vars(loaded.description), "seed": seed})
            weights.save(path, loaded.network.state_dict(), description, loaded.pictures)
            saved = weights.load(path)
            export(saved, path.with_suffix(".onnx"))
            versions.append((saved.version, path.parent))
        folder = Path(place) / "weights"
        folder.mkdir()
        put(versions[0][1], folder)
        yield folder, versions


def put(files: Path, folder: Path) -> None:
    """Put weights in place as train.py does: what ONNX Runtime runs first, each file whole or not at all."""
    for suffix in reversed(SUFFIXES):
        write(folder / f"digitpad{suffix}", (files / f"digitpad{suffix}").read_bytes())


def write(path: Path, content: bytes) -> None:
    """Put a whole file in the place of another."""
    beside = path.with_suffix(".new")
    beside.write_bytes(content)
    os.replace(beside, path)
