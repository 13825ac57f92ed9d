"""The guard set refuses weights that misread digits, and no others."""

import dataclasses
import json
from contextlib import nullcontext

import numpy as np
import pytest

from model.inference import guard
from model.inference.recognizer import Recognizer
from tests.helpers import weights_file
from tests.helpers.drawings import READERS, ROOT
from tests.helpers.paper import finder


@pytest.fixture(scope="module")
def good():
    return Recognizer.load(ROOT / "weights" / "cnn-tiny.safetensors")


@pytest.fixture
def spoilt(tmp_path):
    """Make an untrained recogniser."""
    weights_file.save(tmp_path / "spoilt.safetensors")
    return Recognizer.load(tmp_path / "spoilt.safetensors")


@pytest.mark.parametrize("path", READERS, ids=lambda path: path.stem)
def test_every_committed_network_reads_all_of_it(path):
    assert guard.misread(Recognizer.load(path)) == []


def test_it_has_three_drawings_of_each_digit_with_two_pens():
    assert sorted(label for label, _ in guard._digits()) == sorted("0123456789" * 6)


def test_untrained_weights_are_refused(good, spoilt):
    guard.check(good)
    for instead_of in (None, good):
        with pytest.raises(guard.Misread, match=r"of the 60 digits of the guard set \(a \d as "):
            guard.check(spoilt, instead_of)


def test_classes_in_another_order_are_noticed(good):
    mixed = Recognizer.load(ROOT / "weights" / "cnn-tiny.safetensors")
    mixed.description = dataclasses.replace(mixed.description, classes=tuple("1023456789"))
    with pytest.raises(guard.Misread, match="misreads 12 of the 60"):
        guard.check(mixed, good)


@pytest.mark.parametrize(("wrong", "refused"), [(guard.ALLOWED, False), (guard.ALLOWED + 1, True)])
def test_a_few_may_be_misread(good, monkeypatch, wrong, refused):
    monkeypatch.setattr(guard, "misread", lambda recognizer: [("7", "1")] * wrong)
    with pytest.raises(guard.Misread) if refused else nullcontext():
        guard.check(good)


def test_weights_that_are_no_worse_may_replace_bad_ones(spoilt):
    guard.check(spoilt, spoilt)


def test_other_classes_are_refused_only_in_place_of_digits(good, spoilt):
    spoilt.description = dataclasses.replace(spoilt.description, classes=tuple("abcdefghij"))
    guard.check(spoilt)
    guard.check(spoilt, spoilt)
    with pytest.raises(guard.Misread, match="no longer the ten digits"):
        guard.check(spoilt, good)


def test_the_drawings_are_not_those_of_the_tests():
    from tests.helpers.drawings import DRAWINGS

    examples = json.loads(guard.FILE.read_text())
    assert not any(DRAWINGS[label] in drawings for label, drawings in examples.items())


def test_an_ink_network_must_find_the_digits_of_the_guard_set(good):
    guard.check_finder(finder(), good)
    blind = dataclasses.replace(finder(), run=lambda pictures: np.full((len(pictures), 2, 192, 192), -9, np.float32))
    with pytest.raises(guard.Misread, match="ink that it finds, 10 of 10 digits are misread"):
        guard.check_finder(blind, good)
