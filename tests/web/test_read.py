"""POST /read takes the bodies of /predict and answers with a number."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.helpers.drawings import encode, image_at
from tests.helpers.number_images import row_png, strokes_of

RUNTIMES = ("torch", "onnx")  # what a client sees is the same

YEAR = row_png("2024")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"data": YEAR, "content_type": "image/png"}, id="raw"),
        pytest.param({"json": {"strokes": strokes_of("2024")}}, id="strokes"),
        pytest.param({"data": YEAR, "content_type": "image/png", "query_string": "model=lenet5"}, id="another model"),
    ],
)
def test_input_forms(client, sent):
    answer = client.post("/read", **sent)
    assert answer.status_code == 200, answer.json
    result = answer.json
    assert result["text"] == "2024"
    assert result["verdict"] in ("sure", "unsure")
    assert 0 < result["confidence"] <= 1
    assert result["elapsed_ms"] > 0
    assert result["model"]["version"].startswith("sha256:")
    assert [digit["label"] for digit in result["digits"]] == list("2024")
    edge = -10  # the pen's edge lies left of the first point
    for digit in result["digits"]:
        assert sorted(digit["probabilities"]) == list("0123456789")
        assert digit["verdict"] in ("sure", "unsure", "not-a-digit")
        assert ("alternatives" in digit) == (digit["verdict"] == "unsure")
        left, _, width, height = digit["box"]
        assert left > edge
        assert min(width, height) > 0
        edge = left + width


def test_what_the_network_saw_comes_with_every_digit_when_it_is_asked_for(client):
    assert "input" not in client.post("/read", data=YEAR, content_type="image/png").json["digits"][0]
    for digit in client.post("/read?input=true", data=YEAR, content_type="image/png").json["digits"]:
        assert image_at(digit["input"]).size == (28, 28)


def test_several_images_are_answered_in_order(client):
    texts = ["2024", "-7", "3.14"]
    images = [(io.BytesIO(row_png(text)), f"{text}.png") for text in texts]
    answer = client.post("/read", data={"image": images}).json
    assert [result["text"] for result in answer["results"]] == texts


def test_blank_and_no_number(client):
    blank = client.post("/read", json={"strokes": []}).json
    assert (blank["verdict"], blank["text"], blank["digits"]) == ("blank", None, [])
    grain = np.pad(
        np.random.default_rng(0).choice([0, 255], (300, 300), p=[0.1, 0.9]).astype(np.uint8), 20, constant_values=255
    )
    answer = client.post("/read", data=encode(Image.fromarray(grain)), content_type="image/png").json
    assert answer["verdict"] in ("not-a-number", "blank")
    assert answer["text"] is None
