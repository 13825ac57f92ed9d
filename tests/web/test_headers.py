"""Security headers and CORS."""

import contextlib
import re

import pytest

from app import create_app
from tests.helpers.drawings import ROOT, png_of
from tests.web.test_bad_input import check_problem
from web.headers import SECURITY

SEVEN = png_of("7")
FRIEND, STRANGER = "https://friend.example", "https://friend.example.evil.example"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("POST", "/"),
        ("GET", "/corrections/"),
        ("GET", "/healthz"),
        ("POST", "/predict"),
        ("GET", "/nowhere"),
        ("DELETE", "/predict"),
        ("GET", "/static/page.js"),
    ],
)
def test_every_answer_has_them(client, method, path):
    with contextlib.closing(client.open(path, method=method)) as answer:
        assert {name: answer.headers.get(name) for name in dict(SECURITY)} == dict(SECURITY)


def test_they_say_what_they_should(client):
    headers = client.get("/").headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert {policy[name] for name in ("default-src", "frame-ancestors", "base-uri")} == {"'none'"}
    assert {policy[name] for name in ("style-src", "form-action")} == {"'self'"}
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"  # WebAssembly, but no eval()
    assert not re.search(r"\*|unsafe-(inline|eval)(?<!wasm-unsafe-eval)|http", headers["Content-Security-Policy"])
    assert headers["X-Content-Type-Options"] == "nosniff"
    for name in ("Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"):
        assert headers[name] == "same-origin"
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(headers["Permissions-Policy"].split(", "))


def test_a_mistake_of_ours_has_them_and_no_variable_shows_it_to_clients(monkeypatch, tmp_path):
    for name in ("FLASK_DEBUG", "DIGITPAD_DEBUG", "DIGITPAD_TESTING", "DIGITPAD_PROPAGATE_EXCEPTIONS"):
        monkeypatch.setenv(name, "1")
    app = create_app({"WEIGHTS": str(tmp_path)})
    assert not app.debug
    monkeypatch.setattr("web.answers.pick", lambda name: 1 / 0)
    answer = app.test_client().post("/predict", data=SEVEN, content_type="image/png")
    check_problem(answer, 500)
    assert "division" not in answer.text
    assert answer.headers["Content-Security-Policy"] == dict(SECURITY)["Content-Security-Policy"]


def test_nothing_in_the_pages_needs_an_exception():
    for path in (ROOT / "templates").glob("*.html"):
        text = path.read_text()
        assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", text), path
        assert not re.search(r"<script(?![^>]*(src=|application/json))", text), path


@pytest.fixture(scope="module")
def shared():
    return create_app({"CORS_ORIGINS": f"{FRIEND}, http://127.0.0.1:9000"}).test_client()


def preflight(client, path: str, origin: str, method: str = "POST"):
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    return client.options(path, headers={**headers, "Access-Control-Request-Headers": "content-type"})


@pytest.mark.parametrize("origin", [FRIEND, "http://127.0.0.1:9000"])
def test_a_named_site_may_ask(shared, origin):
    allowed = preflight(shared, "/predict", origin)
    assert allowed.headers["Access-Control-Allow-Origin"] == origin
    assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
    assert allowed.headers["Access-Control-Allow-Headers"].lower() == "content-type"
    answer = shared.post("/predict", data=SEVEN, content_type="image/png", headers={"Origin": origin})
    assert answer.json["label"] == "7"
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "Origin" in answer.vary
    assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After, X-Request-ID"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    refused = shared.post("/predict", headers={"Origin": origin})  # it can read why it was refused
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (400, origin)
    assert shared.get("/models/digitpad", headers={"Origin": origin}).headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize(
    "origin", [STRANGER, "null", "http://friend.example", "https://xfriend.example", f"{FRIEND}:1"]
)
def test_no_other_site_may(shared, origin):
    assert "Access-Control-Allow-Origin" not in preflight(shared, "/predict", origin).headers
    answer = shared.post("/predict", data=SEVEN, content_type="image/png", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/corrections", "/corrections/1", "/", "/readyz", "/predictable"])
def test_what_is_stored_is_shared_with_no_site(shared, path):
    assert "Access-Control-Allow-Origin" not in preflight(shared, path, FRIEND, "DELETE").headers
    assert "Access-Control-Allow-Origin" not in shared.get(path, headers={"Origin": FRIEND}).headers


def test_by_default_no_site_may_ask(client):
    for origin in (FRIEND, "http://localhost", "null"):
        assert "Access-Control-Allow-Origin" not in preflight(client, "/predict", origin).headers
