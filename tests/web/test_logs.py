"""Logs: one line per request with its figures, and no content of the request."""

import io
import json
import logging
import shutil

import pytest

from model.inference.recognizer import Recognizer
from tests.helpers.drawings import DRAWINGS, ROOT, png_of
from web import logs


@pytest.fixture
def logging_app(app, monkeypatch):
    """Set up logging as in service, and restore it after the test."""
    loggers = app.logger, logging.getLogger("model"), logs.REQUESTS
    before = [(logger.handlers, logger.level, logger.propagate) for logger in loggers]
    monkeypatch.setitem(app.config, "LOG_FORMAT", "json")
    logs.init_app(app)
    yield app
    for logger, (logger.handlers, level, logger.propagate) in zip(loggers, before, strict=True):
        logger.setLevel(level)


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def ask(app, path: str, method: str = "POST", **options) -> None:
    """Send a request and read the answer to its end, as a server does."""
    with app.test_client().open(path, method=method, **options) as answer:
        answer.get_data()


def test_a_reading_has_a_line_with_its_figures(logging_app, capsys):
    body = png_of("7")
    ask(logging_app, "/predict?model=lenet5", data=body, content_type="image/png", headers={"X-Request-ID": "a-1"})
    (line,) = lines(capsys)
    assert line["message"] == "POST /predict 200"
    assert (line["id"], line["method"], line["route"], line["status"]) == ("a-1", "POST", "/predict", 200)
    assert line["bytes_in"] == len(body)
    assert line["bytes_out"] > 300
    assert line["model"] == "lenet5"
    assert line["version"].startswith("sha256:")
    assert line["verdicts"] == {"sure": 1}
    assert set(line["steps"]) == {"body", "read", "encode"}
    assert 0 < sum(line["steps"].values()) <= line["ms"] + 0.02
    assert line["steps"]["read"] > line["steps"]["body"]
    assert "T" in line["time"]


def test_numbers_batches_and_corrections_tell_their_verdicts(logging_app, store, capsys):
    ask(logging_app, "/read", json={"strokes": DRAWINGS["7"]})
    files = [(io.BytesIO(png_of(label)), "secret-name.png") for label in "31"]
    ask(logging_app, "/predict", data={"image": files})
    ask(logging_app, "/corrections", json={"strokes": DRAWINGS["7"], "label": "7"})
    number, batch, correction = lines(capsys)
    assert sum(number["verdicts"].values()) == 1
    assert batch["verdicts"] == {"sure": 2}
    assert correction["steps"].keys() == {"body", "read", "store", "encode"}


def test_a_refusal_tells_its_reason(logging_app, capsys):
    ask(logging_app, "/predict")
    ask(logging_app, "/nothing/here", method="GET")
    ask(logging_app, "/", data={})
    ask(logging_app, "/corrections/delete", data={})
    empty, lost, page, forbidden = lines(capsys)
    assert (empty["status"], empty["reason"], empty["route"]) == (400, "Nothing to read", "/predict")
    assert (lost["status"], lost["reason"], lost["route"]) == (404, "Not Found", "unknown")
    assert (page["status"], page["reason"]) == (400, "Nothing to read")
    assert (forbidden["status"], forbidden["reason"]) == (403, "Forbidden")
    assert "steps" not in lost


def test_nothing_that_was_sent_is_logged(logging_app, capsys):
    sent = {"image": (io.BytesIO(png_of("7")), "hidden-name.png")}
    ask(logging_app, "/predict?note=hidden-query", data=sent, headers={"User-Agent": "hidden-agent"})
    ask(logging_app, "/hidden-path", method="GET", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    ask(logging_app, "/models/hidden-model", method="GET")
    ask(logging_app, "/predict", method="HIDDEN")
    told = capsys.readouterr()
    assert told.out.count("\n") == 4
    assert "hidden" not in (told.out + told.err).lower()
    assert "203.0.113.9" not in told.out + told.err


def test_what_the_server_says_during_a_request_bears_its_id(logging_app, monkeypatch, capsys):
    monkeypatch.setitem(logging_app.view_functions, "health.healthz", lambda: 1 / 0)
    ask(logging_app, "/healthz", method="GET", headers={"X-Request-ID": "b-2"})
    told = capsys.readouterr()
    message = json.loads(told.err)
    assert (message["id"], message["level"], message["message"]) == ("b-2", "ERROR", "unexpected error")
    assert "ZeroDivisionError" in message["exception"]
    assert json.loads(told.out)["reason"] == "Internal Server Error"
    logging_app.logger.error("afterwards")
    assert "id" not in json.loads(capsys.readouterr().err)


def test_why_torch_runs_a_network_is_a_line_too(logging_app, tmp_path, capsys):
    shutil.copy(ROOT / "weights" / "mlp.safetensors", tmp_path)
    assert Recognizer.load(tmp_path / "mlp.safetensors", "auto").runtime == "torch"
    message = json.loads(capsys.readouterr().err)
    assert message["level"] == "WARNING"
    assert "mlp.onnx is not there" in message["message"]


def test_the_text_format_is_one_line_too(logging_app, monkeypatch, capsys):
    monkeypatch.setitem(logging_app.config, "LOG_FORMAT", "text")
    logs.init_app(logging_app)
    ask(logging_app, "/healthz", method="GET", headers={"X-Request-ID": "c-3"})
    told = capsys.readouterr().out
    assert "GET /healthz 200 id=c-3" in told
    assert told.count("\n") == 1


def test_an_application_alone_sets_no_logging_up(app):
    assert app.config["LOG_FORMAT"] == ""
    assert not logs.REQUESTS.isEnabledFor(logging.INFO)
