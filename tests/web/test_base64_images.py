"""Base64 as clients write it, and what is sent in its place."""

import base64
import contextlib
import random

import pytest

from tests.helpers.drawings import png_of
from web import base64_images
from web.problems import Problem

SEVEN = png_of("7")
PLUSES = b"abc" + bytes([0xFB, 0xEF, 0xBE]) * 40  # "YWJj++++…"


def images() -> list[bytes]:
    """Make contents of every length modulo three, with many and few pluses, one at the end, and slashes."""
    generator = random.Random(0)
    made = [generator.randbytes(length) for length in (*range(40, 60), 300, 301, 302, 5000)]
    return [SEVEN, PLUSES, PLUSES[:-1] + b"\xff", *made, *(content[:-1] + b"\x3e" for content in made)]


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
@pytest.mark.parametrize("change", [
    lambda text: text,
    lambda text: text.replace("+", " "),
    lambda text: text.replace("+", "-").replace("/", "_"),
    lambda text: text.replace("+", "-").replace("/", "_").rstrip("="),
    lambda text: text.rstrip("="),
    lambda text: f"  {text}\n",
    lambda text: "\n".join(text[at : at + 76] for at in range(0, len(text), 76)),
    lambda text: "\r\n  ".join(text[at : at + 64] for at in range(0, len(text), 64)) + "\r\n",
    lambda text: " ".join(text[at : at + 76] for at in range(0, len(text), 76)),
    lambda text: " ".join(text[at : at + 4] for at in range(0, len(text), 4)),
], ids=["as it is", "pluses are spaces", "URL-safe", "URL-safe, unpadded", "unpadded", "spaces around it", "wrapped",
        "indented", "wrapped by spaces", "in groups"])  # fmt: skip
def test_base64_is_read_as_clients_write_it(change, prefix):
    for content in images():
        assert base64_images.decode(prefix + change(base64.b64encode(content).decode())) == content


def test_wrapped_base64_whose_pluses_are_spaces_is_read():
    text = base64.b64encode(SEVEN).decode().replace("+", " ")
    wrapped = "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    assert any(line != line.strip() for line in wrapped.splitlines())
    assert base64_images.decode(wrapped) == SEVEN


@pytest.mark.parametrize("text", ["%%%", "é", "=", "A", "AAAA=A", "AAAA==== x", "not base64!", "C:\\7.png", "A" * 77])
def test_what_is_no_base64_is_refused(text):
    with pytest.raises(Problem, match="not valid base64") as refused:
        base64_images.decode(text)
    assert refused.value.status == 400


def test_millions_of_spaces_take_no_time():
    for text in (" " * 3_000_000, "A " * 1_500_000, " \n" * 1_500_000):
        with contextlib.suppress(Problem):
            base64_images.decode(text)
