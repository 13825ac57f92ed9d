"""Verdicts on images that are no digit, and on ambiguous digits."""

import numpy as np
import pytest
from PIL import Image

from model.data import non_digits, templates
from model.preprocessing import strokes
from tests.helpers.drawings import DRAWINGS, encode

RUNTIMES = ("torch", "onnx")  # what a client sees is the same

DIGITS = non_digits.by_label(templates.write_digits(300, list(templates.DIGITS), np.random.default_rng(11)))


def ask(client, ink: np.ndarray) -> dict:
    paper = Image.new("L", (280, 280), 255)
    drawing = Image.fromarray(255 - ink)
    drawing.thumbnail((200, 200))
    paper.paste(drawing, (40, 40))
    return client.post("/predict", data=encode(paper), content_type="image/png").json


def test_letters_and_signs_are_refused(client):
    random, still = np.random.default_rng(3), templates.Distortion(wobble=0.02, narrowest=0.6, widest=0.8, slant=0.1)
    verdicts = {
        name: ask(client, strokes.draw(templates.write(template, random, still)))["verdict"]
        for name, template in templates.OTHERS.items()
    }
    passed = [name for name, verdict in verdicts.items() if verdict != "not-a-digit"]
    assert len(passed) <= len(verdicts) / 10, passed


@pytest.mark.parametrize("kind", ["scribble", "dots", "dashes", "several", "page", "picture"])
def test_what_is_no_digit_is_refused(client, kind):
    random = np.random.default_rng(17)  # training had other chances
    answers = [ask(client, non_digits.KINDS[kind](DIGITS, random)) for _ in range(60)]
    refused = [answer for answer in answers if answer["verdict"] == "not-a-digit"]
    assert len(refused) >= 0.85 * len(answers)
    for answer in refused:
        assert (answer["label"], answer["digit"]) == (None, None)
        assert sum(answer["probabilities"].values()) == pytest.approx(1)


def test_digits_are_not_refused(client):
    for label, drawing in DRAWINGS.items():
        for width in (4, 10, 18):
            answer = ask(client, strokes.draw(drawing, width=width))
            assert answer["label"] == label, (width, answer["verdict"])


def test_two_digits_that_are_plausible_are_both_named(client):
    # A 1 whose flag rises from level becomes a 7 at some point, and in between it could be either.
    answers = [
        ask(client, strokes.draw([[(10, 5 + lift), (50, 5), (45, 100)]], width=8)) for lift in np.linspace(0, 45, 24)
    ]
    unsure = [answer for answer in answers if answer["verdict"] == "unsure"]
    assert {answers[0]["label"], answers[-1]["label"]} == {"1", "7"}
    assert unsure
    for answer in answers:
        likeliest = sorted(answer["probabilities"], key=answer["probabilities"].get, reverse=True)[:2]
        assert answer.get("alternatives") == (likeliest if answer["verdict"] == "unsure" else None)
