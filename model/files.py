"""Reading files whole, and replacing them atomically."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from model.errors import FileError

WEIGHTS: Final = Path(__file__).parents[1] / "weights"

LARGEST: Final = 2_000_000_000  # bytes, of a file that is read


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError in the block, which writes `path`, into a FileError that says so."""
    try:
        yield
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"{path} cannot be written ({error.strerror or error}).") from error


@contextmanager
def write_atomically(path: Path) -> Iterator[Path]:
    """Yield a temporary path that replaces `path` when the block ends, unless it raises.

    A reader sees the old file or the new one, even after a crash or on a full disk. Makes the folder of `path` if there
    is none. Raises FileError.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        temporary = Path(name)
        try:
            os.close(descriptor)
            yield temporary
            with open(temporary, "rb") as file:
                os.fsync(file.fileno())
            umask = os.umask(0)
            os.umask(umask)
            temporary.chmod(0o666 & ~umask)  # mkstemp makes it 0600, which the server's user cannot read
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def read_whole(path: Path | str, most: int = LARGEST) -> bytes:
    """Read a file into memory, so that truncating or replacing it later does no harm.

    (A process is killed when it reads a mapped file beyond its new end.) Raises OSError if it is not a regular file, or
    has more than `most` bytes.
    """
    with open(path, "rb", opener=_at_once) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError("it is no regular file")
        if status.st_size > most:
            raise OSError(f"it has more than {most:,} bytes")
        return file.read(most)


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # opening a pipe would wait for a writer
