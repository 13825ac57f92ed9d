"""The list of models, their cards, and examples of what they misread."""

import pytest

from app import create_app
from tests.helpers import weights_file
from tests.helpers.drawings import ROOT, image_at
from tests.web.test_bad_input import check_problem

RUNTIMES = ("torch", "onnx")  # what a client sees is the same


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a folder with a file that has a whole training record, and one that cannot be loaded."""
    folder = tmp_path_factory.mktemp("weights")
    weights_file.save(folder / "digitpad.safetensors")
    (folder / "broken.safetensors").write_bytes(b"no weights")
    return folder


@pytest.fixture
def keeping(folder):
    return create_app({"WEIGHTS": str(folder)}).test_client()


def test_models_tell_what_they_are(client):
    answer = client.get("/models").json
    assert answer["default"] == "digitpad"
    model = next(model for model in answer["models"] if model["name"] == "digitpad")
    assert model["network"] == "digitpad"
    assert model["classes"] == list("0123456789")
    assert model["metrics"]["test"] > 0.99


def test_every_model_has_a_card(client):
    for model in client.get("/models").json["models"]:
        card = client.get(f"/models/{model['name']}").json
        assert card["architecture"]["parameters"] == model.pop("parameters") > 10_000
        assert {name: card[name] for name in model} == model
        assert card["architecture"]["layers"][-1]["shape"][0] == len(card["classes"]) + card["rejects"]
        assert card["calibration"]["temperature"] > 0


def test_what_finds_ink_and_what_reads_lines_have_cards_too(client):
    companions = client.get("/models").json["companions"]
    assert [companion["name"] for companion in companions] == ["ink", "line"]
    for listed in companions:
        card = client.get(f"/models/{listed['name']}").json
        assert card["architecture"]["parameters"] == listed.pop("parameters") > 100_000
        assert {name: card[name] for name in listed} == listed
        assert card["architecture"]["layers"][0]["kind"] == "Conv2d"
        assert card["history"][-1]["epoch"] > 1
        assert card["metrics"]["validation"] > 0.6


def test_without_companions_there_are_none(keeping):
    assert keeping.get("/models").json["companions"] == []
    check_problem(keeping.get("/models/line"), 400)


def test_the_card_holds_what_the_file_keeps(keeping):
    card = keeping.get("/models/digitpad").json
    assert card["version"].startswith("sha256:")
    assert card["seed"] == 7
    assert [epoch["epoch"] for epoch in card["history"]] == [1, 2]
    assert card["confusion"]["validation"][4][9] == 3
    assert card["reliability"]["validation"][14] == {"count": 100, "confidence": 0.99, "accuracy": 1.0}
    assert card["scores"]["validation"]["by_class"][4]["class"] == "4"
    assert card["refusal"] == {"auroc": 0.99, "others": 0.9, "digits": 0.001, "count": 2000}
    assert card["examples"] == {"validation": 4, "test": 0}


@pytest.mark.parametrize(
    "path", ["/models/digitpad", "/models/digitpad/examples?set=validation&true=4&read=9", "/openapi.json"]
)
def test_what_a_client_has_is_not_sent_again(keeping, client, path):
    first = keeping.get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    again = keeping.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    other = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == (304 if path == "/openapi.json" else 200)  # other weights


def test_examples_are_pictures_of_the_cell(keeping):
    answer = keeping.get("/models/digitpad/examples?set=validation&true=4&read=9").json
    assert (answer["set"], answer["true"], answer["read"]) == ("validation", "4", "9")
    assert answer["model"]["version"].startswith("sha256:")
    assert [example["confidence"] for example in answer["examples"]] == [0.9, 0.6]
    image = image_at(answer["examples"][0]["image"])
    assert (image.size, image.mode) == ((28, 28), "L")
    assert image.tobytes() == weights_file.PICTURES[1].tobytes()
    assert keeping.get("/models/digitpad/examples?set=test&true=4&read=9").json["examples"] == []


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/models/none", 400, "No model is named 'none'"),
        ("/models/broken", 503, "broken.safetensors"),
        ("/models/none/examples?set=test&true=4&read=9", 400, "No model is named 'none'"),
        ("/models/digitpad/examples", 400, "validation, test"),
        ("/models/digitpad/examples?set=training&true=4&read=9", 400, "'training': give one of validation, test"),
        ("/models/digitpad/examples?set=test&true=10&read=9", 400, "?true= is '10': give one of 0, 1"),
        ("/models/digitpad/examples?set=test&true=4", 400, "?read= is missing"),
        ("/models/digitpad/examples?set=test&true=4&read=" + "9" * 5000, 400, "?read="),
    ],
)
def test_what_there_is_not_is_said(keeping, path, status, said):
    answer = keeping.get(path)
    check_problem(answer, status)
    assert said in answer.json["detail"]
    assert len(answer.data) < 500


def test_the_card_is_told_of(keeping):
    card = keeping.get("/models/digitpad").json
    told = (ROOT / "docs" / "weights.md").read_text()
    assert [name for name in card if f"`{name}`" not in told] == []
