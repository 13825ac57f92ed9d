"""What a training makes of corrections."""

import dataclasses
import io
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from corrections.entries import FOLDS, Correction
from model.data.image_set import OTHER
from model.preprocessing import strokes
from model.preprocessing.normalize import normalize
from model.training import corrections
from tests.helpers.drawings import DRAWINGS


def correction(number: int, label: str = "7", drawn: bool = True, shape: str = "7") -> Correction:
    # Each with a pen of its own, so that no two are the same image.
    seen = normalize(strokes.draw(DRAWINGS[shape], width=4 + number / 4))
    file = io.BytesIO()
    Image.fromarray(seen).save(file, "PNG")
    points = [{"width": 9.0, "points": [[x, y, 0.5] for x, y in stroke]} for stroke in [*DRAWINGS[shape], []]]
    time = datetime(2026, 1, 2, tzinfo=UTC)
    fold = number % FOLDS
    return Correction(
        number, time, label, fold, drawn, {}, "digitpad", "", points if drawn else None, b"", file.getvalue()
    )


MANY = [correction(number) for number in range(20)]


def test_every_fifth_is_held_out_and_always_the_same():
    found = corrections.choose(MANY, with_others=True)
    assert [one.id for one in found.held_out] == [4, 9, 14, 19]
    assert len(found.training) == 16
    fewer = corrections.choose(MANY[3:], with_others=True)
    assert {one.id for one in fewer.held_out} <= {one.id for one in found.held_out}


def test_what_is_held_out_is_not_trained_on_as_another_correction():
    again = dataclasses.replace(MANY[4], id=100, fold=0, label="1")
    found = corrections.choose([*MANY, again], with_others=True)
    assert 100 not in [one.id for one in found.training]
    assert len(found.training) == 16


def test_what_is_no_digit_is_for_networks_that_can_tell():
    others = [correction(number, "none", shape="3") for number in range(20, 30)]
    assert len(corrections.choose([*MANY, *others], with_others=True).training) == 24
    assert len(corrections.choose([*MANY, *others], with_others=False).training) == 16
    assert corrections.labels(others[:2]).tolist() == [OTHER, OTHER]
    assert corrections.draw(others[:2], 4, 0).labels.tolist() == [OTHER] * 8


@pytest.mark.parametrize("some", [[], MANY[:4], [MANY[4]]])
def test_too_few_are_told(some):
    with pytest.raises(corrections.TooFew, match="five or more"):
        corrections.choose(some, with_others=True)


def test_drawings_are_seen_as_they_were_and_with_other_pens():
    images = corrections.draw(MANY[:2], 8, 0)
    assert images.labels.tolist() == [7] * 16
    as_seen = corrections.seen(MANY[:2]).images
    assert np.array_equal(as_seen[0], normalize(strokes.draw(DRAWINGS["7"], width=4)))
    same = [any(bool((image == one).all()) for one in as_seen) for image in images.images]
    assert sum(same) == 8
    others = {image.numpy().tobytes() for image, known in zip(images.images, same, strict=True) if not known}
    assert len(others) == 8
    # The pens differ, and not only their places.
    ink = [np.frombuffer(image, np.uint8).mean() for image in others]
    assert max(ink) > 1.5 * min(ink)


def test_images_without_strokes_are_shown_as_often():
    images = corrections.draw([correction(1, drawn=False), correction(2, "2")], 7, 0)
    assert images.labels.bincount()[[2, 7]].tolist() == [7, 7]


def test_the_digest_is_of_labels_and_images():
    digest = corrections.choose(MANY, with_others=True).digest()
    assert digest == corrections.choose(MANY, with_others=True).digest()
    relabelled = [dataclasses.replace(MANY[0], label="1"), *MANY[1:]]
    assert corrections.choose(relabelled, with_others=True).digest() != digest
    assert corrections.choose(MANY[1:], with_others=True).digest() != digest
