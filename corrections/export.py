"""All corrections as a zip file, created while it is sent: a folder of PNG files per label, and one JSON file."""

import base64
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, Final

from corrections.entries import Correction

if TYPE_CHECKING:  # the server starts without the database's library
    from corrections.store import Store

FORMAT: Final = 1
AT_ONCE: Final = 10  # corrections loaded at once
IN_MEMORY: Final = 1 << 20  # in bytes, of the JSON file; a larger one is put in a temporary file


def stream(store: "Store") -> Iterator[bytes]:
    """Yield the zip file in pieces. Any of them may raise an error of `Store`."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w") as archive, tempfile.SpooledTemporaryFile(IN_MEMORY) as listing:
        listing.write(f'{{"format": {FORMAT}, "corrections": ['.encode())
        for number, correction in enumerate(store.everything(AT_ONCE)):
            archive.writestr(_entry(_file(correction), correction), correction.picture)
            listing.write((",\n" if number else "\n").encode() + json.dumps(_listed(correction)).encode())
            yield pipe.taken()
        listing.write(b"\n]}\n")
        listing.seek(0)
        with archive.open(_entry("corrections.json", None), "w") as target:
            yield from _copy(listing, target, pipe)
    yield pipe.taken()


def _copy(source: IO[bytes], target: IO[bytes], pipe: "_Pipe") -> Iterator[bytes]:
    while piece := source.read(1 << 16):
        target.write(piece)
        yield pipe.taken()


def _file(correction: Correction) -> str:
    return f"{correction.label}/{correction.id}.png"


def _entry(name: str, correction: Correction | None) -> zipfile.ZipInfo:
    # Images have the time of their correction; the JSON file has the earliest time of the zip format.
    entry = zipfile.ZipInfo(name, correction.time.timetuple()[:6] if correction else (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_STORED if correction else zipfile.ZIP_DEFLATED  # PNG is compressed already
    entry.external_attr = 0o644 << 16
    return entry


def _listed(correction: Correction) -> dict[str, Any]:
    return {
        "id": correction.id,
        "time": correction.time.isoformat(),
        "label": correction.label,
        "fold": correction.fold,
        "file": _file(correction),
        "seen": "data:image/png;base64," + base64.b64encode(correction.seen).decode(),
        "strokes": correction.strokes,
        "answer": dict(correction.answer),
        "model": {"name": correction.model, "version": correction.version},
    }


class _Pipe(io.RawIOBase):
    """The file that the zip file is written to: it holds only what was not yet taken, and cannot seek."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """Return what was written since the last call."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
