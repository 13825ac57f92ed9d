"""Hot reload: new weights are loaded, and those that are damaged or misread the guard set are refused."""

import contextlib
import functools
import logging
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app import create_app
from model.files import write_atomically
from model.networks import weights
from tests.helpers import weights_file
from tests.helpers.drawings import ROOT, encode, png_of
from tests.helpers.server import wait_for
from web import recognizers, reload, spare_weights

COMMITTED = ROOT / "weights"
SEVEN = png_of("7")


def put(source, path) -> str:
    """Install a weights file as train.py does. Returns its version."""
    with write_atomically(path) as new:
        shutil.copy(source, new)
    return weights.load(path).version


@pytest.fixture
def folder(tmp_path):
    put(COMMITTED / "cnn-tiny.safetensors", tmp_path / "digitpad.safetensors")
    return tmp_path


@pytest.fixture
def serving(folder):
    return create_app({"WEIGHTS": str(folder)})


@pytest.fixture
def look_at(caplog):
    """Look at the folder as the thread does. Returns what is logged."""

    def look(app, times: int = 2) -> str:
        caplog.clear()
        with caplog.at_level(logging.INFO):
            for _ in range(times):
                app.extensions[reload.EXTENSION].look()
        return caplog.text

    return look


@pytest.fixture
def look(serving, look_at):
    return functools.partial(look_at, serving)


def answer(app, name: str = "digitpad"):
    return app.test_client().post(f"/predict?model={name}", data=SEVEN, content_type="image/png")


def version(app, name: str = "digitpad") -> str:
    return answer(app, name).json["model"]["version"]


def test_new_weights_are_taken_and_said(folder, serving, look, monkeypatch):
    told = []
    monkeypatch.setattr("web.metrics.reloaded", told.append)
    new = put(COMMITTED / "lenet.safetensors", folder / "digitpad.safetensors")
    assert version(serving) != new
    assert f"reloaded {folder}/digitpad.safetensors, {new}" in look()
    assert version(serving) == new
    assert serving.test_client().get("/readyz").json["model"]["version"] == new
    assert told == ["digitpad"]
    assert look(5) == ""  # nothing is loaded twice


def test_weights_and_their_graph_may_come_one_after_the_other(folder, look_at):
    for suffix in (".safetensors", ".onnx"):
        shutil.copy(COMMITTED / f"cnn-tiny{suffix}", folder / f"digitpad{suffix}")
    app = create_app({"WEIGHTS": str(folder), "RUNTIME": "onnx"})
    old = version(app)
    new = put(COMMITTED / "lenet.safetensors", folder / "digitpad.safetensors")
    assert "made from other weights" in look_at(app)
    assert version(app) == old
    shutil.copy(COMMITTED / "lenet.onnx", folder / "digitpad.onnx")
    assert "run by onnx" in look_at(app)
    assert version(app) == new


def test_a_file_that_is_still_being_written_is_left_alone(folder, serving, look):
    new = put(COMMITTED / "lenet.safetensors", folder / "digitpad.safetensors")
    assert look(1) == ""
    os.utime(folder / "digitpad.safetensors", (1, 1))
    assert look(1) == ""
    assert new in look(1)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(lambda path: path.write_bytes(b""), "not a whole safetensors file", id="empty"),
        pytest.param(lambda path: path.write_bytes(b"\x80\x04K\x01."), "not a whole safetensors", id="a pickle"),
        pytest.param(lambda path: os.truncate(path, 50_000), "not a whole safetensors file", id="cut in place"),
        pytest.param(weights_file.save, "digits of the guard set", id="never trained"),
        pytest.param(weights_file.save_photographs, "reads photographs in colour", id="photographs"),
        pytest.param(lambda path: (path.unlink(), os.mkfifo(path)), "no regular file", id="a pipe"),
    ],
)
def test_what_cannot_be_used_leaves_the_old_weights(folder, serving, look, spoil, why, monkeypatch):
    old, told = version(serving), []
    spoil(folder / "digitpad.safetensors")
    monkeypatch.setattr("web.metrics.reload_refused", told.append)
    log = look()
    assert "refused new weights" in log
    assert why in log
    assert f"{old} serves on" in log
    assert told == ["digitpad"]
    assert version(serving) == old
    assert look(5) == ""  # and is not tried again
    new = put(COMMITTED / "lenet.safetensors", folder / "digitpad.safetensors")
    look()
    assert version(serving) == new


def test_whatever_goes_wrong_in_loading_leaves_the_old_weights(folder, serving, look, monkeypatch):
    old = version(serving)
    monkeypatch.setattr("model.inference.recognizer.Recognizer.load", lambda *_: 1 / 0)
    put(COMMITTED / "lenet.safetensors", folder / "digitpad.safetensors")
    log = look()
    assert "cannot be used (ZeroDivisionError" in log
    assert "Traceback" in log  # of what may be a bug
    assert version(serving) == old


def test_new_files_appear_and_others_go(folder, serving, look):
    new = put(COMMITTED / "lenet.safetensors", folder / "second.safetensors")
    assert answer(serving, "second").status_code == 400
    look()
    assert version(serving, "second") == new
    (folder / "second.safetensors").unlink()
    assert "is not served any more" in look()
    assert answer(serving, "second").status_code == 400


def test_a_default_that_goes_stays_in_service(folder, serving, look):
    old = version(serving)
    (folder / "digitpad.safetensors").unlink()
    assert "is gone" in look()
    assert version(serving) == old
    assert look(3) == ""
    new = put(COMMITTED / "lenet.safetensors", folder / "digitpad.safetensors")
    look()
    assert version(serving) == new


def test_a_new_file_that_is_damaged_says_why_it_is_not_served(folder, serving, look):
    (folder / "second.safetensors").write_bytes(b"no weights")
    look()
    refusal = answer(serving, "second")
    assert refusal.status_code == 503
    assert "not a whole safetensors file" in refusal.json["detail"]


def test_weights_that_come_later_make_it_ready(tmp_path, look_at):
    app = create_app({"WEIGHTS": str(tmp_path / "weights")})
    look_at(app)
    assert app.test_client().get("/readyz").status_code == 503
    (tmp_path / "weights").mkdir()
    put(COMMITTED / "cnn-tiny.safetensors", tmp_path / "weights" / "digitpad.safetensors")
    look_at(app)
    assert app.test_client().get("/readyz").status_code == 200


def test_a_folder_that_goes_is_said_once(folder, serving, look):
    old = version(serving)
    folder.rename(f"{folder}-gone")
    assert look(3).count("cannot be read") == 1
    assert version(serving) == old


def test_files_beside_the_weights_count_and_unfinished_ones_do_not(folder):
    before = reload.files_in(folder)
    for name in (".digitpad.safetensors.x.part", ".hidden.safetensors", "digitpad.safetensors.candidate", "other.onnx"):
        (folder / name).write_bytes(b"x")
    (folder / "logs").mkdir()
    assert reload.files_in(folder) == before
    (folder / "digitpad.onnx").write_bytes(b"x")
    assert len(reload.files_in(folder)["digitpad"]) == 2


def test_one_request_keeps_what_it_found(serving, folder):
    with serving.test_request_context():
        first = recognizers.pick(None)
        recognizers.init_app(serving, recognizers.Recognizers({}, "digitpad"))
        assert recognizers.pick(None) is first
    with serving.test_request_context(), pytest.raises(Exception, match="cannot read"):
        recognizers.pick(None)


def test_at_the_start_bad_weights_are_said_and_served(tmp_path, caplog):
    weights_file.save(tmp_path / "digitpad.safetensors")
    app = create_app({"WEIGHTS": str(tmp_path)})
    assert "digits of the guard set" in caplog.text
    assert answer(app).status_code == 200


@pytest.fixture
def spare(tmp_path_factory):
    return tmp_path_factory.mktemp("spare")


@contextlib.contextmanager
def watching(app, spare: Path | None = None):
    reload.start(app, spare)
    try:
        yield
    finally:
        reload.stop(app)


def worker(folder: Path, spare: Path, **settings: str):
    """Start an application as a worker does, without its thread."""
    app = create_app({"WEIGHTS": str(folder), **settings})
    with watching(app, spare):
        return app


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: path.write_bytes(b"no weights"), id="damaged"),
        pytest.param(lambda path: path.unlink(), id="gone"),
        pytest.param(weights_file.save, id="never trained"),
    ],
)
def test_a_worker_that_is_started_later_takes_what_the_others_serve(folder, spare, spoil, look_at, caplog):
    old = version(worker(folder, spare))
    spoil(folder / "digitpad.safetensors")
    app = worker(folder, spare)
    assert version(app) == old
    assert "serves on" in caplog.text
    new = put(COMMITTED / "lenet.safetensors", folder / "digitpad.safetensors")
    look_at(app)
    assert version(app) == new
    assert weights.load(spare / "digitpad.safetensors").version == new


def test_a_spare_is_taken_where_new_weights_are_not_watched_for(folder, spare):
    old = version(worker(folder, spare, RELOAD=False))
    (folder / "digitpad.safetensors").unlink()
    assert version(worker(folder, spare, RELOAD=False)) == old


def test_a_spare_that_cannot_be_kept_is_said(folder, caplog):
    app = worker(folder, Path("/proc/nowhere"))
    assert "no spare copy" in caplog.text
    assert answer(app).status_code == 200


def test_a_spare_that_was_damaged_is_not_taken(folder, spare):
    old = version(worker(folder, spare))
    (spare / "digitpad.safetensors").write_bytes(b"no weights")
    (folder / "digitpad.safetensors").write_bytes(b"no weights either")
    assert answer(worker(folder, spare)).status_code == 503
    put(COMMITTED / "cnn-tiny.safetensors", folder / "digitpad.safetensors")
    (spare / "digitpad.safetensors").write_bytes(b"no weights")
    assert version(worker(folder, spare)) == old
    assert weights.load(spare / "digitpad.safetensors").version == old


def test_files_that_changed_meanwhile_are_not_kept(folder, serving, spare, caplog):
    put(COMMITTED / "lenet.safetensors", folder / "digitpad.safetensors")
    spare_weights.copy_default(recognizers.in_service(serving), folder, spare, logging.getLogger())
    assert "changed while it was copied" in caplog.text
    assert list(spare.iterdir()) == []


def test_a_spare_has_its_graph_beside_it(folder, spare):
    shutil.copy(COMMITTED / "cnn-tiny.onnx", folder / "digitpad.onnx")
    old = version(worker(folder, spare, RUNTIME="onnx"))
    (folder / "digitpad.onnx").write_bytes(b"no graph")
    assert version(worker(folder, spare, RUNTIME="onnx")) == old


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "weights watcher"]


def test_the_thread_takes_new_weights_within_two_seconds_and_stops(folder, serving):
    assert threads() == []  # an application alone starts none
    with watching(serving):
        assert threads() == ["weights watcher"]
        new = put(COMMITTED / "lenet.safetensors", folder / "digitpad.safetensors")
        wait_for(lambda: version(serving) == new, seconds=2)
    assert threads() == []


def test_the_thread_outlives_whatever_goes_wrong_in_it(folder, serving, monkeypatch, caplog):
    real, looks = reload.files_in, []

    def sometimes(folder: Path):
        looks.append(folder)
        if len(looks) == 1:
            raise RuntimeError("once")
        return real(folder)

    monkeypatch.setattr(reload, "files_in", sometimes)
    monkeypatch.setattr(reload, "INTERVAL", 0.05)
    new = put(COMMITTED / "lenet.safetensors", folder / "digitpad.safetensors")
    with watching(serving):
        wait_for(lambda: version(serving) == new)
    assert "could not be looked at" in caplog.text


def test_it_can_be_switched_off(folder, monkeypatch):
    monkeypatch.setenv("DIGITPAD_RELOAD", "false")
    app = create_app({"WEIGHTS": str(folder)})
    with watching(app):
        assert threads() == []


PHOTO = encode(Image.fromarray(np.random.default_rng(0).normal(200, 9, (300, 300, 3)).astype(np.uint8)))


def photographed(app):
    return app.test_client().post("/predict", data=PHOTO, content_type="image/png")


def test_the_ink_network_is_taken_when_it_comes_and_kept_when_a_bad_one_comes(folder, serving, look):
    refused = photographed(serving)
    assert refused.status_code == 503
    assert "ink.safetensors" in refused.json["detail"]
    for suffix in (".onnx", ".safetensors"):
        shutil.copy(COMMITTED / f"ink{suffix}", folder / f"ink{suffix}")
    assert "reloaded" in look()
    found = photographed(serving).json
    assert (found["verdict"], found["paper"]) == ("blank", [])
    assert found["ink"]["version"] == weights.read(COMMITTED / "ink.safetensors").version
    assert "paper" not in answer(serving).json
    weights_file.save(folder / "ink.safetensors")
    assert "holds no ink network" in look()
    (folder / "ink.safetensors").unlink()
    assert "stays in service" in look()
    assert photographed(serving).json["ink"] == found["ink"]
