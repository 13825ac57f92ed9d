"""Metrics, with one process and with several."""

import io
import os
import re
import runpy
import signal
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.helpers.drawings import ROOT, png_of
from tests.helpers.server import Server, post, wait_for
from web import metrics, server_folder

Samples = dict[tuple[str, frozenset], float]


def parse(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    """Return the sum of the samples with this name and these labels."""
    wanted = set(labels.items())
    return sum(found for (known, has), found in samples.items() if known == name and wanted <= has)


@pytest.fixture
def since(client):
    """Return the growth of a sample since the start of the test."""
    before = parse(client.get("/metrics").text)

    def grown(name: str, **labels: str) -> float:
        return value(parse(client.get("/metrics").text), name, **labels) - value(before, name, **labels)

    return grown


def test_requests_are_counted_and_timed_by_route(client, since):
    for path in ("/models/digitpad", "/models/lenet5", "/models/none"):
        client.get(path)
    assert since("digitpad_requests_total", route="/models/<name>", method="GET", status="200") == 2
    assert since("digitpad_requests_total", route="/models/<name>", status="400") == 1
    assert since("digitpad_request_seconds_count", route="/models/<name>") == 3
    assert since("digitpad_request_seconds_bucket", route="/models/<name>", le="+Inf") == 3
    assert since("digitpad_request_seconds_sum", route="/models/<name>") > 0
    assert since("digitpad_refusals_total", reason="Unknown model") == 1


def test_predictions_are_counted_by_model_class_and_verdict(client, since):
    client.post("/predict", data={"image": [(io.BytesIO(png_of(label)), "x.png") for label in "337"]})
    client.post("/predict?model=lenet5", data=png_of("3"), content_type="image/png")
    blank = {"strokes": [], "width": 8}
    client.post("/predict", json=blank)
    assert since("digitpad_predictions_total", model="digitpad", **{"class": "3"}, verdict="sure") == 2
    assert since("digitpad_predictions_total", model="lenet5", **{"class": "3"}) == 1
    assert since("digitpad_predictions_total", **{"class": "none"}, verdict="blank") == 1
    assert since("digitpad_answers_total", route="/predict", model="digitpad", verdict="sure") == 3


def test_a_number_counts_its_digits_and_itself(client, since):
    client.post("/read", data=(ROOT / "docs" / "number.png").read_bytes(), content_type="image/png")
    assert since("digitpad_predictions_total", model="digitpad") == 5
    assert since("digitpad_answers_total", route="/read") == 1


def test_reloads_and_refused_weights_are_counted(since):
    metrics.reloaded("digitpad")
    metrics.reload_refused("digitpad")
    metrics.reload_refused("digitpad")
    assert since("digitpad_reloads_total", model="digitpad") == 1
    assert since("digitpad_reloads_refused_total", model="digitpad") == 2


def test_the_versions_of_the_weights_are_told(app, client):
    told = parse(client.get("/metrics").text)
    for name, recognizer in app.extensions["digitpad"].loaded.items():
        assert value(told, "digitpad_model_info", model=name, version=recognizer.version) == 1


def test_clients_make_up_no_labels(client):
    client.get("/metrics")
    client.get("/nothing")
    client.open("/predict", method="BREW")
    before = set(parse(client.get("/metrics").text))
    for number in range(30):
        client.get(f"/made-up-{number}")
        client.open("/predict", method=f"MADEUP{number}")
        client.post(f"/predict?model=made-up-{number}", data=b"x", content_type=f"image/made-up-{number}")
        client.get("/healthz", headers={"X-Request-ID": f"made-up-{number}"})
    after = set(parse(client.get("/metrics").text))
    assert len(after - before) < 25  # one route more, its buckets among them
    assert not re.search(r"made.?up", str(after).lower())


@pytest.fixture
def settings(monkeypatch, tmp_path):
    """Run gunicorn.conf.py as gunicorn does, and restore the environment."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, mode: path != "/dev/shm")
    for name in ("PROMETHEUS_MULTIPROC_DIR", "DIGITPAD_LOG_FORMAT", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    server_folder.make.cache_clear()
    yield lambda: SimpleNamespace(**runpy.run_path(str(ROOT / "gunicorn.conf.py")))
    server_folder.make.cache_clear()


def test_the_folder_outlives_new_settings_and_goes_with_the_server(settings, monkeypatch, tmp_path):
    # SIGUSR2 starts another server in this environment: that folder stays the old one's.
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    first = settings()
    assert first.folder.parent == tmp_path
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(first.folder / "metrics")
    assert (first.folder / "weights").is_dir()
    assert settings().folder == first.folder  # SIGHUP
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(first.folder / "metrics")
    first.on_exit(None)
    assert list(tmp_path.iterdir()) == []


def test_where_no_folder_can_be_made_the_server_starts_and_says_so(settings, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    conf, warnings = settings(), []
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
    conf.when_ready(SimpleNamespace(log=SimpleNamespace(warning=warnings.append)))
    assert "one worker at a time" in warnings[0]
    conf.child_exit(None, SimpleNamespace(pid=1))
    conf.on_exit(None)


def scrape(server: Server) -> Samples:
    # A new connection each time, so that either worker may answer.
    with urllib.request.urlopen(f"{server.url}metrics", timeout=30) as answer:
        return parse(answer.read().decode())


def expect_counts(server: Server, count: int) -> None:
    for _ in range(20):  # either worker tells them
        told = scrape(server)
        assert value(told, "digitpad_requests_total", route="/predict", status="200") == count
        assert value(told, "digitpad_request_seconds_count", route="/predict") == count
        assert value(told, "digitpad_predictions_total", **{"class": "7"}) == count


def ask(server: Server, count: int) -> None:
    body = png_of("7", side=100, at=(20, 20), longer_side=60)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: post(server, "predict", body), range(count)))


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="this system does not tell a process's children")
def test_two_workers_count_together_even_after_they_were_killed():
    with Server().running(DIGITPAD_WORKERS="2") as server:
        folder = metrics_folder(server)
        ask(server, 100)
        expect_counts(server, 100)
        with server.connect() as client:
            head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 5\r\n\r\n"
            client.sendall(head + b"x")
            wait_for(lambda: value(scrape(server), "digitpad_requests_in_flight") == 2)
            killed = set(server.workers())
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            wait_for(lambda: len({*server.workers()} - killed) == 2)
        wait_for(lambda: value(scrape(server), "digitpad_requests_in_flight") == 1)  # that of the dead is gone
        ask(server, 100)
        expect_counts(server, 200)
    assert not os.path.exists(folder)


def metrics_folder(server: Server) -> str:
    maps = Path(f"/proc/{server.workers()[0]}/maps").read_text()
    return os.path.dirname(re.search(r"/\S*/digitpad-[^/]+/metrics/\S+", maps).group())
