"""The pen digits of the UCI repository: downloaded once, checked, and parsed into strokes.

Alimoglu and Alpaydin, "Pen-Based Recognition of Handwritten Digits", UCI Machine Learning Repository, data set 81,
CC BY 4.0: 7,494 digits that 30 people wrote with a pen on a tablet, in the UNIPEN text format.
"""

import io
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from model.errors import DigitpadError
from model.files import write_atomically
from model.preprocessing.arrays import Points

URL: Final = "https://archive.ics.uci.edu/static/public/81/pen+based+recognition+of+handwritten+digits.zip"
FILE: Final = "pendigits-orig.tra"
DIGITS: Final = 7494
WRITERS: Final = 30
BOX: Final = 500  # the tablet's coordinates run from 0 to 500, y upwards
LARGEST_DOWNLOAD: Final = 64 << 20  # in bytes; the real one has 6 MB
TIMEOUT: Final = 30  # in seconds, for each network operation

# Every fifth writer is held out of all training: their digits are for validation and measurements only.
HELD_OUT_WRITERS: Final = frozenset({5, 10, 15, 20, 25, 30})


class PenDigitsError(DigitpadError):
    """The pen digits are missing, or the file is not the data set. The message says what to do."""


@dataclass(frozen=True)
class PenDigit:
    """One digit as strokes of points (n, 2), x to the right and y downwards.

    Digits of the UCI repository have coordinates from 0 to 500, and writers from 1. Synthetic digits have writer 0.
    """

    label: int
    writer: int
    strokes: tuple[Points, ...]


def load(path: Path) -> list[PenDigit]:
    """Parse a copy of `pendigits-orig.tra`, and check that it is complete. Raises PenDigitsError."""
    try:
        digits = list(parse(path.read_text("ascii")))
    except (OSError, ValueError, IndexError) as error:
        raise PenDigitsError(f"{path} cannot be read as UNIPEN pen strokes ({error}).") from error
    writers = len({digit.writer for digit in digits})
    if (len(digits), writers) != (DIGITS, WRITERS):
        raise PenDigitsError(
            f"{path} holds {len(digits):,} digits by {writers} writers, not {DIGITS:,} by {WRITERS}: "
            "delete it, and it is fetched anew."
        )
    return digits


def parse(text: str) -> Iterator[PenDigit]:
    """Yield the digits of a UNIPEN text. Raises ValueError or IndexError if it is malformed."""
    label = writer = -1
    strokes: list[list[tuple[float, float]]] = []
    pen_down = False

    def finished() -> Iterator[PenDigit]:
        if label >= 0:
            yield PenDigit(label, writer, tuple(np.array(stroke) for stroke in strokes if stroke))

    for line in text.splitlines():
        word, *rest = line.split() or [""]
        if word == ".SEGMENT":  # .SEGMENT DIGIT 17 ? "8"
            yield from finished()
            label, writer, strokes, pen_down = int(rest[-1].strip('"')), -1, [], False
        elif word == ".COMMENT" and label >= 0 and writer < 0:  # .COMMENT digit writer sample
            writer = int(rest[1])
        elif word == ".PEN_DOWN":
            strokes.append([])
            pen_down = True
        elif word == ".PEN_UP":
            pen_down = False
        elif pen_down and word and not word.startswith("."):
            strokes[-1].append((float(word), BOX - float(rest[0])))
    yield from finished()


def fetch(folder: Path, url: str = URL, progress: Callable[[int, int], None] = lambda done, total: None) -> Path:
    """Download the pen digits into `folder` if they are missing. Returns the path of the checked text file.

    `progress` is called with the bytes received and the bytes expected (0 if unknown). Raises PenDigitsError when the
    repository cannot be reached or sends another file. An incomplete file is never left in `folder`.
    """
    path = folder / FILE
    if path.exists():
        return path
    try:
        text = _unpack(_download(url, progress))
        with write_atomically(path) as unchecked:
            unchecked.write_bytes(text)
            load(unchecked)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise PenDigitsError(f"the pen digits could not be fetched from {url} ({error}).") from error
    return path


def _download(url: str, progress: Callable[[int, int], None]) -> bytes:
    with urllib.request.urlopen(url, timeout=TIMEOUT) as response:  # noqa: S310 — the address is not a user's
        total = int(response.headers.get("Content-Length") or 0)
        received = io.BytesIO()
        while chunk := response.read(1 << 16):
            received.write(chunk)
            progress(received.tell(), total)
            if received.tell() > LARGEST_DOWNLOAD:
                raise ValueError("it is far larger than the data set")
    return received.getvalue()


def _unpack(archive: bytes) -> bytes:
    import unlzw3  # only the first download needs it

    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        name = next((name for name in members.namelist() if name.endswith(f"{FILE}.Z")), None)
        if name is None:
            raise ValueError(f"there is no {FILE}.Z in it")
        return unlzw3.unlzw(members.read(name))


def split_writers(digits: Sequence[PenDigit], fold: int = 0) -> tuple[list[PenDigit], list[PenDigit]]:
    """Split pen digits by writer. Fold 0 holds out HELD_OUT_WRITERS; the four other folds hold out as many others."""
    held_out = {(writer + fold) % WRITERS or WRITERS for writer in HELD_OUT_WRITERS}
    training = [digit for digit in digits if digit.writer not in held_out]
    return training, [digit for digit in digits if digit.writer in held_out]
