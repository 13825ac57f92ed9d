"""Image files of all formats, modes and colours give the same ink; other files are refused."""

import contextlib
import struct
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from model.inference.ink import SIDE, NoInkNetwork, _scan, ink_reader, read_scan
from model.preprocessing import image_files
from model.preprocessing.normalize import is_blank, normalize
from tests.helpers.drawings import DRAWINGS, canvas_of, difference, encode, ink_of, png_header
from tests.helpers.paper import finder, photograph_of, read_ink

CANVAS = canvas_of("7")
EXPECTED = normalize(ink_of("7"))


def read(image: Image.Image, kind: str = "PNG", **options) -> np.ndarray:
    return normalize(read_ink(encode(image, kind, **options)))


def transparent(colour: tuple[int, int, int]) -> Image.Image:
    picture = Image.new("RGBA", CANVAS.size, (*colour, 0))
    picture.putalpha(ImageOps.invert(CANVAS))
    return picture


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("WEBP", {"lossless": True}), ("GIF", {}), ("BMP", {}), ("JPEG", {"quality": 90}), ("TIFF", {})],
)
def test_formats(kind, options):
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
def test_polarity_and_contrast_do_not_matter(label, paper, pen):
    assume(min(paper, pen) > 0 or max(paper, pen) > image_files.LOW)  # test_low_values.py has those
    coverage = ink_of(label).astype(np.float32) / 255
    coverage = np.pad(coverage, 20)
    picture = Image.fromarray((paper + (pen - paper) * coverage).round().astype(np.uint8))
    if abs(paper - pen) < 24:
        assert is_blank(read_ink(encode(picture)))
    elif abs(paper - pen) > 40:
        assert difference(read(picture), normalize(ink_of(label))) < 0.06


T = Image.Transpose
# The image as it is stored for each orientation but 1.
STORED = (T.FLIP_LEFT_RIGHT, T.ROTATE_180, T.FLIP_TOP_BOTTOM, T.TRANSPOSE, T.ROTATE_90, T.TRANSVERSE, T.ROTATE_270)


@pytest.mark.parametrize(("orientation", "undo"), list(enumerate((None, *STORED), 1)))
def test_exif_orientation_turns_the_image_upright(orientation, undo):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = CANVAS if undo is None else CANVAS.transpose(undo)
    assert difference(read(stored, "JPEG", quality=95, exif=exif), EXPECTED) < 0.03
    large = stored.resize((2240, 2240), Image.Resampling.BICUBIC)  # it is reduced, too
    assert difference(read(large, "PNG", exif=exif, compress_level=1), EXPECTED) < 0.05


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


def test_a_large_progressive_photograph_is_refused():
    # It cannot be reduced while it is decoded: all of it would be in memory.
    photo = encode(Image.new("L", (5000, 4000), 255), "JPEG", progressive=True)
    with pytest.raises(image_files.TooLarge, match="smaller"):
        read_ink(photo)


def test_an_empty_file_is_refused():
    with pytest.raises(image_files.NothingToRead, match="send"):
        read_ink(b"")


def with_side(kind: str, side: int) -> bytes:
    """Make a small image file whose header claims to be a square of `side` pixels."""
    if kind == "PNG":
        return png_header(side, side)
    data = bytearray(encode(Image.new("L", (16, 16)), kind, **({"lossless": True} if kind == "WEBP" else {})))
    start, form, *size = {
        "GIF": (6, "<HH", side, side),
        "BMP": (18, "<II", side, side),
        "JPEG": (data.find(b"\xff\xc0") + 5, ">HH", side, side),
        "TIFF": (10, "<HHIIHHII", 256, 4, 1, side, 257, 4, 1, side),
        "WEBP": (data.find(b"VP8L") + 9, "<I", side - 1 | side - 1 << 14),
    }[kind]
    struct.pack_into(form, data, start, *size)
    return bytes(data)


# Just above our limits, where Pillow warns, where it does not open the file, and the largest that a format knows.
SIDES = {
    "PNG": (4_001, 8_001, 12_000, 20_000, 2**31 - 1),
    "JPEG": (8_001, 12_000, 20_000, 2**16 - 1),
    "WEBP": (4_001, 8_001, 12_000, 2**14 - 1),
    "GIF": (4_001, 8_001, 12_000, 20_000, 2**16 - 1),
    "BMP": (4_001, 8_001, 12_000, 20_000, 2**31 - 1),
    "TIFF": (4_001, 8_001, 12_000, 20_000, 2**32 - 1),
}


@pytest.mark.parametrize(("kind", "side"), [(kind, side) for kind, sides in SIDES.items() for side in sides])
def test_too_many_pixels_are_refused_before_they_are_decoded(kind, side):
    with pytest.raises(image_files.TooLarge, match=f"more than {64 if side > 8_000 else 16} million pixels"):
        read_ink(with_side(kind, side))


def test_pillow_and_its_warnings_are_left_as_they_were():
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        before = warnings.filters[:]
        with pytest.raises(image_files.TooLarge):
            read_ink(png_header(12_000, 12_000))
        assert warnings.filters == before
    assert shown == []
    assert Image.MAX_IMAGE_PIXELS == 1024**3 // 12


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
def test_damaged_and_tiny_images_are_refused_with_advice(data):
    with pytest.raises(image_files.Undecodable, match=r"check|send"):
        read_ink(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"hello", id="text"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0", id="EPS"),
        pytest.param(b"<svg/>", id="SVG"),
        pytest.param(b"\0" * 1000, id="zeros"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="PNG without a header"),
    ],
)
def test_other_formats_are_refused(data):
    with pytest.raises(image_files.UnknownFormat, match="PNG"):
        read_ink(data)


SMALL_FILES = [encode(CANVAS.resize((64, 64)), kind) for kind in image_files.FORMATS]


@given(data=st.data())
@settings(max_examples=300)
def test_damaged_files_raise_nothing_but_ink_errors(data):
    whole = bytearray(data.draw(st.sampled_from(SMALL_FILES)))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(image_files.InkError):
        read_ink(bytes(whole[: data.draw(st.integers(1, len(whole)))]))


def test_a_reader_loads_the_ink_network_when_a_photograph_comes():
    assert not is_blank(ink_reader()(photograph_of("6")))


def test_without_the_ink_network_drawings_are_read_and_photographs_are_refused():
    assert not is_blank(read_scan(encode(CANVAS), None).ink)
    grain = np.random.default_rng(0).normal(200, 10, (300, 300, 3)).astype(np.uint8)
    with pytest.raises(NoInkNetwork, match=r"ink\.safetensors"):
        read_scan(encode(Image.fromarray(grain)), None)


@pytest.mark.parametrize(
    ("row", "column", "chance", "misses"),
    [
        pytest.param(40, 50, 0.05, True, id="a point on the base line"),
        pytest.param(48, 50, 0.05, True, id="a comma below it"),
        pytest.param(40, 50, 0.01, False, id="paper"),
        pytest.param(30, 23, 0.1, False, id="the soft edge of a stroke"),
        pytest.param(40, 95, 0.1, False, id="beyond the last digit"),
        pytest.param(5, 50, 0.1, False, id="above"),
    ],
)
def test_a_dim_spot_between_digits_may_be_a_point_that_was_missed(row, column, chance, misses):
    chances = np.zeros((64, 100), np.float32)
    chances[12:44, 18:22] = chances[12:44, 76:80] = 0.95  # an 11 with a gap
    chances[row, column] = max(chance, chances[row, column])
    scan = _scan(chances, (0, 0, 200, 128))
    assert scan.misses == (((column, row, 1, 1),) if misses else ())
    assert scan.magnified(2).misses == scan.misses


def test_a_row_is_looked_at_beyond_its_ends():
    """The first look may miss a small digit there: here it sees nothing of the left third."""
    picture = Image.new("RGB", (1200, 300), "white")
    for x in (250, 550, 850):
        picture.paste((0, 0, 0), (x, 100, x + 60, 200))

    def look(images: np.ndarray) -> np.ndarray:
        logits = np.where(images.mean(axis=1, keepdims=True) < 128, 9.0, -9.0)
        if images.shape[3] == SIDE:
            logits[..., : SIDE // 3] = -9
        return np.concatenate([logits, np.full_like(logits, -9)], axis=1)

    scan = replace(finder(), run=look).find(picture)
    columns = np.flatnonzero((scan.ink > 128).any(axis=0)) * scan.scale + scan.left
    assert np.count_nonzero(np.diff(columns) > 100) == 2  # between three bars
    assert abs(columns[0] - 250) < 10
    assert scan.left > 0  # and not all of the picture


@pytest.mark.parametrize(
    ("lines", "height", "longer_sides"),
    [
        pytest.param(1, 250, {SIDE}, id="a digit from several strokes"),
        pytest.param(2, 50, range(SIDE + 1, 2 * SIDE), id="two lines"),
        pytest.param(4, 50, {2 * SIDE}, id="four lines"),
    ],
)
def test_several_lines_are_looked_at_in_more_pixels(lines, height, longer_sides):
    picture = Image.new("RGB", (900, 900), "white")
    for line in range(lines):
        for x in (300, 350, 450, 500):
            picture.paste((0, 0, 0), (x, 300 + 90 * line, x + 12, 300 + height + 90 * line))

    def look(images: np.ndarray) -> np.ndarray:
        logits = np.where(images.mean(axis=1, keepdims=True) < 128, 9.0, -9.0)
        return np.concatenate([logits, np.full_like(logits, -9)], axis=1)

    scan = replace(finder(), run=look).find(picture)
    assert max(scan.ink.shape) in longer_sides


@pytest.mark.parametrize("is_lost", [True, False])
def test_a_point_that_only_the_first_look_saw_may_be_one(is_lost):
    picture = Image.new("RGB", (1200, 300), "white")
    for x in (250, 550, 850):
        picture.paste((0, 0, 0), (x, 100, x + 60, 200))
    picture.paste((60, 60, 60), (700, 180, 720, 200))

    def look(images: np.ndarray) -> np.ndarray:
        darkest = 30 if is_lost and images.shape[3] > SIDE else 128
        logits = np.where(images.mean(axis=1, keepdims=True) < darkest, 9.0, -9.0)
        return np.concatenate([logits, np.full_like(logits, -9)], axis=1)

    scan = replace(finder(), run=look).find(picture)
    assert len(scan.misses) == is_lost
    for miss in scan.misses:
        left, top, width, height = scan.sent(miss)
        assert left <= 705
        assert left + width >= 715
        assert top <= 185
        assert top + height >= 195
