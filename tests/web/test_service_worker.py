"""The service worker's script, and the weights that the page reads with on the device."""

import hashlib
import json
import re

import pytest

from tests.helpers.drawings import ROOT
from web import service_worker


def constant(text: str, name: str):
    return json.loads(re.search(rf"const {name} = (.*);", text)[1])


def test_every_file_that_it_keeps_is_served(client):
    answer = client.get("/service-worker.js")
    assert answer.mimetype == "text/javascript"
    assert "no-cache" in answer.headers["Cache-Control"]
    files, weights = constant(answer.text, "FILES"), constant(answer.text, "WEIGHTS")
    assert {"./", "static/page.js", "static/icons.svg", "static/panels/inside/panel.js"} <= set(files)
    assert len(weights) == 3
    for name in [*files, *weights]:
        with client.get(f"/{name.removeprefix('./')}") as found:
            assert found.status_code == 200, name


def test_it_changes_with_each_file_and_with_the_weights(tmp_path):
    for folder in ("static", "templates", "web/translations"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a").write_text("1")
    before = service_worker.digest(tmp_path, "sha256:1")
    assert service_worker.digest(tmp_path, "sha256:2") != before
    service_worker.digest.cache_clear()
    assert service_worker.digest(tmp_path, "sha256:1") == before
    service_worker.digest.cache_clear()
    (tmp_path / "static" / "a").write_text("2")
    assert service_worker.digest(tmp_path, "sha256:1") != before


@pytest.mark.parametrize("name", ["digitpad", "line", "ink"])
def test_the_weights_of_the_page_are_served_and_revalidated(client, name):
    with client.get(f"/weights/{name}.safetensors") as answer:
        content = (ROOT / "weights" / f"{name}.safetensors").read_bytes()
        assert hashlib.sha256(answer.data).digest() == hashlib.sha256(content).digest()
        assert "no-cache" in answer.headers["Cache-Control"]
        tag = answer.headers["ETag"]
    with client.get(f"/weights/{name}.safetensors", headers={"If-None-Match": tag}) as again:
        assert again.status_code == 304


@pytest.mark.parametrize("name", ["lenet", "nothing", "..%2Fweights%2Fdigitpad", "digitpad.onnx"])
def test_no_other_file_of_the_folder_is_sent(client, name):
    answer = client.get(f"/weights/{name}.safetensors")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
