"""The reader in the browser is the same reader: it makes of images of every kind what the Python code makes of them.

The page comes from a server of files alone; nothing of Digitpad runs behind it.
"""

import base64
import json
import math
from typing import Any

import numpy as np
import pytest

import app
from model.files import WEIGHTS
from model.inference.recognizer import Recognizer
from tests.browser.conftest import MODULES, WINDOW
from tests.helpers import ondevice_vectors, photographs
from tests.helpers.drawings import DRAWINGS, ROOT, canvas_of, encode, image_at, png_header, png_of
from tests.helpers.number_images import row_png
from tests.helpers.ondevice_vectors import Vector
from tests.helpers.static_server import serve_files

pytestmark = pytest.mark.browser

COUNTS = {
    "black on white": 600,
    "light on dark": 200,
    "coloured": 150,
    "transparent": 150,
    "like MNIST": 300,
    "blank": 30,
    "scribble": 150,
    "small": 200,
    "grainy": 100,
    "bits": 40,
    "large": 4,
    "number": 120,
    "one digit": 60,
    "a scribble as a number": 40,
    "lines": 16,
    "rings": 8,
    "framed": 10,
    "crossed": 8,
    "card": 24,
    "dashed": 24,
    "photograph": 16,
    "photographed lines": 8,
    "photographed number": 8,
}
AT_ONCE = 100  # vectors
CALL = """async (question) => {
  const [name, values] = JSON.parse(question);
  return JSON.stringify((await (await import('/static/tests/ondevice.js'))[name]('/weights', ...values)) ?? null);
}"""
LEVELS = 1  # of 255: how far the 28×28 images may differ
LOGITS = 1e-3
LAYERS = 0.05  # how far their values may differ, beside a byte: an image may differ by a grey level
PROBABILITIES = 2e-3  # a calibrated logit is divided by 0.58
BOXES = 1e-6  # in pixels
OTHERS = 0.001  # of all vectors may have another answer


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer.load(WEIGHTS / "digitpad.safetensors")


@pytest.fixture(scope="module")
def call(pages):
    """Call a function of modules/ondevice.js, in a page that comes from a server of files."""
    with serve_files(ROOT) as url:
        page = pages.new(None, WINDOW)
        page.route("**/static/tests/*", lambda route: route.fulfill(path=MODULES / "ondevice.js"))
        page.goto(f"{url}static/icon.svg")

        def call_(name: str, *values: Any) -> Any:
            # As JSON: Playwright wraps each number of a list in an object of its own.
            return json.loads(page.evaluate(CALL, json.dumps([name, values])))

        yield call_
        page.context.close()
        assert page.errors == []


def differences(vector: Vector, found: dict[str, Any]) -> list[str]:
    """List what differs by more than rounding, although the answer is the same."""
    wanted = vector.expected
    apart = []
    for expected, digit in zip(wanted.get("digits", []), found.get("digits", []), strict=True):
        levels = furthest(digit["seen"], expected["seen"])
        limits = {"28×28": (levels, LEVELS)}
        if levels == 0:  # logits of images that differ by a level differ by more
            limits["logits"] = (furthest(digit["logits"], expected["logits"]), LOGITS)
            limits["probabilities"] = (furthest(digit["probabilities"], expected["probabilities"]), PROBABILITIES)
            limits["alternatives"] = (digit["alternatives"] != expected["alternatives"], 0)
        if "box" in expected:
            limits["box"] = (furthest(digit["box"], expected["box"]), BOXES)
        apart += [f"{name} by {far:.2g}" for name, (far, most) in limits.items() if far > most]
    for (*read, confidence, box), line in zip(wanted.get("lines", []), found.get("lines", []), strict=True):
        limits = {
            "line": (line[:2] != read, 0),
            "confidence": (abs(line[2] - confidence), PROBABILITIES),
            "box of line": (furthest(line[3], box), BOXES),
        }
        apart += [f"{name} by {far:.2g}" for name, (far, most) in limits.items() if far > most]
    return [f"{vector.kind}: {difference}" for difference in apart]


def furthest(found: Any, wanted: Any) -> float:
    return float(np.abs(np.subtract(found, wanted, dtype=float)).max())


@pytest.mark.parametrize("part", [8, pytest.param(1, marks=pytest.mark.slow)], ids=["an eighth", "all"])
def test_images_of_every_kind_are_read_as_python_reads_them(recognizer, call, part):
    counts = {kind: math.ceil(count / part) for kind, count in COUNTS.items()}
    made = list(ondevice_vectors.make(recognizer, counts))
    assert len(made) > 2000 / part
    found: list[dict[str, Any]] = []
    for start in range(0, len(made), AT_ONCE):
        found += call("readAll", [vector.question() for vector in made[start : start + AT_ONCE]])
    parts = ("answer", "verdict", "problem")
    others = [
        (vector.kind, *([answer.get(part) for part in parts] for answer in (vector.expected, read)))
        for vector, read in zip(made, found, strict=True)
        if any(vector.expected.get(part) != read.get(part) for part in parts)
    ]
    assert len(others) <= OTHERS * len(made), others
    same = [
        (vector, read)
        for vector, read in zip(made, found, strict=True)
        if all(vector.expected.get(part) == read.get(part) for part in parts)
    ]
    assert [difference for vector, read in same for difference in differences(vector, read)] == []
    # The vectors are hard enough: there is something of each.
    verdicts = {vector.expected.get("verdict", "problem") for vector in made}
    assert verdicts == {"sure", "unsure", "blank", "not-a-digit", "not-a-number", "problem"}


def test_without_webassembly_it_reads_the_same(recognizer, call):
    made = list(ondevice_vectors.make(recognizer, {"black on white": 10, "number": 3, "framed": 1}, seed=22))
    found = call("readAll", [vector.question() for vector in made], True)
    assert [read["answer"] for read in found] == [vector.expected["answer"] for vector in made]
    apart = [difference for vector, read in zip(made, found, strict=True) for difference in differences(vector, read)]
    assert apart == []


def same(found: Any, wanted: Any) -> bool:
    """Compare JSON, with numbers that may be rounded elsewhere."""
    if isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(wanted, float):
        return found == pytest.approx(wanted, abs=PROBABILITIES)
    return found == wanted


def without(answer: dict[str, Any]) -> dict[str, Any]:
    """Leave out the time, and the bytes of PNG files, which are packed otherwise."""
    kept = {key: value for key, value in answer.items() if key not in ("elapsed_ms", "input", "picture")}
    for key, value in kept.items():
        kept[key] = without(value) if isinstance(value, dict) else value
        if isinstance(value, list) and value and isinstance(value[0], dict):
            kept[key] = [without(each) for each in value]
    return kept


@pytest.fixture(scope="module")
def client():
    return app.create_app({"CORRECTIONS": False}).test_client()


SQUARED = photographs.Conditions(paper="squared", pen="felt", height=30.0, size=(800, 600))
FILES = {
    "a digit": png_of("3"),
    "a number": row_png("-20.5"),
    "nothing": encode(canvas_of("3").point(lambda _: 255)),
    "a photograph": encode(ondevice_vectors.photograph(np.random.default_rng(3))),
    "squared paper": encode(photographs.photograph(DRAWINGS["6"], SQUARED, np.random.default_rng(0))),
}


@pytest.mark.parametrize("address", ["predict?input=true", "read?input=true", "read"])
@pytest.mark.parametrize("name", FILES)
def test_its_documents_are_those_of_the_server(client, call, address, name):
    wanted = client.post(f"/{address}", data=FILES[name], content_type="image/png").json
    found = call("answer", address, base64.b64encode(FILES[name]).decode())
    assert same(without(found), without(wanted)), (found, wanted)
    if "input" in wanted:
        assert furthest(pixels(found["input"]), pixels(wanted["input"])) <= LEVELS
    if "input" in address and "ink" in wanted:
        assert furthest(pixels(found["ink"]["picture"]), pixels(wanted["ink"]["picture"])) <= LEVELS
        assert ("print" in wanted["ink"]) == (name == "squared paper")
        if "print" in wanted["ink"]:
            assert furthest(*(pixels(answer["ink"]["print"]["picture"]) for answer in (found, wanted))) <= LEVELS


@pytest.mark.parametrize("name", FILES)
def test_it_shows_every_layer_at_work_as_the_server_does(client, call, name):
    wanted = client.post("/inspect?layers=steps", data=FILES[name], content_type="image/png").json
    found = call("answer", "inspect?layers=steps", base64.b64encode(FILES[name]).decode())
    shown = [document.pop("layers") for document in (found, wanted)]
    assert same(without(found), without(wanted)), (found, wanted)
    for own, server in zip(*shown, strict=True):
        values = [
            layer["low"]
            + np.frombuffer(base64.b64decode(layer["values"]), np.uint8) * (layer["high"] - layer["low"]) / 255
            for layer in (own, server)
        ]
        step = (server["high"] - server["low"]) / 255
        assert np.abs(values[0] - values[1]).max() <= 1.5 * step + LAYERS, own["name"]
        bounds = ("low", "high", "values")
        assert {key: own[key] for key in own if key not in bounds} == {
            key: server[key] for key in server if key not in bounds
        }


def pixels(url: str) -> np.ndarray:
    return np.asarray(image_at(url), int)


@pytest.mark.parametrize(
    "file",
    [b"", b"no image", png_header(3, 4), png_header(9000, 9000), png_header(5000, 4000), encode(canvas_of("3"))[:-90]],
)
def test_an_image_that_cannot_be_read_is_refused_in_the_server_s_words(client, call, file):
    wanted = client.post("/predict", data=file, content_type="image/png").json["detail"]
    found = call("answer", "predict", base64.b64encode(file).decode())
    # Each decoder has its own words for what is damaged, in brackets.
    assert [found.partition(" (")[0], found.rpartition("): ")[2]] == [
        wanted.partition(" (")[0],
        wanted.rpartition("): ")[2],
    ]
