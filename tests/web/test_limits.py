"""Limits: on the size and time of a request, on requests at work, and on the rate of a client."""

import contextlib
import contextvars
import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from app import create_app
from model.preprocessing.normalize import Scan
from tests.helpers.drawings import canvas_of, encode, png_of
from tests.web.test_bad_input import body_of, check_problem
from web import limits, rate_limits
from web.problems import Problem

SEVEN = png_of("7")
STROKES = {"strokes": [[[20, 10], [80, 10], [45, 95]], [[40, 50], [60, 50]]], "width": 8}


def post(app, **sent):
    return app.test_client().post("/predict", **(sent or {"data": SEVEN, "content_type": "image/png"}))


@pytest.mark.parametrize("form", ["raw", "multipart", "json", "list"])
def test_pixels(app, monkeypatch, form):
    monkeypatch.setitem(app.config, "MAX_PIXELS", 280 * 280 - 1)
    answer = post(app, **body_of(SEVEN, form))
    check_problem(answer, 413)
    assert "0.078399 million pixels" in answer.json["detail"]


def test_as_many_pixels_as_are_allowed_are_read(app, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_PIXELS", 280 * 280)
    assert post(app).json["label"] == "7"
    check_problem(post(app, data=b"hello", content_type="image/png"), 415)  # and no image is not called large


@pytest.mark.parametrize(("limit", "status"), [({"MAX_STROKES": 1}, 413), ({"MAX_POINTS": 4}, 413), ({}, 200)])
def test_strokes_and_points(app, monkeypatch, limit, status):
    for setting, value in {"MAX_STROKES": 2, "MAX_POINTS": 5, **limit}.items():
        monkeypatch.setitem(app.config, setting, value)
    assert post(app, json=STROKES).status_code == status


def test_json_of_many_small_values_is_refused_before_it_is_parsed(client, monkeypatch):
    body = b'{"strokes": [' + b"[]," * 300_000 + b"[]]}"
    with monkeypatch.context() as patched:
        patched.setattr(json, "loads", lambda text: pytest.fail("parsed"))
        answer = client.post("/predict", data=body, content_type="application/json")
    check_problem(answer, 413)
    assert "168,800 values" in answer.json["detail"]


def test_as_many_points_as_are_allowed_are_read(client):
    points = [[n % 100, n % 97, 0.5] for n in range(19_999)]
    assert client.post("/predict", json={"strokes": [{"width": 3, "points": points}]}).status_code == 200


def test_a_request_that_takes_too_long_is_ended_between_images(monkeypatch):
    app = create_app({"MAX_SECONDS": 1})
    real, read = limits.time.monotonic, []
    monkeypatch.setattr(limits.time, "monotonic", lambda: real() + 0.4 * len(read))  # each image takes 0.4 s
    monkeypatch.setattr(
        "model.inference.recognizer.read_scan", lambda data, _: read.append(data) or Scan(np.zeros((1, 1), np.uint8))
    )
    files = {"image": [(io.BytesIO(SEVEN), "x") for _ in range(9)]}
    answer = post(app, data=files)
    check_problem(answer, 503)
    assert "only 3 of 9 images were read" in answer.json["detail"]
    assert len(read) == 3


def test_who_finds_no_place_is_told_to_come_again(monkeypatch):
    app = create_app({"MAX_IN_FLIGHT": 2})
    inside, leave = threading.Semaphore(0), threading.Event()

    def wait(self, files):
        inside.release()
        leave.wait(10)
        raise Problem(418, "Done", "It was let in, and this is how it ends.")

    monkeypatch.setattr("model.inference.recognizer.Recognizer.read_placed", wait)
    with ThreadPoolExecutor(2) as pool:
        held = [pool.submit(post, app) for _ in range(2)]
        for _ in held:
            inside.acquire()
        refused = post(app)
        assert app.test_client().get("/healthz").status_code == 200
        leave.set()
        assert [one.result().status_code for one in held] == [418, 418]
    check_problem(refused, 503)
    assert refused.headers["Retry-After"] == "1"
    assert post(app).status_code == 418  # there is room again


def test_who_finds_too_many_in_the_worker_is_told_to_come_again(app):
    context = contextvars.copy_context()
    context.run(limits.arrival.set, limits.Arrival(257))
    refused = context.run(post, app)
    check_problem(refused, 503)
    assert refused.headers["Retry-After"] == "1"
    for path in ("/readyz", "/static/icon.svg"):
        with contextlib.closing(context.run(app.test_client().get, path)) as answer:
            assert answer.status_code == 200
    context.run(limits.arrival.set, limits.Arrival(256))
    assert context.run(post, app).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "sent", "is_whole"),
    [
        ("POST", "/predict", {"data": SEVEN}, True),
        ("POST", "/predict", {"data": SEVEN[:300]}, True),
        ("GET", "/models", {}, True),
        ("POST", "/models", {"data": SEVEN}, False),  # refused unread
    ],
)
def test_the_worker_knows_when_a_request_is_whole(app, method, path, sent, is_whole):
    context, arrival = contextvars.copy_context(), limits.Arrival(1)
    context.run(limits.arrival.set, arrival)
    context.run(app.test_client().open, path, method=method, content_type="image/png", **sent)
    assert arrival.is_whole is is_whole


def test_few_compute_at_once_and_others_wait_their_turn_until_their_time_is_up():
    gate, far = limits.Gate(3, at_once=1), time.monotonic() + 60

    def wait_for_turn() -> str:
        with gate.turn(far):
            return "done"

    with ThreadPoolExecutor(1) as pool:
        with gate.turn(far):
            with pytest.raises(Problem, match="in time"), gate.turn(time.monotonic() + 0.05):
                pass
            other = pool.submit(wait_for_turn)
            time.sleep(0.1)
            assert not other.done()
        assert other.result(5) == "done"


def test_large_forms_are_kept_in_memory(client, monkeypatch):
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", lambda **_: pytest.fail("written to the disk"))
    picture = encode(canvas_of("7", side=1000), "BMP")
    assert len(picture) > 600_000
    form = b'--x\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n' + picture + b"\r\n--x--\r\n"
    assert client.post("/predict", data=form, content_type="multipart/form-data; boundary=x").json["label"] == "7"


@pytest.fixture(scope="module")
def limited():
    return create_app({"RATE_LIMIT": "3/minute", "PROXIES": 1})


def test_who_asks_too_often_is_told_when_to_come_again(limited):
    def ask(path: str, who: str):
        return limited.test_client().get(path, headers={"X-Forwarded-For": f"6.6.6.6, {who}"})

    assert [ask("/models", "1.1.1.1").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = ask("/", "1.1.1.1")  # at every address
    check_problem(refused, 429)
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    for path in ("/healthz", "/readyz", "/static/icon.svg"):
        with contextlib.closing(ask(path, "1.1.1.1")) as answer:
            assert answer.status_code == 200
    assert ask("/models", "1.1.1.2").status_code == 200  # other clients are not limited


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("unix", "unix"),
        ("", ""),
    ],
)
def test_a_client_is_an_address_or_a_network(app, address, name):
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert rate_limits.client() == name


def test_without_a_proxy_of_ours_nobody_can_take_another_address():
    app = create_app({"RATE_LIMIT": "1/minute"})
    asked = [app.test_client().get("/models", headers={"X-Forwarded-For": f"1.1.1.{n}"}) for n in range(2)]
    assert [answer.status_code for answer in asked] == [200, 429]


def test_behind_a_proxy_of_ours_nobody_can_take_another_host(tmp_path):
    """web/csrf.py compares the origin of a form with the host."""
    app = create_app({"PROXIES": 1, "DATABASE_URL": str(tmp_path / "x.sqlite3")})
    headers = {"Origin": "http://evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "1.1.1.1"}
    answer = app.test_client().post("/corrections/delete", data={"confirm": "all"}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_without_its_redis_each_process_counts_for_itself():
    app = create_app({"RATE_LIMIT": "2/minute", "RATE_LIMIT_STORAGE": "redis://127.0.0.1:1/0"})
    assert [app.test_client().get("/models").status_code for _ in range(3)] == [200, 200, 429]
