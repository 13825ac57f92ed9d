"""POST /inspect: the answer of /predict, with layers, attribution and counterfactual."""

import base64
import io
import json
from functools import partial
from math import inf

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from app import create_app
from model.explain import counterfactual
from tests.helpers import weights_file
from tests.helpers.drawings import DRAWINGS, encode, image_at, png_of
from tests.web.test_bad_input import check_problem

RUNTIMES = ("torch", "onnx")  # what a client sees is the same

SEVEN = png_of("7")
STROKES = {"strokes": DRAWINGS["7"], "width": 9}


def ask(client, query: str = "", **sent) -> dict:
    answer = client.post(f"/inspect?{query}", **(sent or {"json": STROKES}))
    assert answer.status_code == 200, answer.text
    return answer.json


def bytes_of(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.uint8)


def values_of(described: dict) -> np.ndarray:
    steps = bytes_of(described["values"]).reshape(described["shape"])
    return described["low"] + steps * ((described["high"] - described["low"]) / 255)


@pytest.mark.parametrize("label", sorted(DRAWINGS))
def test_it_answers_what_predict_does(client, label):
    sent = {"data": png_of(label), "content_type": "image/png"}
    predicted = client.post("/predict?input=true", **sent).json
    found = ask(client, **sent)
    for name in set(predicted) - {"elapsed_ms", "probabilities", "confidence"}:
        assert found[name] == predicted[name]
    assert found["probabilities"] == pytest.approx(predicted["probabilities"], abs=1e-6)
    likely = np.exp(np.array([found["logits"][name] for name in "0123456789"]) / found["temperature"])
    if not found["second_look"]:
        assert list(found["probabilities"].values()) == pytest.approx((likely / likely.sum()).tolist(), abs=1e-4)
    assert list(found["logits"]) == [*"0123456789", "not-a-digit"]


def test_a_second_look_is_told(client):
    half_a_zero = {"json": {"strokes": [[[60, 10], [20, 30], [20, 70], [60, 90]]], "width": 9}}
    doubtful, clear = ask(client, **half_a_zero), ask(client)
    for found in (doubtful, clear):
        once = np.array([found["logits"][name] for name in "0123456789"]) / found["temperature"]
        once = np.exp(once - once.max()) / np.exp(once - once.max()).sum()
        # The answer is that of one forward pass exactly where there was no second look.
        said = np.allclose(once, list(found["probabilities"].values()), atol=1e-4)
        assert said is not found["second_look"]
    assert doubtful["second_look"]
    assert not clear["second_look"]


def test_the_layers_lead_from_the_image_to_the_logits(client):
    found = ask(client)
    layers = found["layers"]
    assert (layers[0]["kind"], layers[0]["shape"]) == ("input", [1, 28, 28])
    seen = values_of(layers[0])[0]
    assert np.corrcoef(seen.ravel(), np.asarray(image_at(found["input"])).ravel())[0, 1] > 0.999
    assert values_of(layers[-1]) == pytest.approx(list(found["logits"].values()), abs=0.1)
    stem = layers[1]
    assert stem["kind"] == "convolution"
    assert stem["operation"] == {"kernel": 5, "stride": 1, "padding": 0}
    assert stem["field"] == {"size": 5, "stride": 1, "start": 2, "low": 2, "high": 26}
    assert [part["kind"] for part in stem["parts"]] == ["crop", "convolution"]
    for layer in layers:
        assert bytes_of(layer["values"]).size == np.prod(layer["shape"])
        assert ("field" in layer) == (len(layer["shape"]) == 3)
        assert set(layer["from"]) <= {other["name"] for other in layers}


def test_which_layers(client):
    some, every = ask(client)["layers"], ask(client, "layers=all")["layers"]
    assert len(every) > len(some)
    assert all(len(layer["parts"]) == 1 for layer in every)
    assert [part["name"] for layer in some for part in layer["parts"]] == [layer["name"] for layer in every]
    assert "layers" not in ask(client, "layers=none")


def test_the_answer_is_small_enough_to_be_asked_for_while_drawing(client):
    assert len(client.post("/inspect", json=STROKES).data) < 40_000


@pytest.mark.parametrize("name", ["mlp", "lenet5", "resnet-mini", "cnn-dropout"])
def test_every_network_can_be_inspected(client, name):
    found = ask(client, f"model={name}")
    assert found["model"]["name"] == name
    assert values_of(found["layers"][-1]) == pytest.approx(list(found["logits"].values()), abs=0.2)


def test_the_frame_is_in_the_unit_of_the_strokes(client):
    (left, top, side), thousandth = (
        ask(client)["frame"],
        [[[x / 1000, y / 1000] for x, y in stroke] for stroke in DRAWINGS["7"]],
    )
    assert ask(client, json={"strokes": thousandth, "width": 0.009})["frame"] == pytest.approx(
        [left / 1000, top / 1000, side / 1000], rel=1e-4
    )
    points = np.concatenate([np.array(stroke) for stroke in DRAWINGS["7"]])
    assert (points.min(axis=0) > (left, top)).all()
    assert (points.max(axis=0) < (left + side, top + side)).all()


def test_why(client):
    why = ask(client, "why=true&layers=none")["why"]
    assert why["label"] == "7"
    methods = {found["method"]: found for found in why["maps"]}
    assert list(methods) == ["integrated gradients", "occlusion"]
    for found in methods.values():
        assert found["title"]
        assert values_of(found).shape == (28, 28)
        assert values_of(found).sum() == pytest.approx(found["sum"], abs=0.5)
    assert methods["integrated gradients"]["sum"] == pytest.approx(why["score"] - why["on_paper"], abs=0.6)
    assert why["score"] > why["on_paper"]
    against = ask(client, "why=true&for=4&layers=none")["why"]
    assert against["label"] == "4"
    assert against["score"] < 0 < why["score"]


def test_what_would_make_it_another_digit(client, monkeypatch):
    monkeypatch.setattr(counterfactual, "find_change", partial(counterfactual.find_change, seconds=inf))
    eight = {"data": png_of("8"), "content_type": "image/png"}
    found = ask(client, "towards=3&layers=none", **eight)
    change = found["change"]
    assert (change["label"], change["found"]) == ("3", True)
    seen, changed = (np.asarray(image_at(url), int) for url in (found["input"], change["image"]))
    erase, add = (bytes_of(change[name]).reshape(28, 28).astype(int) for name in ("erase", "add"))
    assert np.array_equal(seen - erase + add, changed)
    assert 0 < change["erased"] + change["added"] <= 0.2
    assert max(change["probabilities"], key=change["probabilities"].get) == "3"
    assert client.post("/predict", json={"image": change["image"]}).json["label"] == "3"
    missing = ask(client, "towards=1&layers=none", json={"strokes": DRAWINGS["5"]})["change"]
    assert missing == {"label": "1", "found": False, "ended": "ink"}


@pytest.mark.parametrize(
    "sent", [{"strokes": []}, {"image": base64.b64encode(encode(Image.new("L", (50, 50)))).decode()}]
)
def test_empty_paper_is_inspected_too(client, sent):
    found = ask(client, "why=true&towards=3", json=sent)
    assert found["verdict"] == "blank"
    assert found["frame"] is None
    assert not found["change"]["found"]
    assert [set(bytes_of(one["values"])) for one in found["why"]["maps"]] == [{128}, {128}]


def test_one_image_at_a_time(client):
    both = {"data": {"image": [(io.BytesIO(SEVEN), "a.png"), (io.BytesIO(SEVEN), "b.png")]}}
    for sent in (both, {"json": {"images": [base64.b64encode(SEVEN).decode()] * 2}}):
        answer = client.post("/inspect", **sent)
        check_problem(answer, 400)
        assert "One image" in answer.json["detail"]
    one = client.post("/inspect", json={"images": [base64.b64encode(SEVEN).decode()]}).json
    assert [found["label"] for found in one["results"]] == ["7"]


@pytest.mark.parametrize(
    ("query", "advice"),
    [
        ("layers=some", "steps, all, none"),
        ("why=true&for=x", "0, 1, 2"),
        ("for=3", "why=true"),
        ("towards=10", "0, 1, 2"),
        ("towards=", "0, 1, 2"),
        ("model=nobody", "digitpad"),
    ],
)
def test_what_cannot_be_asked(client, query, advice):
    answer = client.post(f"/inspect?{query}", json=STROKES)
    check_problem(answer, 400)
    assert advice in answer.json["detail"]


def test_networks_of_photographs_are_refused_as_they_are_by_predict(tmp_path):
    weights_file.save_photographs(tmp_path / "lenet-rgb.safetensors")
    client = create_app({"WEIGHTS": str(tmp_path)}).test_client()
    refused = [client.post(f"{address}?model=lenet-rgb", json=STROKES) for address in ("/inspect", "/predict")]
    check_problem(refused[0], 400)
    assert refused[0].json["detail"] == refused[1].json["detail"]
    check_problem(client.get("/models/lenet-rgb/kernels/0"), 400)


@given(
    strokes=st.lists(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), max_size=5), max_size=3),
    width=st.none() | st.floats(1e-9, 1e6),
    query=st.sampled_from(["", "why=true", "towards=4", "layers=all&why=true&towards=0"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_any_drawing_is_inspected(client, strokes, width, query):
    answer = client.post(f"/inspect?{query}", json={"strokes": strokes, "width": width})
    assert answer.status_code == 200
    json.loads(answer.data, parse_constant=pytest.fail)  # NaN and Infinity are no JSON
