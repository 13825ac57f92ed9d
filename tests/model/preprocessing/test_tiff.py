"""TIFF files of every kind are read, page by page; those that would take much memory or cannot be decoded are not."""

import os
import struct
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from model.preprocessing import tiff
from model.preprocessing.image_files import InkError, Undecodable, UnknownFormat, decode
from model.preprocessing.normalize import normalize
from tests.helpers.drawings import ROOT, canvas_of, difference, encode, ink_of
from tests.helpers.paper import read_ink

CANVAS = canvas_of("7")
EXPECTED = normalize(ink_of("7"))
GREY = np.asarray(CANVAS)
BILEVEL = CANVAS.convert("1", dither=Image.Dither.NONE)
T = Image.Transpose
# The image as it is stored for each orientation but 1.
STORED = (T.FLIP_LEFT_RIGHT, T.ROTATE_180, T.FLIP_TOP_BOTTOM, T.TRANSPOSE, T.ROTATE_90, T.TRANSVERSE, T.ROTATE_270)


def encoded(image: Image.Image, compression: str | None = None, **options) -> bytes:
    return encode(image, "TIFF", compression=compression, **options)


def with_entries(entries: dict[int, tuple[int, int, int]], data: bytes = b"") -> bytes:
    """Write a TIFF file with one directory; an entry of it is a type, a count, and a value or its offset."""
    written = b"".join(struct.pack("<HHII", tag, *entry) for tag, entry in sorted(entries.items()))
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + written + b"\0" * 4 + data


def entries_of(width: int, height: int, **more: tuple[int, int, int]) -> dict[int, tuple[int, int, int]]:
    """List the entries of a grey image of one strip; `more` by names such as t259."""
    plain = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 500, 277: 1, 278: height, 279: width * height}
    return {**{tag: (4, 1, value) for tag, value in plain.items()}, **{int(n[1:]): value for n, value in more.items()}}


@pytest.mark.parametrize(
    "data",
    [
        *(
            pytest.param(encoded(BILEVEL, compression), id=f"1 bit, {compression}")
            for compression in (None, "group3", "group4", "tiff_ccitt", "packbits", "tiff_lzw")
        ),
        *(
            pytest.param(encoded(CANVAS, compression), id=f"8 bits, {compression}")
            for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "jpeg")
        ),
        pytest.param(encoded(Image.fromarray(GREY.astype(np.uint16) * 257)), id="16 bits"),
        pytest.param(encoded(Image.fromarray(GREY.astype(np.uint16) * 257), "tiff_lzw"), id="16 bits, LZW"),
        pytest.param(encoded(Image.fromarray(GREY.astype(np.int32) * 100_000)), id="32 bits"),
        pytest.param(encoded(Image.fromarray(GREY.astype(np.float32) / 255)), id="floats from 0 to 1"),
        pytest.param(encoded(Image.fromarray(GREY.astype(np.float32) * 3)), id="larger floats"),
        pytest.param(encoded(CANVAS.convert("CMYK"), "tiff_lzw"), id="CMYK"),
        pytest.param(encoded(CANVAS.convert("YCbCr"), "jpeg"), id="YCbCr"),
        pytest.param(encoded(CANVAS.convert("P")), id="palette"),
        pytest.param(encoded(CANVAS.convert("LA"), "tiff_lzw"), id="alpha"),
        pytest.param(encoded(CANVAS, big_tiff=True), id="BigTIFF"),
    ],
)
def test_depths_colours_and_compressions(data):
    assert difference(normalize(read_ink(data)), EXPECTED) < 0.03


@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize(("orientation", "undo"), list(enumerate((None, *STORED), 1)))
def test_the_orientation_turns_the_page_upright_once(compression, bits, orientation, undo):
    wide = Image.new("L", (400, 280), 255)
    wide.paste(CANVAS, (30, 0))
    stored = wide if undo is None else wide.transpose(undo)
    if bits == 16:
        stored = Image.fromarray(np.asarray(stored).astype(np.uint16) * 257)
    data = encoded(stored, compression, tiffinfo={0x0112: orientation})
    assert decode(data).size == (400, 280)
    assert difference(normalize(read_ink(data)), EXPECTED) < 0.03


def test_large_floats_are_reduced():
    large = Image.fromarray(np.asarray(CANVAS.resize((2800, 2800))).astype(np.float32) / 255)
    assert max(decode(encoded(large, "tiff_lzw")).size) < 2048
    assert difference(normalize(read_ink(encoded(large, "tiff_lzw"))), EXPECTED) < 0.05


def test_floats_that_are_no_numbers_are_refused():
    pixels = GREY.astype(np.float32)
    pixels[3, 3] = np.nan
    with pytest.raises(Undecodable, match="NaN"):
        decode(encoded(Image.fromarray(pixels)))


@pytest.mark.parametrize("compression", [None, "group4", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_a_truncated_file_is_refused(compression):
    whole = encoded(BILEVEL, compression)
    for length in (5, 9, 60, len(whole) // 2, len(whole) - 9):
        with pytest.raises(Undecodable, match="check that the file is whole"):
            decode(whole[:length])


def test_strips_without_number_are_refused_before_they_become_objects():
    # Each of the eight million offsets would be an object of 300 bytes.
    data = with_entries(entries_of(4_000, 4_000, t273=(4, 2_000_000, 8), t279=(4, 2_000_000, 8), t278=(4, 1, 1)))
    with pytest.raises(Undecodable, match="2,000,000 values"):
        decode(data + b"\x08\0\0\0" * 2_000_000)


def test_a_tile_larger_than_its_image_is_refused():
    tiled = entries_of(64, 64, t259=(4, 1, 5), t322=(4, 1, 30_000), t323=(4, 1, 30_000), t324=(4, 1, 8), t325=(4, 1, 9))
    for tag in (273, 278, 279):
        del tiled[tag]
    with pytest.raises(Undecodable, match="a tile has more than 4 million pixels"):
        decode(with_entries(tiled) + b"\0" * 1_000)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        pytest.param({"t259": (4, 1, 50_000)}, "compression 50000", id="Zstandard"),
        pytest.param({"t259": (4, 1, 6)}, "compression 6", id="old JPEG"),
        pytest.param({"t259": (4, 2, 8)}, "no whole number", id="two compressions"),
        pytest.param({f"t{tag}": (4, 1, 0) for tag in range(1_000, 2_000)}, "1,009 entries", id="a large directory"),
    ],
)
def test_what_no_decoder_should_see_is_refused(entries, message):
    with pytest.raises(Undecodable, match=message):
        decode(with_entries(entries_of(64, 64, **entries), b"\0" * 20_000))


@pytest.mark.parametrize("header", [b"MM*\0", b"II\0*", b"MM\0+", b"IIII", b"MMMM"])
def test_other_headers_are_no_tiff(header):
    with pytest.raises(UnknownFormat):
        decode(header + encoded(CANVAS)[len(header) :])


@pytest.mark.parametrize("big", [False, True])
def test_each_page_is_a_file_of_its_own(big):
    more = [canvas_of(label) for label in "31"]
    data = encoded(BILEVEL, save_all=True, append_images=more, big_tiff=big)
    offsets = tiff.page_offsets(data)
    assert len(offsets) == 3
    assert tiff.page(data, offsets[0]) == data
    for label, offset in zip("731", offsets, strict=True):
        alone = normalize(read_ink(tiff.page(data, offset)))
        assert difference(alone, normalize(ink_of(label))) < 0.03


def test_pages_end_where_they_come_back_or_break_off():
    data = bytearray(encoded(CANVAS, save_all=True, append_images=[CANVAS]))
    first, second = tiff.page_offsets(bytes(data))
    count = struct.unpack_from("<H", data, second)[0]
    after = second + 2 + 12 * count
    for following, pages in ((first, [first, second]), (2**31, [first, second, 2**31])):
        struct.pack_into("<I", data, after, following)
        assert tiff.page_offsets(bytes(data)) == pages
    with pytest.raises(InkError):
        decode(tiff.page(bytes(data), 2**31))
    assert tiff.page_offsets(b"") == tiff.page_offsets(encode(CANVAS)) == []


DAMAGED = """
import sys
from model.preprocessing.image_files import InkError, decode
try:
    decode(sys.stdin.buffer.read())
except InkError:
    print("refused")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="libtiff is silenced on Linux")
def test_a_damaged_file_writes_nothing_to_the_log():
    data = bytearray(encoded(CANVAS, "tiff_lzw"))
    data[-2000:] = b"\xff" * 2000
    ran = subprocess.run(
        [sys.executable, "-c", DAMAGED], input=bytes(data), capture_output=True, cwd=ROOT, env=os.environ, check=True
    )
    assert ran.stderr == b""
