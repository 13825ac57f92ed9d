"""Image files → upright pixels in L or RGB, decoded safely; and pixels → PNG files.

The files are untrusted. Only the listed formats are read, sizes are checked before anything is decoded, and any error
of a decoder becomes an InkError whose message says what to do.
"""

import io
import threading
import warnings
from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, ImageStat, UnidentifiedImageError

from model.errors import DigitpadError
from model.preprocessing import tiff
from model.preprocessing.arrays import Ink
from model.preprocessing.components import find_components
from model.preprocessing.flat import contrast_to_paper, is_flat

FORMATS: Final[tuple[str, ...]] = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
NAMES: Final = "PNG, JPEG, WebP, GIF, BMP or TIFF"  # for messages
MAX_PIXELS: Final = 16_000_000  # 64 MB when decoded with 4 bytes a pixel
MAX_JPEG_PIXELS: Final = 64_000_000  # a baseline JPEG is reduced while it is decoded, so 50 megapixels of a phone pass
MIN_SIDE: Final = 8  # in pixels, of the longer side
WORKING_SIDE: Final = 1024  # in pixels: a digit is read at 20, so larger images are reduced first
DRAFT_SIDE: Final = 640  # in pixels, of the shorter side: decoding reduces a JPEG no further


LOSSLESS: Final = ("PNG", "GIF", "BMP", "TIFF")  # WebP may be or not
LOW: Final = 16  # of 255: the greatest value of an image of few bits, or of floats, that was saved as bytes
# A drawing in such an image, told from noise:
MIN_PHOTO: Final = 48  # in pixels, of the longer side: smaller images are no photographs
MAX_INK: Final = 0.5  # of the pixels
CLUSTERED: Final = 0.2  # how much more ink there is around ink than elsewhere: 0 in noise, 0.24 in lines of a pixel
CLEARLY_CLUSTERED: Final = 0.3
LONGEST: Final = 0.15  # of the image's shorter side: the longest part of the ink
MAX_PARTS: Final = 40
MAX_STROKE: Final = 0.5  # of the longest part, the width of strokes: a gleam is wider
MAX_BORDER: Final = 0.05  # of the image's border is ink


class InkError(DigitpadError):
    """An image cannot be read. The message says what to do."""


class NothingToRead(InkError):
    """There is no image."""


class UnknownFormat(InkError):
    """The file is in none of FORMATS."""


class TooLarge(InkError):
    """The image has too many pixels."""


class Undecodable(InkError):
    """The image is damaged, or too small to hold a digit."""


def check_pixels(data: bytes, most: int) -> None:
    """Raise TooLarge where an image's header says more than `most` pixels. Damaged files pass: `decode` judges them."""
    try:
        with _open(data) as image:
            pixels = image.width * image.height
    except Exception:  # `decode` says what is wrong
        return
    if pixels > most:
        raise TooLarge(_too_large(most))


def decode(data: bytes) -> Image.Image:
    """Decode an image file's first frame or page: upright, in L, RGB or opaque RGBA. Raises an InkError."""
    return decode_and_measure(data)[0]


def decode_and_measure(data: bytes) -> tuple[Image.Image, int]:
    """Decode an image. Returns it with the pixels that its longer side had in the file, before any reduction."""
    if not data:
        raise NothingToRead(f"The image is empty: send the bytes of a {NAMES} file.")
    try:
        with _open(data) as image:
            sent = max(image.size)
            _check_size(image)
            return _spread(_flatten(_plain(image)), image.format in LOSSLESS), sent
    except InkError:
        raise
    except UnidentifiedImageError:
        raise UnknownFormat(f"This is not an image in a format that is read: send a {NAMES} file.") from None
    except Exception as error:  # damage raises anything: struct.error, zlib.error, IndexError…
        raise Undecodable(
            f"The image cannot be decoded ({error}): check that the file is whole, or save it again as PNG."
        ) from error


_FILTERS = threading.Lock()  # catch_warnings is not thread-safe


def _open(data: bytes) -> ImageFile.ImageFile:
    """Read an image's header. Pillow has its own limits: it warns above 89 million pixels and raises above 179."""
    formats = FORMATS
    if tiff.is_tiff(data):
        tiff.check(data)
    else:
        formats = tuple(name for name in FORMATS if name != "TIFF")  # Pillow takes more headers for a TIFF's
    try:
        with _FILTERS, warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of TIFF's tags: those that matter are missed below
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=formats)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooLarge(_too_large(MAX_JPEG_PIXELS)) from None
    if image.width * image.height > MAX_JPEG_PIXELS:
        raise TooLarge(_too_large(MAX_JPEG_PIXELS))
    return image


def _check_size(image: Image.Image) -> None:
    # The size comes from the header: nothing is decoded yet.
    if max(image.size) < MIN_SIDE:
        raise Undecodable(
            f"The image has {image.width}×{image.height} pixels, too few to hold a digit: "
            f"send one with at least {MIN_SIDE} pixels on its longer side."
        )
    if image.format in ("JPEG", "MPO") and "progressive" not in image.info:
        # Decodes only the detail that is needed. A progressive file would be decoded whole all the same.
        image.draft("RGB", (DRAFT_SIDE, DRAFT_SIDE))
    if image.width * image.height > MAX_PIXELS:
        raise TooLarge(_too_large(MAX_PIXELS))


def _too_large(limit: int) -> str:
    return f"The image has more than {limit / 1_000_000:g} million pixels: send a smaller one."


def _plain(image: Image.Image) -> Image.Image:
    """Convert any mode to L, RGB or RGBA with 8 bits a channel, reduce large images, and turn them upright."""
    if image.mode.startswith(("I", "F")):  # Pillow's own conversion clips 16-bit greys
        image = _in_eight_bits(image)
    elif image.mode != "RGBA" and (image.mode not in ("L", "RGB") or image.has_transparency_data):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.load()
    factor = max(image.size) // WORKING_SIDE
    ImageOps.exif_transpose(image, in_place=True)
    return image.reduce(factor) if factor > 1 else image


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Convert a grey image with 16 or 32 bits a pixel. Its greatest value becomes 255 at most, and 1.0 does."""
    factor = max(image.size) // WORKING_SIDE
    if image.mode in ("I", "F") and factor > 1:
        image = image.reduce(factor)  # 4 bytes a pixel: reduced first
    grey = np.array(image, np.float32)
    most = float(grey.max())
    if not np.isfinite(grey).all():
        raise Undecodable(
            "The image has pixels that are not numbers (NaN) or infinite: send it with values from 0 to 1."
        )
    if image.mode == "F" and most <= 1:
        return Image.fromarray(np.rint(grey.clip(0, 1) * 255).astype(np.uint8))
    grey *= 255 / max(most, 255.0)
    return Image.fromarray(grey.clip(0, 255, out=grey).astype(np.uint8))


def _flatten(image: Image.Image) -> Image.Image:
    """Composite a transparent image on paper of a colour that its ink contrasts with."""
    if image.mode != "RGBA":
        return image
    alpha = image.getchannel("A")
    opacity = np.asarray(alpha)
    if opacity.min() == 255:
        return image
    most = int(opacity.max())
    colours = image.convert("RGB")
    mask = alpha.point(lambda value: 255 * (value > most // 2))
    paper = Image.new("RGB", image.size, _paper_under(ImageStat.Stat(colours, mask), image.width * image.height))
    paper.paste(colours, mask=alpha)
    return paper


def _paper_under(drawn: ImageStat.Stat, pixels: int) -> tuple[int, ...]:
    if 2 * drawn.count[0] > pixels and max(drawn.stddev) > 16:
        # Mostly opaque and of several colours: a page with holes, which get the page's own colour.
        return tuple(drawn.median)
    # Strokes without paper: white paper for dark ink, black paper for light ink.
    return (255, 255, 255) if sum(drawn.mean) < 3 * 128 else (0, 0, 0)


def _spread(image: Image.Image, is_lossless: bool) -> Image.Image:
    """Multiply an image of 0 and 1 by 255, if it shows a drawing: it holds bits, or floats that were saved as bytes.

    Raises Undecodable for any other drawing on a flat background that is as dark: nobody knows its range. An image that
    shows none stays as it is, since a photograph of the dark holds noise.
    """
    least, most = map(int, np.ravel(image.getchannel(0).getextrema()))
    if least > 0 or not 0 < most <= LOW:
        return image
    bands = [np.asarray(band) for band in image.split()[:3]]
    drawing = _drawing(bands[0], most) if all(np.array_equal(bands[0], band) for band in bands[1:]) else None
    if drawing is None:
        return image
    if drawing == "clear" and most == 1 and is_lossless:
        return Image.fromarray(bands[0] * np.uint8(255))
    raise Undecodable(
        f"The image's values go from 0 to {most} only, and white is 255: multiply them by {255 // most} before it is "
        "saved."
    )


def _drawing(grey: Ink, most: int) -> Literal["clear", "likely"] | None:
    """Tell whether an image of 0 to `most` shows strokes on a flat background, and no noise."""
    contrast = contrast_to_paper(grey * np.uint8(255 // most))
    mask = contrast >= 128
    share = np.count_nonzero(mask) / mask.size
    if not 0 < share <= MAX_INK or not is_flat(contrast):
        return None
    # The pixels around one of ink: in noise, as many of them are ink as anywhere.
    around = np.pad(mask, 1).astype(np.uint8)
    around = around[:, :-2] + around[:, 1:-1] + around[:, 2:]
    around = around[:-2] + around[1:-1] + around[2:] - mask
    clustering = (float(around[mask].mean()) / 8 - share) / (1 - share)
    step = max(1, max(mask.shape) // 500)
    parts = find_components(mask[::step, ::step])
    longest = int((parts.boxes[:, 2:] - parts.boxes[:, :2]).max(initial=0))
    if max(mask.shape) >= MIN_PHOTO and (clustering < CLUSTERED or step * longest < LONGEST * min(mask.shape)):
        return None
    border = np.concatenate((mask[0], mask[-1], mask[:, 0], mask[:, -1]))
    are_strokes = len(parts) <= MAX_PARTS and parts.stroke <= MAX_STROKE * longest
    is_clear = clustering >= CLEARLY_CLUSTERED and are_strokes and border.mean() <= MAX_BORDER
    return "clear" if is_clear else "likely"


def read_photo(data: bytes, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Decode an image file, crop its middle to the proportions of `size` (height, width), and resize it.

    Returns (3, height, width) uint8. Raises an InkError.
    """
    image = ImageOps.fit(decode(data).convert("RGB"), (size[1], size[0]))
    return np.asarray(image).transpose(2, 0, 1).copy()


def png_of_values(values: Sequence[float], width: int) -> bytes:
    """Encode grey values, row by row, as a PNG file. They go from 0 to 1 if none is greater, and else to 255."""
    pixels = np.array(values).reshape(-1, width)
    return encode_png(np.rint(pixels * (255 if pixels.max() <= 1 else 1)).astype(np.uint8))


def encode_png(pixels: NDArray[np.uint8], **options: Any) -> bytes:
    """Encode pixels (H, W), or (H, W, 3) in colour, as a PNG file, with these `options` of Pillow's."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", **options)
    return file.getvalue()
