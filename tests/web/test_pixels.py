"""MNIST images as numbers in JSON are read as the same images in files are; what has another shape is refused."""

import base64
import json

import numpy as np
import pytest
from PIL import Image

from model.preprocessing.normalize import normalize
from tests.helpers.drawings import encode, image_at, ink_of
from tests.web.test_bad_input import check_problem

INK = {label: normalize(ink_of(label)) for label in "0123456789"}  # (28, 28), white on black
SEVEN = INK["7"]


@pytest.mark.parametrize("shape", [
    (784,), (28, 28), (28, 28, 1), (1, 28, 28), (1, 784), (1, 28, 28, 1), (1, 1, 28, 28), (784, 1),
])  # fmt: skip
@pytest.mark.parametrize("scale", [1, 255])
@pytest.mark.parametrize("key", ["image", "instances"])
def test_one_image(client, shape, scale, key):
    values = (SEVEN if scale == 1 else SEVEN / 255).reshape(shape).tolist()
    answer = client.post("/predict?input=true", json={key: values}).json
    if key == "instances":
        (answer,) = answer["results"]
    assert answer["label"] == "7"
    assert np.array_equal(np.asarray(image_at(answer["input"])), SEVEN)  # MNIST's own form is left as it is


@pytest.mark.parametrize("shape", [(784,), (28, 28), (28, 28, 1)])
def test_several_instances_are_answered_in_order(client, shape):
    instances = [INK[label].reshape(shape).tolist() for label in "314159"]
    answer = client.post("/predict", json={"signature_name": "serving_default", "instances": instances}).json
    assert [result["label"] for result in answer["results"]] == list("314159")


def test_the_answer_is_that_of_the_same_image_in_a_file(client):
    def answer(image, path):
        answer = client.post(path, json={"image": image}).json
        return {**answer, "elapsed_ms": 0}

    file = base64.b64encode(encode(Image.fromarray(SEVEN))).decode()
    for path in ("/predict?input=true", "/read?input=true", "/inspect"):
        assert answer(SEVEN.tolist(), path) == answer(file, path)


def test_images_in_numbers_and_in_files_can_be_mixed(client):
    file = base64.b64encode(encode(Image.fromarray(INK["4"]))).decode()
    answer = client.post("/predict", json={"images": [SEVEN.tolist(), file, (INK["2"] / 255).ravel().tolist()]}).json
    assert [result["label"] for result in answer["results"]] == ["7", "4", "2"]


def test_black_and_white_and_dark_on_light_are_read(client):
    for values in ((SEVEN > 127).astype(int), 255 - SEVEN, (SEVEN <= 127).astype(float)):
        assert client.post("/predict", json={"image": values.tolist()}).json["label"] == "7"


@pytest.mark.parametrize("value", [0, 1, 0.0, 255])
def test_an_image_of_one_value_is_blank(client, value):
    assert client.post("/predict", json={"image": [value] * 784}).json["verdict"] == "blank"


def test_a_hundred_images_are_read_and_more_are_refused(client):
    rows = (SEVEN / 255).round(3).reshape(28, 28, 1).tolist()
    assert len(client.post("/predict", json={"instances": [rows] * 100}).json["results"]) == 100
    check_problem(client.post("/predict", json={"instances": [[0] * 784] * 101}), 413)
    check_problem(client.post("/predict", json={"instances": [rows] * 1000}), 413)


ROW = [0] * 28


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        pytest.param({"image": [0] * 783}, "this is a list of shape 783", id="783"),
        pytest.param({"image": [ROW] * 27}, "this is a list of shape 27×28", id="27 rows"),
        pytest.param({"image": [[[0] * 3] * 28] * 28}, "28×28×3", id="colour"),
        pytest.param({"image": [[0] * 784] * 2}, "2×784", id="a batch of two as one image"),
        pytest.param({"image": []}, "this is a list of shape 0", id="nothing"),
        pytest.param({"image": [[]]}, "1×0", id="an empty list"),
        pytest.param({"image": [ROW] * 27 + [[0] * 27]}, "different lengths", id="a short row"),
        pytest.param({"image": [ROW] * 27 + [0]}, "different lengths", id="a number among rows"),
        pytest.param({"image": [0] * 783 + [[0]]}, "something else than numbers", id="a row among numbers"),
        pytest.param({"image": [0] * 783 + ["0"]}, "something else than numbers", id="a string"),
        pytest.param({"image": [0] * 783 + [None]}, "something else than numbers", id="null"),
        pytest.param({"image": [0] * 783 + [True]}, "something else than numbers", id="true"),
        pytest.param({"image": [0] * 783 + [float("nan")]}, "not NaN", id="NaN"),
        pytest.param({"image": [0] * 783 + [float("inf")]}, "from 0 to 255", id="infinity"),
        pytest.param({"image": [0] * 783 + [10**400]}, "from 0 to 255", id="a large number"),
        pytest.param(
            {"image": ((SEVEN / 255 - 0.1307) / 0.3081).tolist()}, "before any normalisation", id="normalised"
        ),
        pytest.param({"image": [0] * 783 + [1.02]}, "from 0 to 1", id="hardly above 1"),
        pytest.param({"instances": []}, '"instances" is empty', id="no instances"),
        pytest.param({"instances": [[0] * 784, [0] * 783]}, "783", id="one of two is short"),
        pytest.param({"instances": ["iVBORw0KGgo="]}, "this is no list", id="base64"),
        pytest.param({"instances": [{"b64": "iVBORw0KGgo="}]}, "this is no list", id="an object"),
        pytest.param({"instances": {"image": [0] * 784}}, "instances", id="no list"),
        pytest.param({"image": 7}, "a list of 784 pixels", id="a number"),
    ],
)
def test_other_shapes_and_values_are_refused(client, sent, said):
    answer = client.post("/predict", data=json.dumps(sent), content_type="application/json")
    check_problem(answer, 400)
    assert said in answer.json["detail"]


def test_values_from_0_to_16_are_refused_with_the_reason(client):
    answer = client.post("/predict", json={"image": np.rint(SEVEN / 16).tolist()})
    check_problem(answer, 422)
    assert "from 0 to 16 only" in answer.json["detail"]


def test_a_correction_may_be_in_numbers(client, store):
    answer = client.post("/corrections", json={"image": (SEVEN / 255).tolist(), "label": "7"})
    assert answer.status_code == 201
    assert answer.json["answer"]["label"] == "7"
    check_problem(client.post("/corrections", json={"instances": [SEVEN.tolist()], "label": "7"}), 400)
