"""What all tests share: hand-drawn digits, images of them, and an application with the committed weights."""

import io
import json
import struct
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from PIL import Image

from app import create_app
from model import strokes

# The same examples in every run, however slow the machine.
hypothesis.settings.register_profile("digitpad", derandomize=True, deadline=None)
hypothesis.settings.load_profile("digitpad")

HERE = Path(__file__).parent
ROOT = HERE.parent
# Those that take longest begin: at the end of a run in several processes, none then waits long for another.
LONGEST = ("test_torchrun.py", "test_finetuning.py", "test_train.py", "test_server.py", "test_slow_clients.py")
# Drawn for these tests: label → strokes of (x, y) points, y downwards, in a 100 × 100 box.
DRAWINGS = json.loads((HERE / "fixtures" / "strokes.json").read_text())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def ink_of(label: str, longer_side: int = 140, width: float = 10) -> np.ndarray:
    return strokes.draw(DRAWINGS[label], width=width, longer_side=longer_side)


def canvas_of(label: str, side: int = 280, at: tuple[int, int] = (80, 60), **pen: float) -> Image.Image:
    """Draw a digit black on white, as the page sends it."""
    ink = ink_of(label, **pen)
    canvas = Image.new("L", (side, side), 255)
    canvas.paste(Image.fromarray(255 - ink), at)
    return canvas


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_of(label: str, **options: object) -> bytes:
    return encode(canvas_of(label, **options).convert("RGB"))


def write_mnist(
    folder: Path, images: np.ndarray, labels: np.ndarray, test_images: np.ndarray, test_labels: np.ndarray
) -> None:
    """Write MNIST's four files as torchvision expects them."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, pictures, classes in (("train", images, labels), ("t10k", test_images, test_labels)):
        header = struct.pack(">iiii", 2051, len(pictures), 28, 28)
        (raw / f"{name}-images-idx3-ubyte").write_bytes(header + pictures.astype(np.uint8).tobytes())
        header = struct.pack(">ii", 2049, len(classes))
        (raw / f"{name}-labels-idx1-ubyte").write_bytes(header + classes.astype(np.uint8).tobytes())


@pytest.fixture(scope="session", params=["torch", "onnx"])
def app(request, tmp_path_factory):
    """Build an application for each of what can run its networks: what a client sees is the same."""
    corrections = tmp_path_factory.mktemp("instance") / "corrections.sqlite3"  # the user's own are left alone
    return create_app({"TESTING": True, "DATABASE_URL": str(corrections), "RUNTIME": request.param})


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture(scope="session")
def server():
    """Run the production server for as long as the tests do."""
    from tests.server import Server

    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """Make a folder with MNIST and the pen digits, such as --data-dir names."""
    from model import pendigits
    from tests.made_data import some_mnist, some_pen_digits

    folder = tmp_path_factory.mktemp("data")
    write_mnist(folder, *some_mnist(360), *some_mnist(50))
    (folder / "pen-digits").mkdir()
    (folder / "pen-digits" / pendigits.FILE).write_text(some_pen_digits())
    return folder


@pytest.fixture
def run(data, tmp_path, monkeypatch):
    """Run train.py on the data that the tests made, with its results in tmp_path."""
    import train
    from model import installing

    # An export takes seconds, and has tests of its own; one of those of train.py switches it on again.
    monkeypatch.setattr(installing, "export", lambda *_: None)

    def command(*arguments: str) -> int:
        few = ["--batch-size", "32", "--glyphs", "40", "--nondigits", "40", "--cuts", "20"]
        return train.main(["--data-dir", str(data), "--out", str(tmp_path), *few, *arguments])

    return command
