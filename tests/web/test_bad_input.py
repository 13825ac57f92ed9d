"""Bad input gets a 4xx with advice, never a 500, and never takes much memory."""

import base64
import copy
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.helpers.drawings import ROOT, canvas_of, encode, png_header, png_of

SEVEN = png_of("7")
CANVAS = canvas_of("7")


def check_problem(answer, status: int) -> None:
    assert answer.status_code == status, answer.data[:500]
    assert answer.mimetype == "application/problem+json"
    problem = json.loads(answer.data)
    assert problem["status"] == status
    assert problem["type"]
    assert problem["title"]
    assert len(problem["detail"]) > 20  # it says what to do
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert "Traceback" not in problem["detail"]
    assert "0x" not in problem["detail"]  # no repr of an object of ours


IMAGES = [
    pytest.param(b"", 400, id="empty"),
    pytest.param(b"hello", 415, id="text"),
    pytest.param(b"\x89PNG\r\n\x1a\n", 415, id="a signature alone"),
    pytest.param(b"%!PS-Adobe-3.0\n%%BoundingBox: 0 0 9 9\n", 415, id="PostScript"),
    pytest.param(encode(CANVAS, "TIFF", compression="tiff_lzw")[:-9], 422, id="truncated TIFF"),
    pytest.param(encode(CANVAS, "ICO"), 415, id="icon"),
    pytest.param(SEVEN[:300], 422, id="truncated PNG"),
    pytest.param(encode(CANVAS, "JPEG")[:1500], 422, id="truncated JPEG"),
    pytest.param(encode(Image.new("L", (1, 1))), 422, id="one pixel"),
    pytest.param(png_header(20_000, 20_000), 413, id="400 megapixels"),
    pytest.param(png_header(2**31 - 1, 2**31 - 1), 413, id="the largest header"),
    pytest.param(encode(Image.new("1", (5_000, 5_000))), 413, id="25 megapixels in a few bytes"),
    pytest.param(encode(Image.new("1", (65_000, 240))), 200, id="a long strip"),
    pytest.param(encode(CANVAS.convert("CMYK"), "JPEG"), 200, id="CMYK"),
    pytest.param(encode(Image.fromarray(np.asarray(CANVAS).astype(np.uint16) * 257)), 200, id="16 bits"),
    pytest.param(encode(CANVAS.convert("P"), "GIF", save_all=True, append_images=[CANVAS] * 20), 200, id="animated"),
    pytest.param(encode(CANVAS.convert("P"), "PNG", transparency=255), 200, id="palette with transparency"),
    pytest.param(encode(CANVAS.convert("RGB"), "JPEG", progressive=True), 200, id="progressive"),
]


def body_of(data: bytes, form: str) -> dict:
    """Return the arguments that send an image file in a form."""
    coded = base64.b64encode(data).decode()
    return {
        "raw": {"data": data, "content_type": "image/png"},
        "multipart": {"data": {"image": (io.BytesIO(data), "../../etc/passwd")}},
        "json": {"json": {"image": coded}},
        "list": {"json": {"images": [coded]}},
    }[form]


@pytest.mark.parametrize(("data", "status"), IMAGES)
@pytest.mark.parametrize(
    ("path", "form"),
    [*(("/predict", form) for form in ("raw", "multipart", "json")), ("/read", "raw"), ("/inspect", "raw")],
)
def test_images(client, data, status, path, form):
    answer = client.post(path, **body_of(data, form))
    if status == 200:
        assert answer.status_code == 200, answer.data
    else:
        check_problem(answer, status)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"image":' * 10_000, 400),
        (b"null", 400),
        (b"[]", 400),
        (b"7", 400),
        (b"{}", 400),
        (b'{"image": null}', 400),
        (b'{"image": 7}', 400),
        (b'{"image": ""}', 400),
        (b'{"image": "not base64!"}', 400),
        (b'{"image": "data:image/png,%89PNG"}', 400),
        (b'{"image": "http://127.0.0.1/7.png"}', 400),
        (b'{"image": "file:///etc/passwd"}', 400),
        (b'{"images": []}', 400),
        (b'{"images": {"a": 1}}', 400),
        (b'{"images": [null]}', 400),
        (b'{"strokes": 7}', 400),
        (b'{"strokes": [7]}', 400),
        (b'{"strokes": [[7]]}', 400),
        (b'{"strokes": [[[1]]]}', 400),
        (b'{"strokes": [[[1, 2, 3]]]}', 400),
        (b'{"strokes": [[[1, "2"]]]}', 400),
        (b'{"strokes": [[[1, null]]]}', 400),
        (b'{"strokes": [[[true, false]]]}', 400),
        (b'{"strokes": [[[NaN, 1]]]}', 400),
        (b'{"strokes": [[[1e999, 1]]]}', 400),
        (b'{"strokes": [[[-Infinity, 1]]]}', 400),
        (b'{"strokes": [[[' + b"9" * 4000 + b", 1]]]}", 400),
        (b'{"strokes": [[[' + b"9" * 5000 + b", 1]]]}", 400),
        (b'{"strokes": [[[1, 2]]], "width": -1}', 400),
        (b'{"strokes": [[[1, 2]]], "width": "wide"}', 400),
        (b'{"strokes": [{}]}', 400),
        (b'{"strokes": [{"points": 7}]}', 400),
        (b'{"strokes": [{"points": [[1, 2, 3, 4]], "width": 5}]}', 400),
        (b'{"strokes": [{"points": [[1, 2, 0.5]]}]}', 400),
        (b'{"strokes": [{"points": [[1, 2, -1]], "width": 5}]}', 400),
        (b'{"strokes": [{"points": [[1, 2, NaN]], "width": 5}]}', 400),
        (b'{"strokes": [{"points": [[1, 2, "hard"]], "width": 5}]}', 400),
        (b'{"strokes": [{"points": [[1, 2]], "width": 0}]}', 400),
        (b'{"strokes": [{"points": [' + b",".join([b"[1,2]"] * 30_000) + b"]}]}", 413),
        (b'{"strokes": [' + b",".join([b"[]"] * 2000) + b"]}", 413),
        (b'{"strokes": [[' + b",".join([b"[1,2]"] * 30_000) + b"]]}", 413),
        (b'{"images": [' + b",".join([b'"iVBORw0KGgo="'] * 101) + b"]}", 413),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else None,
)
def test_json(client, body, status):
    check_problem(client.post("/predict", data=body, content_type="application/json"), status)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param({}, 400, id="nothing"),
        pytest.param({"data": SEVEN}, 415, id="no type"),
        pytest.param({"data": SEVEN, "content_type": "application/x-www-form-urlencoded"}, 415, id="curl's default"),
        pytest.param({"data": SEVEN, "content_type": "text/html"}, 415, id="another type"),
        pytest.param({"data": SEVEN, "content_type": "multipart/form-data"}, 400, id="a form without a boundary"),
        pytest.param({"data": {"image": "text"}, "content_type": "multipart/form-data"}, 400, id="a field, no file"),
        pytest.param({"data": {"picture": (io.BytesIO(SEVEN), "7.png")}}, 400, id="another field"),
    ],
)
def test_forms(client, sent, status):
    # Copied: a client closes the files that it has sent.
    check_problem(client.post("/predict", **copy.deepcopy(sent)), status)


ADDRESS = "https://example.org/7.png"


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        pytest.param(
            {"data": SEVEN, "content_type": "multipart/form-data"}, 400, "leave this header to the HTTP client",
            id="a form without a boundary",
        ),
        *(
            pytest.param(
                {**sent, "headers": {"Content-Encoding": coding}}, 415, f"{coding} is not read", id=f"{id} in {coding}"
            )
            for coding in ("gzip", "br", "deflate, gzip")
            for id, sent in (
                ("an image", {"data": SEVEN, "content_type": "image/png"}),
                ("JSON", {"json": {"strokes": [[[1, 2]]]}}),
                ("a form", {"data": {"image": (io.BytesIO(SEVEN), "7.png")}}),
            )
        ),
        *(
            pytest.param(sent, 400, "Addresses are not fetched", id=f"an address in {id}")
            for id, sent in (
                ("JSON", {"json": {"image": ADDRESS}}),
                ("a list", {"json": {"images": [base64.b64encode(SEVEN).decode(), f" {ADDRESS.upper()}"]}}),
                ("base64", {"json": {"image": base64.b64encode(ADDRESS.encode()).decode()}}),
                ("the body", {"data": ADDRESS, "content_type": "image/png"}),
                ("a file", {"data": {"image": (io.BytesIO(ADDRESS.encode()), "7.png")}}),
                ("a field", {"data": {"image": ADDRESS}, "content_type": "multipart/form-data"}),
            )
        ),
    ],
)  # fmt: skip
def test_frequent_slips_have_sentences_of_their_own(client, sent, status, said):
    answer = client.post("/predict", **copy.deepcopy(sent))
    check_problem(answer, status)
    assert said in answer.json["detail"]
    assert (answer.headers.get("Accept-Encoding") == "identity") == ("Content-Encoding" in sent.get("headers", {}))


def test_a_body_that_is_encoded_as_itself_is_read(client):
    headers = {"Content-Encoding": "identity"}
    assert client.post("/predict", data=SEVEN, content_type="image/png", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/predict", "/read"])
def test_one_bad_image_among_several_is_named(client, path):
    files = [(io.BytesIO(SEVEN), "a"), (io.BytesIO(SEVEN[:300]), "b"), (io.BytesIO(SEVEN), "c")]
    answer = client.post(path, data={"image": files})
    check_problem(answer, 422)
    assert "Image 2 of 3" in answer.json["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/predict", 405), ("GET", "/nowhere", 404), ("PUT", "/", 405)]
)
def test_other_addresses(client, method, path, status):
    answer = client.open(path, method=method)
    check_problem(answer, status)
    assert ("POST" in answer.headers.get("Allow", "")) == (status == 405)


@given(
    body=st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["image", "images", "instances", "strokes", "width"]), inner)
        ),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_is_answered(client, body):
    assert client.post("/predict", json=body).status_code < 500


MEMORY = """
import resource, sys
from app import create_app
from tests.helpers.drawings import png_of
client = create_app().test_client()
client.post("/predict", data=png_of("7"), content_type="image/png")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name in sys.argv[1:]:
    status = client.post("/predict", data=open(name, "rb").read(), content_type="image/png").status_code
    assert status < 500, (name, status)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000)
"""


@pytest.mark.slow
def test_no_image_takes_more_than_200_megabytes(tmp_path: Path):
    noise = np.random.default_rng(0).integers(0, 255, (4000, 4000), np.uint8)
    images = {
        "largest grey": encode(Image.new("L", (4000, 4000), 200)),
        "largest alpha": encode(Image.new("RGBA", (4000, 4000), (0, 0, 0, 9))),
        "largest palette": encode(Image.new("P", (4000, 4000)), transparency=0),
        "largest 16 bits": encode(Image.fromarray(np.full((4000, 4000), 40_000, np.uint16))),
        "bomb": png_header(60_000, 60_000),
        "50 megapixel JPEG": encode(Image.new("RGB", (8000, 6250), "white"), "JPEG"),
        "progressive JPEG": encode(Image.new("RGB", (8000, 6250), "white"), "JPEG", progressive=True),
        "16-bit TIFF": encode(
            Image.fromarray(np.full((4000, 4000), 40_000, np.uint16)), "TIFF", compression="tiff_lzw", strip_size=2**30
        ),
        "floats": encode(
            Image.fromarray(np.full((4000, 4000), 0.4, np.float32)), "TIFF", compression="tiff_lzw", strip_size=2**30
        ),
        "transparent TIFF": encode(
            Image.new("RGBA", (4000, 4000), (0, 0, 0, 9)), "TIFF", compression="tiff_lzw", strip_size=2**30
        ),
        "noise": encode(Image.fromarray(noise), "WEBP", quality=10, method=0),
        "animation": encode(
            Image.new("P", (4000, 4000)), "GIF", save_all=True, append_images=[Image.new("P", (4000, 4000), 1)] * 3
        ),
    }
    paths = []
    for name, data in images.items():
        paths.append(tmp_path / name)
        paths[-1].write_bytes(data)
    ran = subprocess.run(
        [sys.executable, "-c", MEMORY, *paths], capture_output=True, text=True, cwd=ROOT, env=os.environ
    )
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout.splitlines()[-1]) < 200
