"""Probes, and the files of the page."""

import pytest

from app import create_app
from tests.helpers.drawings import png_of
from tests.web.test_bad_input import check_problem

RUNTIMES = ("torch", "onnx")


def test_health_and_readiness(client):
    assert client.get("/healthz").json == {"status": "up"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json["status"] == "ready"
    assert ready.json["model"]["version"].startswith("sha256:")


@pytest.mark.parametrize("content", [None, b"", b"no weights"])
def test_without_usable_weights_it_is_up_but_not_ready(tmp_path, content):
    if content is not None:
        (tmp_path / "digitpad.safetensors").write_bytes(content)
    client = create_app({"WEIGHTS": str(tmp_path)}).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/").status_code == 200
    for answer in (client.get("/readyz"), client.post("/predict", data=png_of("7"), content_type="image/png")):
        check_problem(answer, 503)
        assert "digitpad.safetensors" in answer.json["detail"]


def test_readiness_does_a_forward_pass(app, client, monkeypatch):
    passed = []
    recognizer = app.extensions["digitpad"].loaded["digitpad"]
    real = recognizer._engine.logits
    monkeypatch.setattr(recognizer._engine, "logits", lambda images: passed.append(images) or real(images))
    client.get("/readyz")
    assert len(passed) >= 1


def test_the_page_needs_nothing_from_other_hosts(client):
    page = client.get("/")
    assert page.mimetype == "text/html"
    assert "https://" not in page.text
    assert "http://" not in page.text
