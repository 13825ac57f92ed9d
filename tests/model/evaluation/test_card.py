"""The card has the weights file's description and the network's layers."""

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from model.evaluation import card
from model.inference.engines.eager import EagerEngine
from model.inference.recognizer import Recognizer
from model.networks import weights
from model.networks.description import Description
from model.networks.registry import count_parameters
from tests.helpers import weights_file
from tests.helpers.weights_file import DESCRIPTION


def make_card(description: Description) -> dict:
    engine = EagerEngine(weights.Weights(weights_file.network(), description, "sha256:0"))
    return card.card(engine.architecture(), description)


@pytest.fixture
def shown():
    return make_card(DESCRIPTION)


def test_the_architecture_adds_up(shown):
    architecture = shown["architecture"]
    assert architecture["parameters"] == count_parameters(weights_file.network())
    stem = architecture["layers"][0]
    assert (stem["kind"], stem["shape"], stem["multiplications"]) == ("Conv2d", (8, 20, 20), 8 * 20 * 20 * 25)
    assert architecture["layers"][-1]["shape"] == (10,)
    assert architecture["multiplications"] == sum(layer["multiplications"] for layer in architecture["layers"])


def test_metrics_are_given_by_class(shown):
    scores = shown["scores"]["validation"]
    assert (scores["count"], scores["correct"], scores["loss"]) == (105, 100, 0.1)
    assert scores["calibration_error"] == pytest.approx((5 * 0.5 + 100 * 0.01) / 105, abs=1e-6)
    four, nine = scores["by_class"][4], scores["by_class"][9]
    assert (four["class"], four["count"], four["precision"]) == ("4", 13, 1)
    assert four["recall"] == pytest.approx(10 / 13, abs=1e-6)
    assert (nine["recall"], nine["precision"]) == (1, pytest.approx(10 / 13, abs=1e-6))
    assert shown["confusion"]["validation"][4][9] == 3
    assert len(shown["reliability"]["test"]) == 15
    assert shown["examples"] == {"validation": 4, "test": 0}
    assert shown["refusal"]["auroc"] == 0.99
    assert [epoch["validation_accuracy"] for epoch in shown["history"]] == [0.8, 0.95]


def test_a_missing_confusion_matrix_is_left_out():
    figures = {"test": dataclasses.replace(DESCRIPTION.figures["test"], confusion=())}
    shown = make_card(dataclasses.replace(DESCRIPTION, figures=figures))
    assert shown["confusion"] == {}
    assert set(shown["scores"]["test"]) == {"count", "loss", "calibration_error"}


def test_the_card_without_a_training_record():
    shown = make_card(Description(network="digitpad", arguments=DESCRIPTION.arguments))
    assert not any(shown[name] for name in ("history", "scores", "confusion", "reliability", "examples"))
    assert shown["refusal"] is None
    assert shown["architecture"]["parameters"] > 0


def test_the_architecture_is_found_once_without_running_the_network_that_reads(monkeypatch):
    network = weights_file.network()
    recognizer = Recognizer.of(weights.Weights(network, DESCRIPTION, "sha256:0", weights_file.PICTURES), "some")
    passed = []
    network.register_forward_hook(lambda *_: passed.append(1))
    layers = recognizer.architecture
    assert passed == []
    monkeypatch.setattr(EagerEngine, "architecture", lambda _: 1 / 0)
    assert recognizer.architecture is layers


def test_the_examples_of_a_cell_are_the_stored_pictures():
    recognizer = Recognizer.of(
        weights.Weights(weights_file.network(), DESCRIPTION, "sha256:0", weights_file.PICTURES), "some"
    )
    examples = recognizer.examples("validation", "4", "9")
    assert [confidence for confidence, _ in examples] == [0.9, 0.6]
    for (_, png), picture in zip(examples, weights_file.PICTURES[1:3], strict=True):
        with Image.open(io.BytesIO(png)) as image:
            assert np.array_equal(np.array(image), picture)
    assert recognizer.examples("validation", "9", "4") == []
    assert recognizer.examples("test", "4", "9") == []
