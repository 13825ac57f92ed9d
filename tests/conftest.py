"""What all tests share: an application with the committed weights, a server, and made data sets."""

import importlib.util

import hypothesis
import pytest

from app import create_app
from corrections.entries import FILE

# The same examples in every run, however slow the machine.
hypothesis.settings.register_profile("digitpad", derandomize=True, deadline=None)
hypothesis.settings.load_profile("digitpad")

# Those that take longest begin: at the end of a run in several processes, none then waits long for another.
LONGEST = (
    "test_ray.py",
    "test_distributed.py",
    "test_finetuning.py",
    "test_train.py",
    "test_server.py",
    "test_slow_clients.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(scope="session")
def app(request, tmp_path_factory):
    """Build an application, for the runtime that a test may name."""
    corrections = tmp_path_factory.mktemp("instance") / FILE  # not the user's own
    runtime = getattr(request, "param", "auto")
    return create_app({"TESTING": True, "DATABASE_URL": str(corrections), "RUNTIME": runtime})


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture(scope="session")
def server():
    """Run the production server for as long as the tests do."""
    from tests.helpers.server import Server

    with Server().running() as server:
        yield server


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """Make a folder with MNIST and the pen digits, such as --data-dir names."""
    from model.data import pen_digits
    from tests.helpers.datasets import some_mnist, some_pen_digits, write_mnist

    folder = tmp_path_factory.mktemp("data")
    write_mnist(folder, *some_mnist(360), *some_mnist(50))
    (folder / "pen-digits").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pen_digits, "DIGITS", 600)  # instead of 7,494, which take seconds to draw
        (folder / "pen-digits" / pen_digits.FILE).write_text(some_pen_digits())
        yield folder


@pytest.fixture(scope="session", autouse=True)
def lenient():
    """Install what a test has trained on little for seconds, which misreads the guard set. Yields the real check."""
    if importlib.util.find_spec("torch") is None:  # make test-serve, which trains nothing
        yield
        return
    import train

    check = train.why_unusable
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "why_unusable", lambda *_: "")
        yield check


@pytest.fixture
def run(data, tmp_path, monkeypatch):
    """Run train.py on the data that the tests made, with its results in tmp_path."""
    import train
    from model.training import install
    from tests.helpers.datasets import FEW

    # An export takes seconds, and has tests of its own.
    monkeypatch.setattr(install, "exporter", lambda _: None)

    def command(*arguments: str) -> int:
        return train.main(["--data-dir", str(data), "--out", str(tmp_path), *FEW, *arguments])

    return command
