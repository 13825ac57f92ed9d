"""Bytes → ink: decode safely, turn upright, flatten transparency, and tell ink from paper.

Images come from strangers. Formats are an explicit list, sizes are checked before anything is decoded, and whatever a
damaged file makes a decoder do ends in an InkError whose message says what to do.
"""

import io
import warnings
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from model.normalize import Ink

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MAX_PIXELS: Final = 16_000_000  # decoded: about 64 MB in the worst mode
MAX_JPEG_PIXELS: Final = 64_000_000  # a plain JPEG is reduced while it is decoded, so that a phone's 50 megapixels pass
MIN_SIDE: Final = 8  # in pixels, of the longer side
WORKING_SIDE: Final = 1024  # in pixels: a digit is read at 20, so larger images are averaged down first

Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS
# Pillow warns above its limit and refuses above twice the limit; here one limit holds.
warnings.simplefilter("error", Image.DecompressionBombWarning)

Pixels = NDArray[np.float32]


class InkError(ValueError):
    """What was sent holds no readable ink. The message says what to do."""


class NothingToRead(InkError):
    """There is no image at all."""


class UnknownFormat(InkError):
    """The bytes are in no format that is read."""


class TooLarge(InkError):
    """The image has more pixels than are decoded."""


class Undecodable(InkError):
    """The image is damaged, or too small to hold a digit."""


def read_ink(data: bytes) -> Ink:
    """Decode an image file and separate ink from paper.

    Returns (H, W) uint8, 0 where there is paper and 255 for what differs most from it, the longer side at most about
    1,024 pixels. Raises NothingToRead, UnknownFormat, TooLarge or Undecodable.
    """
    return separate_ink(np.asarray(decode(data), np.float32))


def decode(data: bytes) -> Image.Image:
    """Decode an image file's first frame: upright, L or RGB, without transparency. Raises an InkError."""
    if not data:
        raise NothingToRead("The image is empty: send the bytes of a PNG, JPEG, WebP, GIF or BMP file.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image)
            return _flatten(_plain(image))
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
        image.draft("RGB", (WORKING_SIDE, WORKING_SIDE))
    if image.width * image.height > MAX_PIXELS:
        raise TooLarge(_too_large(MAX_PIXELS))


def _too_large(limit: int) -> str:
    return f"The image has more than {limit // 1_000_000} million pixels: send a smaller one."


def _plain(image: Image.Image) -> Image.Image:
    """Bring any mode to L, RGB or RGBA with 8 bits a channel, small enough to work on, and upright."""
    if image.mode.startswith(("I", "F")):  # Pillow's own conversion of 16-bit greys clips them
        grey = np.asarray(image, np.float32)
        image = Image.fromarray((grey * (255 / max(float(grey.max()), 255.0))).clip(0, 255).astype(np.uint8))
    elif image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode != "L":
        image = image.convert("RGB")
    factor = max(image.size) // WORKING_SIDE
    upright = ImageOps.exif_transpose(image)
    return upright.reduce(factor) if factor > 1 else upright


def _flatten(image: Image.Image) -> Image.Image:
    """Lay a transparent image on paper that its ink shows on."""
    if image.mode != "RGBA":
        return image
    pixels = np.asarray(image)
    solid = pixels[..., 3] > 127
    drawn = pixels[solid if solid.any() else pixels[..., 3] > 0][:, :3]  # (N, 3)
    paper = Image.new("RGBA", image.size, _paper_under(drawn, solid.size))
    return Image.alpha_composite(paper, image).convert("RGB")


def _paper_under(drawn: NDArray[np.uint8], pixels: int) -> tuple[int, int, int]:
    if not len(drawn):
        return 255, 255, 255
    if 2 * len(drawn) > pixels and float(drawn.std(axis=0).max()) > 16:
        # Mostly opaque, in several colours: a page with holes. The holes take the page's own colour.
        red, green, blue = np.median(drawn, axis=0).astype(int).tolist()
        return red, green, blue
    # Strokes on nothing: white paper for dark ink, black paper for light ink.
    return (255, 255, 255) if float(drawn.mean()) < 128 else (0, 0, 0)


def separate_ink(pixels: Pixels) -> Ink:
    """Measure how far each pixel of (H, W) or (H, W, 3) is from the paper, whichever is darker, in any colour.

    The paper's colour is the median along the edges of the image: a digit may touch them, but rarely fills them.
    Returns (H, W) uint8.
    """
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    paper = np.median(edges, axis=0)
    distance = np.abs(pixels - paper)
    ink: Ink = (distance.max(axis=2) if distance.ndim == 3 else distance).astype(np.uint8)
    return ink
