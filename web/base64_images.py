"""Images in base64 as clients write them: a data URL, wrapped, URL-safe, unpadded, or with pluses lost in a form."""

import base64
import binascii
from typing import Final

from web.problems import Problem

ADDRESSES: Final = ("http://", "https://")
URL_SAFE: Final = str.maketrans("-_", "+/")


def decode(text: str) -> bytes:
    """Decode an image in base64 or a data URL. Raises a 400 Problem."""
    text = text.lstrip()
    if text.startswith("data:"):
        header, _, text = text.partition(",")
        if not header.endswith(";base64"):
            raise Problem(400, "Malformed image", "A data URL must be in base64: data:image/png;base64,…")
    check_no_address(text)
    for candidate in _candidates(text):
        try:
            return base64.b64decode(candidate + "=" * (-len(candidate) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
    raise Problem(400, "Malformed image", "The image is not valid base64: encode the whole file.")


def check_no_address(text: str | bytes) -> None:
    """Raise a 400 Problem where there is an address instead of an image."""
    start = text[:8] if isinstance(text, str) else text[:8].decode("latin-1")
    if start.lower().startswith(ADDRESSES):
        raise Problem(
            400, "An address, no image", "Addresses are not fetched: download the image, and send the file itself."
        )


def _candidates(text: str) -> list[str]:
    """Return what the text may stand for, the likeliest first.

    Spaces are line breaks where they leave lines of one length. Elsewhere they are what a form makes of a plus.
    """
    lines = text.translate(URL_SAFE).splitlines()
    if len({len(line) for line in lines[:-1]}) > 1:
        lines = [line.strip() for line in lines]  # else a space at the end of a line may be a plus
    text = "".join(lines)
    parts = text.split()
    joined = "".join(parts)
    if _are_lines(parts):
        return [joined]
    pluses = text.replace(" ", "+")  # even at the end, where that makes the length right
    return [pluses if len(pluses) % 4 == 0 else text.strip().replace(" ", "+"), joined]


def _are_lines(parts: list[str]) -> bool:
    if len(parts) < 2 or len(parts[-1]) > len(parts[0]) or len(parts[0]) % 4:
        return False
    is_one_length = len({len(part) for part in parts[:-1]}) == 1
    return is_one_length and (len(parts) > 2 or sum(map(len, parts)) % 4 == 0)
