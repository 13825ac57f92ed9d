"""Image files → upright pixels in L or RGB, decoded safely; and pixels → PNG files.

Images come from strangers. Formats are an explicit list, sizes are checked before anything is decoded, and whatever a
damaged file makes a decoder do ends in an InkError whose message says what to do.
"""

import io
from typing import Final

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageStat, UnidentifiedImageError

from model.errors import DigitpadError

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MAX_PIXELS: Final = 16_000_000  # decoded: about 64 MB in the worst mode
MAX_JPEG_PIXELS: Final = 64_000_000  # a plain JPEG is reduced while it is decoded, so that a phone's 50 megapixels pass
MIN_SIDE: Final = 8  # in pixels, of the longer side
WORKING_SIDE: Final = 1024  # in pixels: a digit is read at 20, so larger images are averaged down first
DRAFT_SIDE: Final = 640  # in pixels, of the shorter side: a JPEG is not reduced below it while it is decoded


class InkError(DigitpadError):
    """What was sent holds no readable ink. The message says what to do."""


class NothingToRead(InkError):
    """There is no image at all."""


class UnknownFormat(InkError):
    """The bytes are in no format that is read."""


class TooLarge(InkError):
    """The image has more pixels than are decoded."""


class Undecodable(InkError):
    """The image is damaged, or too small to hold a digit."""


def check_pixels(data: bytes, most: int) -> None:
    """Raise TooLarge where an image's header tells of more than `most` pixels. What is no image is not judged here."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            pixels = image.width * image.height
    except Exception:  # whatever is the matter with it, decoding it says so
        return
    if pixels > most:
        raise TooLarge(_too_large(most))


def decode(data: bytes) -> Image.Image:
    """Decode an image file's first frame: upright, in L, RGB or opaque RGBA. Raises an InkError."""
    return _decode(data)[0]


def _decode(data: bytes) -> tuple[Image.Image, int]:
    """Decode an image, and tell how many pixels its longer side had before it was reduced."""
    if not data:
        raise NothingToRead("The image is empty: send the bytes of a PNG, JPEG, WebP, GIF or BMP file.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            sent = max(image.size)
            _check_size(image)
            return _flatten(_plain(image)), sent
    except InkError:
        raise
    except UnidentifiedImageError:
        raise UnknownFormat(
            "This is not an image in a format that is read: send a PNG, JPEG, WebP, GIF or BMP file."
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooLarge(_too_large(MAX_JPEG_PIXELS)) from None
    except Exception as error:  # decoders meet damage in their own ways: struct.error, zlib.error, IndexError…
        raise Undecodable(
            f"The image cannot be decoded ({error}): check that the file is whole, or save it again as PNG."
        ) from error


def _check_size(image: Image.Image) -> None:
    # Sizes are in the header: nothing has been decoded yet.
    if max(image.size) < MIN_SIDE:
        raise Undecodable(
            f"The image has {image.width}×{image.height} pixels, too few to hold a digit: "
            f"send one with at least {MIN_SIDE} pixels on its longer side."
        )
    if image.format in ("JPEG", "MPO") and "progressive" not in image.info:
        # Reads only the detail that is needed. A progressive file is held whole in memory all the same.
        image.draft("RGB", (DRAFT_SIDE, DRAFT_SIDE))
    if image.width * image.height > MAX_PIXELS:
        raise TooLarge(_too_large(MAX_PIXELS))


def _too_large(limit: int) -> str:
    return f"The image has more than {limit / 1_000_000:g} million pixels: send a smaller one."


def _plain(image: Image.Image) -> Image.Image:
    """Bring any mode to L, RGB or RGBA with 8 bits a channel, small enough to work on, and upright."""
    if image.mode.startswith(("I", "F")):  # Pillow's own conversion of 16-bit greys clips them
        grey = np.asarray(image, np.float32)
        image = Image.fromarray((grey * (255 / max(float(grey.max()), 255.0))).clip(0, 255).astype(np.uint8))
    elif image.mode != "RGBA" and (image.mode not in ("L", "RGB") or image.has_transparency_data):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.load()
    factor = max(image.size) // WORKING_SIDE
    ImageOps.exif_transpose(image, in_place=True)
    return image.reduce(factor) if factor > 1 else image


def _flatten(image: Image.Image) -> Image.Image:
    """Lay a transparent image on paper that its ink shows on."""
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
        # Mostly opaque, in several colours: a page with holes. The holes take the page's own colour.
        return tuple(drawn.median)
    # Strokes on nothing: white paper for dark ink, black paper for light ink.
    return (255, 255, 255) if sum(drawn.mean) < 3 * 128 else (0, 0, 0)


def read_photo(data: bytes, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Decode an image file, upright, and crop its middle to the proportions of `size` (height, width).

    Returns (3, height, width) uint8. Raises an InkError, as reading ink does.
    """
    image = ImageOps.fit(decode(data).convert("RGB"), (size[1], size[0]))
    return np.asarray(image).transpose(2, 0, 1).copy()


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Encode pixels (H, W), or (H, W, 3) in colour, as a PNG file."""
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
