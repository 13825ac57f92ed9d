"""What a recipe wants to be made for a training is made, new in every variant, and kept apart from what is held out."""

import dataclasses

import pytest

from model.data import image_set, pen_digits
from model.preprocessing.network_input import Input
from model.training import mixture
from model.training.recipe import Recipe
from tests.helpers.datasets import some_pen_digits

RECIPE = Recipe(epochs=4, drawings=2, varied=1, glyphs=30, nondigits=20)


@pytest.fixture(scope="module")
def pens():
    return list(pen_digits.parse(some_pen_digits()))[:300]


def load(data, pens, recipe=RECIPE):
    return mixture.load_data("mnist", data, Input(), pens, recipe, seed=0)


def test_every_variant_holds_pen_digits_templates_and_what_is_no_digit(data, pens):
    found = load(data, pens)
    writers, unseen = pen_digits.split_writers(pens)
    assert [len(variant) for variant in found.variants] == 2 * [3 * len(writers) + 30 + 20]
    for variant in found.variants:
        assert (variant.labels == image_set.OTHER).sum() == 20
    first, second = found.variants
    assert first.digest() != second.digest()
    assert load(data, pens).digests() == found.digests()  # whatever is drawn at random, the seed decides
    assert len(found.held_out["pen validation"]) == len(unseen)
    assert set(found.others.labels.tolist()) == {image_set.OTHER}
    assert list(found.held_out)[-1] == "test"
    assert all(image_set.OTHER not in images.labels for images in found.held_out.values())


def test_without_any_of_them_there_are_no_variants(data):
    found = load(data, [], dataclasses.replace(RECIPE, glyphs=0, nondigits=0))
    assert found.variants == []
    assert found.others is None
    assert list(found.held_out) == ["validation", "test"]


def test_a_short_training_draws_once_and_a_long_one_not_without_end(data, pens):
    assert len(load(data, pens[:60], dataclasses.replace(RECIPE, epochs=1)).variants) == 1
    assert len(load(data, pens[:60], dataclasses.replace(RECIPE, epochs=100)).variants) == mixture.MOST_VARIANTS


def test_only_the_kinds_that_are_wanted_are_written(data):
    recipe = dataclasses.replace(RECIPE, kinds=("7 crossed",), nondigits=0)
    assert set(load(data, [], recipe).variants[0].labels.tolist()) == {7}
