"""TIFF files: the directories, checked before a decoder sees them, and the pages.

A TIFF file is a chain of directories, one for each page. A directory lists entries of a tag, a type, a count, and the
value or its offset. Pillow and libtiff believe what stands there: a small file may ask for any number of strips, each
an object in Python, and for a tile of any size, whatever the size of its image.
"""

import ctypes
import functools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import PIL

HEADERS: Final = {b"II*\0": ("<", False), b"MM\0*": (">", False), b"II+\0": ("<", True)}  # the last is a BigTIFF
COMPRESSIONS: Final = {
    1: "none", 2: "CCITT RLE", 3: "CCITT G3", 4: "CCITT G4", 5: "LZW", 7: "JPEG", 8: "deflate", 32773: "PackBits",
    32946: "deflate",
}  # fmt: skip
COMPRESSION, TILE_WIDTH, TILE_LENGTH = 259, 322, 323  # tags
TEXTS: Final = (1, 2, 6, 7)  # types of a byte a value, as profiles have them; they become one object
INTEGERS: Final = {1: "B", 3: "H", 4: "I", 16: "Q"}
MAX_ENTRIES: Final = 1_000  # of a directory
MAX_VALUES: Final = 70_000  # of an entry, such as the offsets of strips: one for each row of the highest image
MAX_TILE: Final = 4_000_000  # in pixels
MAX_PAGES: Final = 10_000


@dataclass(frozen=True)
class _Entry:
    tag: int
    type: int
    count: int
    value: int | None  # a whole number that is alone; None for all others


def is_tiff(data: bytes) -> bool:
    """Tell whether a file begins as a TIFF does."""
    return data[:4] in HEADERS


def check(data: bytes) -> None:
    """Raise ValueError where decoding the first page could take much more memory than its pixels do."""
    _keep_quiet()
    try:
        order, big, start = _header(data)
        entries, _ = _directory(data, start, order, big)
    except struct.error:
        raise ValueError("it ends within its directory") from None
    tile = {TILE_WIDTH: 1, TILE_LENGTH: 1}
    for entry in entries:
        if entry.count > MAX_VALUES and entry.type not in TEXTS:
            raise ValueError(f"tag {entry.tag} has {entry.count:,} values")
        if entry.tag in (COMPRESSION, *tile) and entry.value is None:
            raise ValueError(f"tag {entry.tag} is no whole number")
        if entry.tag == COMPRESSION and entry.value not in COMPRESSIONS:
            raise ValueError(f"compression {entry.value} is not read: LZW is")
        if entry.tag in tile:
            tile[entry.tag] = max(tile[entry.tag], entry.value or 0)
    if tile[TILE_WIDTH] * tile[TILE_LENGTH] > MAX_TILE:
        raise ValueError(f"a tile has more than {MAX_TILE / 1_000_000:g} million pixels")


def page_offsets(data: bytes) -> list[int]:
    """Return where the directory of each page is: nothing where `data` is no TIFF file."""
    return list(_walk(data)) if is_tiff(data) else []


def page(data: bytes, offset: int) -> bytes:
    """Return a file whose first page is the one with the directory at `offset`."""
    order, big, start = _header(data)
    if offset == start:
        return data
    at, form = (8, f"{order}Q") if big else (4, f"{order}I")
    return data[:at] + struct.pack(form, offset) + data[at + struct.calcsize(form) :]


def page_name(name: str, number: int) -> str:
    """Name one of several pages of the file `name`; the first has the number 1."""
    return f"{name}#page={number}"


@functools.cache
def _keep_quiet() -> None:
    """Stop libtiff from writing to the log: a line for each damaged row, so thousands for a small file.

    Pillow has no setting for that. This is the library in its Linux packages; any other goes on writing.
    """
    for path in (Path(PIL.__file__).parents[1] / "pillow.libs").glob("libtiff*"):
        silence = ctypes.CDLL(str(path)).TIFFSetErrorHandler
        silence.argtypes, silence.restype = [ctypes.c_void_p], ctypes.c_void_p
        silence(None)


def _walk(data: bytes) -> Iterator[int]:
    try:
        order, big, offset = _header(data)
        seen: set[int] = set()
        while offset and offset not in seen and len(seen) < MAX_PAGES:
            seen.add(offset)
            yield offset  # even where it cannot be read: decoding this page says so
            _, offset = _directory(data, offset, order, big)
    except (ValueError, struct.error):
        return


def _header(data: bytes) -> tuple[str, bool, int]:
    """Return the byte order, whether this is a BigTIFF, and where the first directory is."""
    order, big = HEADERS[data[:4]]
    (offset,) = struct.unpack_from(f"{order}Q", data, 8) if big else struct.unpack_from(f"{order}I", data, 4)
    return order, big, offset


def _directory(data: bytes, offset: int, order: str, big: bool) -> tuple[list[_Entry], int]:
    """Read a directory. Returns its entries, and the offset of the next one, or 0."""
    counted, listed, following = ("Q", "HHQ", "Q") if big else ("H", "HHI", "I")
    if offset > len(data):
        raise ValueError("it ends before its directory")
    (count,) = struct.unpack_from(order + counted, data, offset)
    if count > MAX_ENTRIES:
        raise ValueError(f"its directory has {count:,} entries")
    offset += struct.calcsize(order + counted)
    entries = []
    for _ in range(count):
        tag, kind, values = struct.unpack_from(order + listed, data, offset)
        offset += struct.calcsize(order + listed)
        value = (
            struct.unpack_from(order + INTEGERS[kind], data, offset)[0] if values == 1 and kind in INTEGERS else None
        )
        entries.append(_Entry(tag, kind, values, value))
        offset += struct.calcsize(order + following)
    (after,) = struct.unpack_from(order + following, data, offset)
    return entries, after
