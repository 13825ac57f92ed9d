"""Images of 0 and 1 are read, or refused with their reason; the noise of a dark photograph becomes no digit."""

import contextlib

import numpy as np
import pytest
from PIL import Image, ImageFilter

from model.preprocessing.image_files import LOW, Undecodable, decode
from model.preprocessing.normalize import normalize
from tests.helpers.drawings import difference, encode, ink_of
from tests.helpers.paper import read_ink

LABELS = "0123456789"
SIZES = ((8, 8), (28, 28), (40, 30), (64, 64), (120, 160), (480, 640))


def canvas(label: str) -> np.ndarray:
    """Draw a digit, (H, W) uint8, white on black."""
    return np.pad(ink_of(label), 40)


def saved(pixels: np.ndarray, kind: str = "PNG", **options) -> bytes:
    return encode(Image.fromarray(pixels.astype(np.uint8)), kind, **options)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "TIFF"])
def test_a_drawing_of_0_and_1_is_read(label, kind):
    bits = canvas(label) > 127
    small = normalize(ink_of(label)) > 127
    for pixels in (bits, ~bits, np.repeat(bits[..., None], 3, axis=2), small):
        alike = saved(pixels.astype(np.uint8) * 255, kind)
        assert np.array_equal(read_ink(saved(pixels, kind)), read_ink(alike))
    assert difference(normalize(read_ink(saved(bits, kind))), normalize(ink_of(label))) < 0.1


def test_16_bits_and_a_large_image_of_0_and_1_are_read():
    bits = (canvas("7") > 127).astype(np.uint16)
    assert read_ink(encode(Image.fromarray(bits))).max() == 255
    assert read_ink(saved(np.kron(bits, np.ones((16, 16))))).max() == 255


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("most", [2, 7, 15, LOW])
def test_a_drawing_of_few_levels_is_refused_with_the_reason(label, most):
    for ink in (canvas(label), normalize(ink_of(label)), 255 - canvas(label)):
        with pytest.raises(Undecodable, match=rf"from 0 to {most} only.* multiply them by {255 // most} before"):
            decode(saved(np.rint(ink / 255 * most)))


def test_floats_that_were_cut_to_bytes_are_refused_with_the_reason():
    random = np.random.default_rng(0)
    for label in LABELS:
        few = (normalize(ink_of(label)) > 127) & (random.random((28, 28)) < 0.3)  # of the ink that is 1.0, not 0.99
        with pytest.raises(Undecodable, match=r"from 0 to 1 only.* multiply them by 255"):
            decode(saved(few))


def test_a_drawing_of_0_and_1_is_not_read_where_it_may_be_a_dark_picture():
    bits = canvas("7") > 127
    for data in (
        saved(bits, "WEBP", lossless=True),  # no decoder says that it is
        saved(bits[40:-40, 40:-40]),  # ink at the border
        saved(ink_of("7", 200, 1) > 127),  # lines of a pixel
    ):
        with pytest.raises(Undecodable, match="from 0 to 1 only"):
            decode(data)


def dark(size: tuple[int, int], random: np.random.Generator) -> list[np.ndarray]:
    """Photograph the dark: noise of several kinds, and a gleam in the middle."""
    few = random.choice([0.01, 0.03, 0.1, 0.2, 0.35])
    smooth = Image.fromarray((random.normal(128, 40, size)).clip(0, 255).astype(np.uint8))
    smooth = np.asarray(smooth.filter(ImageFilter.GaussianBlur(float(random.choice([0.6, 1, 2])))))
    down, across = (np.linspace(-1, 1, length) for length in size)
    gleam = np.exp(-2 * (down[:, None] ** 2 + across**2)) * random.choice([0.7, 1.2, 3, 8])
    return [
        random.random(size) < few,
        random.integers(0, random.integers(2, 9), size) * (random.random(size) < 2 * few),
        random.poisson(3 * few, size).clip(0, LOW),
        smooth > np.quantile(smooth, 1 - few),
        random.poisson(gleam).clip(0, LOW),
        gleam,
        np.rint(gleam),
    ]


@pytest.mark.parametrize("size", SIZES)
def test_the_noise_of_a_dark_photograph_becomes_no_digit(recognizer, size):
    random = np.random.default_rng(0)
    for _ in range(10):
        for pixels in dark(size, random):
            with contextlib.suppress(Undecodable):
                assert recognizer.read_files([saved(pixels)])[0].verdict in ("blank", "not-a-digit")


def test_large_noise_stays_as_it_is():
    random = np.random.default_rng(0)
    for few in (0.01, 0.1, 0.3):
        noise = (random.random((200, 300)) < few).astype(np.uint8)
        assert np.array_equal(np.asarray(decode(saved(noise))), noise)


@pytest.mark.parametrize("pixels", [
    pytest.param(np.zeros((280, 280)), id="black"),
    pytest.param(np.full((280, 280), 1), id="all 1"),
    pytest.param(canvas("7") // 16 + 1, id="paper that is not 0"),
    pytest.param(canvas("7") // 15, id="17 levels above 0"),
    pytest.param(255 - canvas("7") // 64, id="light"),
    pytest.param((canvas("7") > 127)[..., None] * np.array([1, 0, 2]), id="colours"),
])  # fmt: skip
def test_other_images_stay_as_they_are(pixels):
    assert np.array_equal(np.asarray(decode(saved(pixels))), pixels.astype(np.uint8))
