"""The OpenAPI document is valid and complete, and the server answers as it says."""

import re
import shutil
import subprocess
import tomllib

import hypothesis
import pytest
import schemathesis
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from tests.helpers.drawings import DRAWINGS, ROOT, png_of
from web.openapi import document

PNG = {"Content-Type": "image/png"}
# The pages and their files.
PAGES = {
    "GET /",
    "POST /",
    "GET /docs",
    "GET /service-worker.js",
    "GET /corrections/",
    "POST /corrections/{number}/label",
    "POST /corrections/{number}/delete",
    "POST /corrections/delete",
    "GET /static/{filename}",
}
OPERATIONS = [(path, method) for path, item in document()["paths"].items() for method in item if method != "parameters"]


def test_the_document_is_valid(client):
    answer = client.get("/openapi.json")
    assert answer.mimetype == "application/json"
    OpenAPIV31SpecValidator(answer.json).validate()


def test_it_has_every_address_and_no_other(app):
    template = re.compile(r"<(?:[a-z]+:)?([a-z]+)>")
    served = {
        method + " " + template.sub(r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert {f"{method.upper()} {path}" for path, method in OPERATIONS} == served - PAGES
    assert served >= PAGES


def test_the_docs_name_its_addresses_and_no_others():
    text = (ROOT / "docs" / "api.md").read_text()
    named = re.findall(r"`(GET|POST|PATCH|DELETE) (/[^`?]*)", text)
    named = {f"{method} {path.replace('NAME', '{name}').replace('LAYER', '{layer}')}" for method, path in named}
    known = {f"{method.upper()} {path}" for path, method in OPERATIONS} | PAGES
    assert named <= known
    # docs/api.md names one address of the corrections, and docs/corrections.md all.
    assert {each for each in known - PAGES if "/corrections" not in each} <= named


def test_its_version_is_that_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert document()["info"]["version"] == project["version"]


def test_nothing_in_it_is_unused():
    text = str(document())
    for kind, known in document()["components"].items():
        assert [name for name in known if f"#/components/{kind}/{name}'" not in text] == []


@pytest.fixture(scope="session")
def schema(app):
    refusals = {"expected-statuses": ["400", "404", "413", "415", "422"]}  # too many strokes are 413
    config = SchemathesisConfig.from_dict(
        {"cache": {"enabled": False}, "checks": {"negative_data_rejection": refusals}}
    )
    return schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)


@pytest.fixture
def kept(client, store):
    """Store a correction with the id 1."""
    stored = client.post("/corrections", json={"strokes": DRAWINGS["7"], "label": "7"})
    assert stored.json["id"] == 1


# The schema cannot say whether bytes are an image, or which networks and classes are loaded.
NOT_IN_SCHEMA = {"predict", "read", "inspect", "addCorrection", "showModel", "showExamples", "showKernels"}


def can_be_wrong(path: str, method: str) -> bool:
    """Tell whether a request can violate the schema. A string parameter cannot."""
    operation = document()["paths"][path][method]
    shared = document()["components"]["parameters"]
    given = [*operation.get("parameters", []), *document()["paths"][path].get("parameters", [])]
    given = [shared[one["$ref"].split("/")[-1]] if "$ref" in one else one for one in given]
    given = [one for one in given if one["in"] != "path"]  # the id of another correction is valid
    return "requestBody" in operation or any(one["schema"].get("type") != "string" for one in given)


def ask(operation, mode: GenerationMode, check, examples: int = 30) -> None:
    path = {"path_parameters": {"number": 1}} if "{number}" in operation.path else {}

    @hypothesis.seed(0)
    @hypothesis.settings(max_examples=examples, suppress_health_check=list(hypothesis.HealthCheck), database=None)
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode, **path))
    def asked(case):
        check(case)

    asked()


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=[f"{method} {path}" for path, method in OPERATIONS])
def test_what_the_document_allows_is_answered_as_it_says(schema, kept, path, method):
    operation = schema[path][method]
    not_in_schema = operation.definition.raw["operationId"] in NOT_IN_SCHEMA
    excluded = [checks.positive_data_acceptance] if not_in_schema else []
    ask(operation, GenerationMode.POSITIVE, lambda case: case.call_and_validate(excluded_checks=excluded))


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), [each for each in OPERATIONS if can_be_wrong(*each)])
def test_what_the_document_forbids_is_refused_as_it_says(schema, kept, path, method):
    def check(case):
        if not is_valid_with_width(case.body):
            case.call_and_validate()

    # All that read images parse the same bodies: /predict stands for them.
    ask(schema[path][method], GenerationMode.NEGATIVE, check, examples=20 if path in ("/read", "/inspect") else 50)


def is_valid_with_width(body) -> bool:
    """Tell whether a width makes points with pressure valid, which no schema can say."""
    return isinstance(body, dict) and "strokes" in body and isinstance(body.get("width"), (int, float))


@pytest.mark.slow
def test_every_drawing_that_the_document_allows_is_read(schema):
    def is_read(case):
        drawn = isinstance(case.body, dict) and "strokes" in case.body and "images" not in case.body
        hypothesis.assume(drawn)
        case.query = {}
        answer = case.call()
        assert answer.status_code == 200, answer.text

    ask(schema["/predict"]["post"], GenerationMode.POSITIVE, is_read)


def test_real_digits_and_numbers_are_answered_as_the_document_says(schema):
    """Images that schemathesis generates are rarely digits. These are, so that answers have all their fields."""
    number = (ROOT / "docs" / "number.png").read_bytes()
    asked = [
        ("/predict", png_of("7"), {"input": "true"}),
        ("/predict", png_of("7"), {"model": "mlp"}),
        ("/read", number, {"input": "1"}),
        ("/inspect", png_of("7"), {"why": "true", "towards": "1"}),
        ("/inspect", png_of("3"), {"layers": "all", "towards": "3"}),
        ("/inspect", png_of("1"), {"layers": "none", "towards": "7", "model": "lenet5"}),
    ]
    for path, body, query in asked:
        case = schema[path]["post"].Case(body=body, query=query, media_type="image/*", headers=PNG)
        answer = case.call()
        assert answer.status_code == 200
        case.validate_response(answer)
    for name in ("digitpad", "mlp"):
        query = {"set": "validation", "true": "4", "read": "4"}
        for path, more in (("/models/{name}", {}), ("/models/{name}/examples", query)):
            schema[path]["get"].Case(path_parameters={"name": name}, query=more).call_and_validate()
    kernels = {"name": "digitpad", "layer": "features.0.0"}
    assert schema["/models/{name}/kernels/{layer}"]["get"].Case(path_parameters=kernels).call().status_code == 200


def curls() -> list[str]:
    """List the examples in the order that works: store, show, change, delete."""
    found = [(method, document()["paths"][path][method]["x-curl"]) for path, method in OPERATIONS]
    order = ["post", "get", "patch", "delete"]
    return [curl for _, curl in sorted(found, key=lambda each: (order.index(each[0]), "?confirm" in each[1]))]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_the_curl_lines_work_as_written(server):
    for command in curls():
        command = command.replace("http://127.0.0.1:8000/", server.url).replace(" -O ", " -o /dev/null ")
        command = command.replace("curl ", "curl -sSf -o /dev/null ", 1)
        subprocess.run(["bash", "-c", command], cwd=ROOT, check=True)
