"""POST /predict with every kind of body and the committed weights."""

import base64
import copy
import io

import pytest
from PIL import Image

from tests.helpers.drawings import DRAWINGS, READERS, encode, image_at, pages_of, png_of

RUNTIMES = ("torch", "onnx")  # what a client sees is the same

SEVEN = png_of("7")


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def check(result: dict, label: str) -> None:
    assert result["label"] == label
    assert result["digit"] == int(label)
    assert result["verdict"] in ("sure", "unsure")
    assert sorted(result["probabilities"]) == list("0123456789")
    assert sum(result["probabilities"].values()) == pytest.approx(1, abs=1e-9)
    assert result["confidence"] == max(result["probabilities"].values()) == result["probabilities"][label]
    assert result["model"]["name"] == "digitpad"
    assert result["model"]["version"].startswith("sha256:")
    assert result["elapsed_ms"] > 0


@pytest.mark.parametrize("label", sorted(DRAWINGS))
def test_every_digit_is_read(client, label):
    answer = client.post("/predict", data=png_of(label), content_type="image/png")
    assert answer.status_code == 200
    assert len(answer.data) < 1000
    check(answer.json, label)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"data": SEVEN, "content_type": "image/png"}, id="raw"),
        pytest.param({"data": SEVEN, "content_type": "image/*"}, id="raw, any image"),
        pytest.param({"data": {"image": (io.BytesIO(SEVEN), "7.png")}}, id="multipart"),
        pytest.param({"json": {"image": encoded(SEVEN)}}, id="base64"),
        pytest.param({"json": {"image": f"data:image/png;base64,{encoded(SEVEN)}"}}, id="data URL"),
        pytest.param({"json": {"image": encoded(SEVEN)[:76] + "\n" + encoded(SEVEN)[76:]}}, id="wrapped base64"),
        pytest.param({"json": {"strokes": DRAWINGS["7"]}}, id="strokes"),
        pytest.param({"json": {"strokes": DRAWINGS["7"], "width": 9}}, id="strokes with a width"),
        pytest.param(
            {"json": {"strokes": [{"width": 9, "points": [[*point, 0.8] for point in s]} for s in DRAWINGS["7"]]}},
            id="strokes with pressure",
        ),
        pytest.param({"json": {"strokes": [{"points": s} for s in DRAWINGS["7"]]}}, id="strokes as objects"),
        pytest.param({"json": {"strokes": [[[x * 1e-3, y * 1e-3] for x, y in s] for s in DRAWINGS["7"]]}}, id="small"),
    ],
)
def test_input_forms(client, request_):
    answer = client.post("/predict", **copy.deepcopy(request_))  # a client closes the files that it has sent
    assert answer.status_code == 200, answer.json
    check(answer.json, "7")


def test_the_width_is_that_of_each_stroke_and_pressure_scales_it(client):
    def seen(**sent):
        return client.post("/predict?input=true", json=sent).json["input"]

    def strokes(*more, **pen):
        return [{"points": [[*point, *more] for point in stroke], **pen} for stroke in DRAWINGS["7"]]

    assert seen(strokes=DRAWINGS["7"], width=12) == seen(strokes=strokes(width=12))
    assert seen(strokes=DRAWINGS["7"], width=12) == seen(strokes=strokes(0.5, width=24))
    assert seen(strokes=DRAWINGS["7"], width=12) == seen(strokes=strokes(0.5), width=24)
    assert seen(strokes=DRAWINGS["7"], width=12) != seen(strokes=strokes(width=24))


def test_the_first_page_of_a_tiff_is_read(client):
    check(client.post("/predict", data=pages_of("73"), content_type="image/tiff").json, "7")


@pytest.mark.parametrize(("form", "labels"), [("multipart", "3141592"), ("json", "3141592"), ("json", "7")])
def test_several_images_are_answered_in_order(client, form, labels):
    if form == "multipart":
        sent = {"data": {"image": [(io.BytesIO(png_of(label)), f"{label}.png") for label in labels]}}
    else:
        sent = {"json": {"images": [encoded(png_of(label)) for label in labels]}}
    answer = client.post("/predict", **sent)
    assert [result["label"] for result in answer.json["results"]] == list(labels)


def test_input_shows_the_28_by_28_pixels_that_the_network_saw(client):
    answer = client.post("/predict?input=true", data=SEVEN, content_type="image/png").json
    assert answer["input"].startswith("data:image/png;base64,")
    seen = image_at(answer["input"])
    assert (seen.size, seen.mode) == ((28, 28), "L")
    assert seen.getextrema()[1] >= 250
    # The network's input, sent as an image, is not changed.
    assert client.post("/predict?input=true", json={"image": answer["input"]}).json["input"] == answer["input"]
    assert "input" not in client.post("/predict", data=SEVEN, content_type="image/png").json


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"data": encode(Image.new("L", (280, 280), 255)), "content_type": "image/png"}, id="white"),
        pytest.param({"data": encode(Image.new("L", (280, 280), 0)), "content_type": "image/png"}, id="black"),
        pytest.param({"data": encode(Image.new("RGBA", (280, 280))), "content_type": "image/png"}, id="transparent"),
        pytest.param({"json": {"strokes": []}}, id="no strokes"),
    ],
)
def test_blank(client, sent):
    answer = client.post("/predict", **sent).json
    assert (answer["verdict"], answer["digit"], answer["label"]) == ("blank", None, None)
    assert sum(answer["probabilities"].values()) == pytest.approx(1)


@pytest.mark.parametrize("name", [path.stem for path in READERS])
def test_every_committed_network_reads_drawings(client, name):
    labels = sorted(DRAWINGS)
    read = [
        client.post(f"/predict?model={name}", data=png_of(label), content_type="image/png").json for label in labels
    ]
    assert {answer["model"]["name"] for answer in read} == {name}
    assert sum(answer["label"] == label for answer, label in zip(read, labels, strict=True)) >= 9
