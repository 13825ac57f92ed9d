"""GET /models/NAME/kernels/LAYER: the values, and caching."""

import numpy as np
import pytest

from tests.web.test_bad_input import check_problem
from tests.web.test_inspect import ask, values_of

RUNTIMES = ("torch", "onnx")  # what a client sees is the same

STEM = "/models/digitpad/kernels/features.0.0"


def test_the_kernels_are_those_of_the_network(app, client):
    recognizer = app.extensions["digitpad"].loaded["digitpad"]
    answer = client.get(STEM).json
    assert (answer["layer"], answer["shape"], answer["bias"]) == ("features.0.0", [16, 1, 5, 5], None)
    assert answer["model"] == {"name": "digitpad", "version": recognizer.version}
    exact = recognizer.kernels()["features.0.0"].weights
    np.testing.assert_allclose(values_of(answer), exact, atol=(exact.max() - exact.min()) / 500)
    biased = client.get("/models/lenet/kernels/3").json
    assert len(biased["bias"]) == biased["shape"][0] == 16


@pytest.mark.parametrize("name", ["digitpad", "lenet5", "resnet-mini", "mlp"])
def test_every_convolution_of_a_path_has_kernels(client, name):
    for layer in ask(client, f"model={name}")["layers"]:
        answer = client.get(f"/models/{name}/kernels/{layer['name']}")
        assert answer.status_code == (200 if layer["kind"] == "convolution" else 404)
        if layer["kind"] == "convolution":
            assert answer.json["shape"][2:] == [layer["operation"]["kernel"]] * 2


def test_a_page_fetches_them_once(client):
    version = client.get(STEM).json["model"]["version"]
    for_good = client.get(STEM, query_string={"version": version})
    assert for_good.cache_control.immutable
    assert for_good.cache_control.max_age > 1e6
    for other in ("", "sha256:0"):
        asked_again = client.get(STEM, query_string={"version": other})
        assert asked_again.cache_control.no_cache
        assert not asked_again.cache_control.immutable
    same = client.get(STEM, headers={"If-None-Match": for_good.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    assert client.get(STEM, headers={"If-None-Match": '"sha256:0/features.0.0"'}).status_code == 200
    others = [
        client.get(f"/models/{name}").headers["ETag"]
        for name in ("digitpad/kernels/features.1.0", "lenet/kernels/0", "cnn-tiny/kernels/0")
    ]
    assert len({for_good.headers["ETag"], *others}) == 4


@pytest.mark.parametrize(
    ("address", "advice"),
    [
        ("/models/nobody/kernels/0", "digitpad"),
        ("/models/digitpad/kernels/nothing", "features.0.0, features.1.0"),
        ("/models/digitpad/kernels/classifier.1", "features.0.0"),
        ("/models/mlp/kernels/1", "no convolutions"),
    ],
)
def test_what_there_is_not(client, address, advice):
    answer = client.get(address)
    check_problem(answer, 404)
    assert advice in answer.json["detail"]
