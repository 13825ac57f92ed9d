"""What only the production server shows: limits, threads, and the README's commands."""

import json
import re
import shutil
import subprocess
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError

import pytest

from tests.conftest import ROOT, png_of
from tests.server import Server


def post(server: Server, body: bytes) -> tuple[int, dict]:
    request = urllib.request.Request(f"{server.url}predict", body, {"Content-Type": "image/png"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_too_large_a_body_is_answered_and_not_cut_off(server):
    status, problem = post(server, bytes(33_000_000))
    assert status == 413
    assert "smaller" in problem["detail"]


def test_many_at_once_each_get_their_own_answer(server):
    labels = "0123456789" * 10
    bodies = {label: png_of(label) for label in set(labels)}
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda label: post(server, bodies[label]), labels))
    assert [answer["label"] for _, answer in answers] == list(labels)


def test_every_worker_loads_its_own_weights():
    server = Server()
    server.start(DIGITPAD_WORKERS="2")
    try:
        assert {post(server, png_of("7"))[1]["digit"] for _ in range(20)} == {7}
    finally:
        server.stop()


def readme_curls() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    commands = "".join(blocks).replace("\\\n", " ").splitlines()
    return [command for command in commands if command.startswith("curl")]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
@pytest.mark.parametrize("command", readme_curls())
def test_the_curl_lines_of_the_readme_work_as_written(server, command):
    command = command.replace("http://127.0.0.1:8000/", server.url).replace("curl ", "curl -sSf ", 1)
    ran = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)
    if "/predict" in command:
        answer = json.loads(ran.stdout)
        results = answer.get("results", [answer])
        expected = re.findall(r"docs/digits/(\d)\.png", command) or ["7"] * len(results)
        assert [result["label"] for result in results] == expected


def test_the_readme_has_curl_lines():
    assert len(readme_curls()) >= 5


def test_several_workers_store_corrections_at_once():
    server = Server()
    server.start(DIGITPAD_WORKERS="2")

    def store(label: str) -> int:
        body = json.dumps({"strokes": [[[20, 10], [80, 10], [45, 95]]], "width": 8, "label": label}).encode()
        request = urllib.request.Request(f"{server.url}corrections", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["id"]

    try:
        with ThreadPoolExecutor(8) as pool:
            numbers = list(pool.map(store, "0123456789" * 5))
        assert sorted(numbers) == list(range(1, 51))
        with urllib.request.urlopen(f"{server.url}corrections", timeout=30) as answer:
            assert json.load(answer)["total"] == 50
    finally:
        server.stop()
