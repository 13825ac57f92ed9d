"""Every way an image can say the same thing gives the same ink; what is no image is refused."""

import contextlib
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from model.preprocessing import image_files, ink
from model.preprocessing.normalize import is_blank, normalize
from tests.helpers.drawings import DRAWINGS, canvas_of, encode, ink_of
from tests.model.preprocessing.test_normalize import difference

CANVAS = canvas_of("7")
EXPECTED = normalize(ink_of("7"))


def read(image: Image.Image, kind: str = "PNG", **options) -> np.ndarray:
    return normalize(ink.read_ink(encode(image, kind, **options)))


def transparent(colour: tuple[int, int, int]) -> Image.Image:
    picture = Image.new("RGBA", CANVAS.size, (*colour, 0))
    picture.putalpha(ImageOps.invert(CANVAS))
    return picture


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("WEBP", {"lossless": True}), ("GIF", {}), ("BMP", {}), ("JPEG", {"quality": 90}), ("TIFF", {})],
)
def test_formats(kind, options):
    if kind == "TIFF":
        with pytest.raises(image_files.UnknownFormat):
            read(CANVAS, kind)
    else:
        assert difference(read(CANVAS, kind, **options), EXPECTED) < 0.03


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(CANVAS.convert("RGB"), id="black on white"),
        pytest.param(ImageOps.invert(CANVAS), id="white on black"),
        pytest.param(ImageOps.colorize(CANVAS, "navy", "lightyellow"), id="blue on yellow"),
        pytest.param(ImageOps.colorize(CANVAS, "yellow", "white"), id="yellow on white"),
        pytest.param(ImageOps.colorize(CANVAS, "red", "green"), id="red on green"),
        pytest.param(ImageOps.colorize(CANVAS, "#999", "#bbb"), id="pencil on grey"),
        pytest.param(transparent((0, 0, 0)), id="black on nothing"),
        pytest.param(transparent((255, 255, 255)), id="white on nothing"),
        pytest.param(transparent((220, 30, 60)), id="red on nothing"),
        pytest.param(CANVAS.convert("CMYK").convert("RGB"), id="from CMYK"),
        pytest.param(CANVAS.convert("1", dither=Image.Dither.NONE), id="one bit"),
        pytest.param(CANVAS.convert("P"), id="palette"),
        pytest.param(CANVAS.convert("LA"), id="grey with alpha"),
        pytest.param(Image.fromarray(np.asarray(CANVAS).astype(np.uint16) * 257), id="16 bits"),
        pytest.param(Image.fromarray(np.asarray(CANVAS).astype(np.uint16) * 16), id="12 bits in 16"),
    ],
)
def test_colours_and_modes(image):
    assert difference(read(image), EXPECTED) < 0.05


@given(label=st.sampled_from(sorted(DRAWINGS)), paper=st.integers(0, 255), pen=st.integers(0, 255))
def test_polarity_and_contrast_make_no_difference(label, paper, pen):
    coverage = ink_of(label).astype(np.float32) / 255
    coverage = np.pad(coverage, 20)
    picture = Image.fromarray((paper + (pen - paper) * coverage).round().astype(np.uint8))
    if abs(paper - pen) < 24:
        assert is_blank(ink.read_ink(encode(picture)))
    elif abs(paper - pen) > 40:
        assert difference(read(picture), normalize(ink_of(label))) < 0.06


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_turns_the_image_upright(orientation):
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = CANVAS if undo is None else CANVAS.transpose(undo)
    assert difference(read(stored, "JPEG", quality=95, exif=exif), EXPECTED) < 0.03
    large = stored.resize((2240, 2240), Image.Resampling.BICUBIC)  # reduced on the way in: it must turn all the same
    assert difference(read(large, "PNG", exif=exif), EXPECTED) < 0.05


def test_palette_with_transparency():
    picture = Image.new("P", CANVAS.size, 0)
    picture.putpalette([255, 0, 0, 0, 0, 0])
    picture.paste(1, mask=ImageOps.invert(CANVAS).point(lambda value: 255 if value > 127 else 0))
    assert difference(read(picture, "GIF", transparency=0), EXPECTED) < 0.1


def test_an_opaque_page_with_transparent_corners_keeps_its_paper():
    page = CANVAS.convert("RGBA")
    page.paste((0, 0, 0, 0), (0, 0, 280, 20))
    assert difference(read(page), EXPECTED) < 0.03


def test_the_first_frame_of_an_animation_is_read():
    other = canvas_of("0").convert("P")
    assert difference(read(CANVAS.convert("P"), "GIF", save_all=True, append_images=[other]), EXPECTED) < 0.05


def test_a_tiny_image_is_read():
    tiny = CANVAS.crop((60, 50, 240, 230)).resize((18, 18), Image.Resampling.LANCZOS)
    assert difference(read(tiny), EXPECTED) < 0.35


def test_a_fifty_megapixel_photograph_is_read():
    photo = Image.new("L", (8000, 6250), 255)
    photo.paste(CANVAS.resize((2800, 2800)), (3000, 2000))
    assert difference(read(photo, "JPEG", quality=80), EXPECTED) < 0.06


def test_a_progressive_photograph_that_large_is_refused():
    """It cannot be reduced while it is decoded: all of it would be in memory."""
    photo = encode(Image.new("L", (5000, 4000), 255), "JPEG", progressive=True)
    with pytest.raises(image_files.TooLarge, match="smaller"):
        ink.read_ink(photo)


def test_nothing_is_refused():
    with pytest.raises(image_files.NothingToRead, match="send"):
        ink.read_ink(b"")


def png_header(width: int, height: int) -> bytes:
    """Make a PNG whose header claims a size, with next to no pixels behind it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(20_000, 20_000), (5_000, 5_000), (2**31 - 1, 1), (9_000, 9_000)])
def test_too_many_pixels_are_refused_before_they_are_decoded(size):
    with pytest.raises(image_files.TooLarge, match="million pixels"):
        ink.read_ink(png_header(*size))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(encode(CANVAS)[:200], id="truncated PNG"),
        pytest.param(encode(CANVAS, "JPEG")[:-300], id="truncated JPEG"),
        pytest.param(encode(CANVAS, "WEBP")[:-100], id="truncated WebP"),
        pytest.param(png_header(280, 280), id="PNG without its pixels"),
        pytest.param(encode(Image.new("L", (1, 1))), id="one pixel"),
        pytest.param(encode(Image.new("L", (7, 3))), id="too small for a digit"),
    ],
)
def test_damage_is_refused_with_advice(data):
    with pytest.raises(image_files.Undecodable, match=r"check|send"):
        ink.read_ink(data)


@pytest.mark.parametrize("data", [b"hello", b"%!PS-Adobe-3.0 EPSF-3.0", b"<svg/>", b"\0" * 1000, b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_image_is_refused(data):
    with pytest.raises(image_files.UnknownFormat, match="PNG"):
        ink.read_ink(data)


@given(data=st.data())
@settings(max_examples=300)
def test_damaged_files_raise_nothing_but_ink_errors(data):
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP"]))
    whole = bytearray(encode(CANVAS.resize((64, 64)), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(image_files.InkError):
        ink.read_ink(bytes(whole[: data.draw(st.integers(1, len(whole)))]))
