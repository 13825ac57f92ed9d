"""Non-digits are never blank, and vary."""

import numpy as np
import pytest

from model.data import image_set, non_digits, rendering, templates
from model.preprocessing.normalize import is_blank, normalize

DIGITS = templates.write_digits(300, list(templates.DIGITS), np.random.default_rng(5))


@pytest.mark.parametrize("kind", non_digits.KINDS)
def test_every_kind_leaves_ink_and_varies(kind):
    random, digits = np.random.default_rng(0), non_digits.by_label(DIGITS)
    images = [normalize(non_digits.KINDS[kind](digits, random)) for _ in range(40)]
    assert not any(is_blank(image) for image in images)
    assert len({image.tobytes() for image in images}) > 10


@pytest.mark.parametrize("kind", non_digits.KINDS)
def test_one_class_of_digits_is_enough(kind):
    ones = non_digits.by_label([digit for digit in DIGITS if digit.label == 1])
    assert non_digits.KINDS[kind](ones, np.random.default_rng(0)).any()


def test_halves_are_narrower_than_digits():
    zeros = non_digits.by_label([digit for digit in DIGITS if digit.label == 0])
    random = np.random.default_rng(0)
    shapes = [non_digits.half(zeros, random).shape for _ in range(30)]
    assert np.median([width / height for height, width in shapes]) < 0.4


def test_letters_may_be_wider_than_any_digit(monkeypatch):
    monkeypatch.setattr(templates, "OTHERS", {"alpha": templates.OTHERS["alpha"]})
    random = np.random.default_rng(0)
    shapes = [non_digits.letter(non_digits.by_label(DIGITS), random).shape for _ in range(60)]
    assert max(width / height for height, width in shapes) > 1.4


def test_without_pen_digits_templates_are_used_and_progress_is_called_for_each_image():
    calls = []
    made = rendering.make_nondigits(5, [], 0, ["several"], progress=lambda: calls.append(1))
    assert made.images.amax(dim=(1, 2)).min() > 200
    assert made.labels.tolist() == 5 * [image_set.OTHER]
    assert len(calls) == 5
