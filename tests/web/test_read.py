"""POST /read takes the bodies of /predict and answers with a number."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.helpers import photographs
from tests.helpers.drawings import DRAWINGS, encode, image_at
from tests.helpers.number_images import row_png, strokes_of
from tests.helpers.photographs import Conditions

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


def test_ink_and_print_on_paper_are_shown_where_they_are(client):
    conditions = Conditions(paper="squared", pen="felt", height=30.0, size=(800, 600))
    image = photographs.photograph(DRAWINGS["6"], conditions, np.random.default_rng(0))
    photograph = photographs.encode(image, conditions.quality)
    assert set(client.post("/read", data=photograph, content_type="image/jpeg").json["ink"]) == {"version"}
    ink = client.post("/read?input=true", data=photograph, content_type="image/jpeg").json["ink"]
    assert ink["print"]["box"] == pytest.approx([0, 0, 800, 600])
    printed, written = (np.asarray(image_at(part["picture"]), float) for part in (ink["print"], ink))
    assert printed.shape[1] / printed.shape[0] == pytest.approx(4 / 3, rel=0.01)
    assert (printed > 64).any(axis=0).mean() > 0.5  # squares, from side to side
    left, top, width, height = ink["box"]
    assert written.shape[1] / written.shape[0] == pytest.approx(width / height, rel=0.02)
    assert (written > 128).any()
    assert 0 < left < left + width < 800
    assert 0 < top < top + height < 600


def test_without_print_none_is_shown(client):
    drawing = client.post("/read?input=true", data=YEAR, content_type="image/png").json
    assert "ink" not in drawing
    plain = photographs.photograph(DRAWINGS["6"], Conditions(), np.random.default_rng(0))
    ink = client.post("/read?input=true", data=encode(plain), content_type="image/png").json["ink"]
    assert "print" not in ink
    assert "picture" in ink
