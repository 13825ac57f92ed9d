"""/corrections, the JSON interface: what is stored, what is refused, and what happens when the store fails."""

import base64
import io
import json
import tracemalloc
import zipfile
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from PIL import Image

from app import create_app
from corrections import export
from corrections.entries import FILE, INSTANCE, New
from corrections.store import Store
from tests.helpers.drawings import DRAWINGS, canvas_of, encode, png_of
from tests.web.test_bad_input import IMAGES, check_problem
from web import corrections_store

pytestmark = pytest.mark.usefixtures("store")

PRESSED = [{"width": 9, "points": [[*point, 0.8] for point in stroke]} for stroke in DRAWINGS["7"]]


def add(client, label: str = "1", **sent: object) -> dict:
    answer = client.post("/corrections", json={"strokes": PRESSED, **sent, "label": label})
    assert answer.status_code == 201, answer.json
    assert answer.headers["Location"] == f"/corrections/{answer.json['id']}"
    return answer.json


def png(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    assert image.format == "PNG"
    return image


def test_a_drawing_is_stored_with_the_answer_that_the_server_gives(client):
    added = add(client, "1")
    assert added["label"] == "1"
    assert timedelta(0) <= datetime.now(UTC) - datetime.fromisoformat(added["time"]) < timedelta(minutes=1)
    read = client.post("/predict", json={"strokes": PRESSED}).json
    assert added["answer"] == {name: read[name] for name in ("label", "confidence", "verdict", "probabilities")}
    assert added["answer"]["label"] == "7"
    assert added["model"] == read["model"]
    assert added["strokes"] == PRESSED
    assert added["drawn"]
    assert client.get(f"/corrections/{added['id']}").json == added
    picture = client.get(added["image"])
    assert picture.headers["Cache-Control"] == "no-store"
    drawing = png(picture.data)
    assert max(drawing.size) <= 320
    assert client.post("/predict", data=encode(drawing), content_type="image/png").json["label"] == "7"
    seen = base64.b64decode(
        client.post("/predict?input=true", json={"strokes": PRESSED}).json["input"].partition(",")[2]
    )
    assert client.get(added["seen"]).data == seen
    assert png(seen).size == (28, 28)


def test_strokes_are_kept_as_they_were_told(client):
    bare = add(client, strokes=DRAWINGS["3"])["strokes"]
    assert bare == [{"width": None, "points": stroke} for stroke in DRAWINGS["3"]]
    assert add(client, strokes=DRAWINGS["3"], width=12.5)["strokes"][0]["width"] == 12.5


def test_an_image_is_stored_as_its_pixels_alone(client):
    photo = Image.new("RGB", (900, 1200), (250, 240, 230))
    photo.paste(canvas_of("4").resize((560, 560)).convert("RGB"), (150, 300))
    exif = Image.Exif()
    exif[0x010F], exif[0x9286] = "a maker of phones", "at home"
    data = encode(photo, "JPEG", exif=exif, comment=b"my own words", icc_profile=b"a profile of mine")
    assert b"a maker of phones" in data
    answer = client.post(
        "/corrections", json={"image": base64.b64encode(data).decode(), "label": "9", "name": "me.jpg"}
    )
    added = answer.json
    assert (added["drawn"], added["strokes"], added["answer"]["label"]) == (False, None, "4")
    stored = client.get(added["image"]).data
    for trace in (b"a maker of phones", b"at home", b"my own words", b"a profile of mine", b"me.jpg"):
        assert trace not in stored
    assert png(stored).size == (240, 320)
    assert png(stored).mode == "RGB"
    assert png(client.get(added["seen"]).data).size == (28, 28)


def test_nothing_of_the_answer_is_taken_from_the_client(client):
    told = {"answer": {"label": "0"}, "version": "mine", "id": 77, "time": "2001-01-01", "probabilities": {}}
    added = add(client, "1", **told)
    assert added["answer"]["label"] == "7"
    assert added["model"]["version"].startswith("sha256:")
    assert added["id"] == 1
    assert not added["time"].startswith("2001")


def test_another_model_may_be_the_one_that_was_wrong(client):
    added = add(client, model="lenet5")
    assert added["model"]["name"] == "lenet5"
    check_problem(client.post("/corrections", json={"strokes": PRESSED, "label": "1", "model": "nosuch"}), 400)
    check_problem(client.post("/corrections", json={"strokes": PRESSED, "label": "1", "model": 7}), 400)


def test_they_are_listed_from_the_newest_in_pages(client):
    for label in "01234":
        add(client, label)
    first = client.get("/corrections?limit=2").json
    assert ([entry["label"] for entry in first["corrections"]], first["total"]) == (["4", "3"], 5)
    second = client.get(first["next"]).json
    assert [entry["label"] for entry in second["corrections"]] == ["2", "1"]
    last = client.get(second["next"]).json
    assert ([entry["label"] for entry in last["corrections"]], last["next"]) == (["0"], None)
    assert "strokes" not in first["corrections"][0]
    whole = client.get("/corrections?limit=1000000").json
    assert (len(whole["corrections"]), whole["next"]) == (5, None)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=-1", "limit=x", "limit=", "before=1e9", "before=٣", "limit=" + "9" * 99]
)
def test_queries_that_make_no_sense(client, query):
    check_problem(client.get(f"/corrections?{query}"), 400)


def test_one_is_relabelled_and_deleted(client):
    number, other = add(client)["id"], add(client)["id"]
    assert client.patch(f"/corrections/{number}", json={"label": "none"}).json["label"] == "none"
    assert client.get(f"/corrections/{number}").json["label"] == "none"
    assert client.delete(f"/corrections/{number}").status_code == 204
    for address in (f"/corrections/{number}", f"/corrections/{number}.png"):
        check_problem(client.get(address), 404)
    check_problem(client.delete(f"/corrections/{number}"), 404)
    check_problem(client.patch(f"/corrections/{number}", json={"label": "1"}), 404)
    assert [entry["id"] for entry in client.get("/corrections").json["corrections"]] == [other]


def test_all_are_deleted_only_where_that_is_meant(client):
    add(client)
    add(client)
    for query in ("", "?confirm=", "?confirm=yes"):
        check_problem(client.delete(f"/corrections{query}"), 400)
    assert client.get("/corrections").json["total"] == 2
    assert client.delete("/corrections?confirm=all").json == {"deleted": 2}
    assert client.get("/corrections").json == {"corrections": [], "total": 0, "next": None}


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ("7", 400),
        ([], 400),
        ({}, 400),
        ({"label": "7"}, 400),
        ({"strokes": PRESSED}, 400),
        ({"strokes": PRESSED, "label": 7}, 400),
        ({"strokes": PRESSED, "label": "10"}, 400),
        ({"strokes": PRESSED, "label": "seven"}, 400),
        ({"strokes": PRESSED, "label": None}, 400),
        ({"strokes": PRESSED, "label": ["7"]}, 400),
        ({"strokes": PRESSED, "image": "", "label": "7"}, 400),
        ({"images": [base64.b64encode(png_of("7")).decode()], "label": "7"}, 400),
        ({"strokes": [], "label": "7"}, 400),
        ({"strokes": [[]], "label": "7"}, 400),
        ({"image": base64.b64encode(encode(Image.new("L", (99, 99), 255))).decode(), "label": "7"}, 400),
        ({"strokes": [[]] * 2000, "label": "7"}, 413),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_correction_is_refused_and_not_stored(client, store, document, status):
    check_problem(client.post("/corrections", json=document), status)
    assert store.count() == 0


@pytest.mark.parametrize(("data", "status"), IMAGES)
def test_images_of_all_kinds(client, data, status):
    answer = client.post("/corrections", json={"image": base64.b64encode(data).decode(), "label": "7"})
    if status != 200:
        check_problem(answer, status)
    elif answer.status_code != 400:  # the long strip has no ink
        assert answer.status_code == 201
        assert max(png(client.get(answer.json["image"]).data).size) <= 320


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
def test_only_json_is_taken_so_that_no_other_site_can_send_any(client, store, kind):
    body = json.dumps({"strokes": PRESSED, "label": "1"})
    check_problem(client.post("/corrections", data=body, content_type=kind), 415)
    assert store.count() == 0
    number = add(client)["id"]
    check_problem(client.patch(f"/corrections/{number}", data='{"label": "2"}', content_type=kind), 415)
    assert "Access-Control-Allow-Origin" not in client.options("/corrections").headers


@pytest.mark.parametrize("number", ["0", "99", "2147483648", "9" * 40])
def test_numbers_that_are_not_there(client, number):
    check_problem(client.get(f"/corrections/{number}"), 404)
    check_problem(client.get(f"/corrections/{number}.png"), 404)


def test_the_export_holds_a_folder_for_each_label_and_all_that_is_known(client):
    added = [add(client, label) for label in ("7", "7", "none")]
    answer = client.get("/corrections/export.zip")
    assert answer.mimetype == "application/zip"
    assert "corrections.zip" in answer.headers["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    assert archive.namelist() == ["7/1.png", "7/2.png", "none/3.png", "corrections.json"]
    assert archive.read("7/2.png") == client.get(added[1]["image"]).data
    listed = json.loads(archive.read("corrections.json"))["corrections"]
    for entry, known in zip(listed, added, strict=True):
        for name in ("id", "label", "answer", "model", "strokes"):
            assert entry[name] == known[name]
        assert base64.b64decode(entry["seen"].partition(",")[2]) == client.get(known["seen"]).data
    client.delete("/corrections?confirm=all")
    empty = zipfile.ZipFile(io.BytesIO(client.get("/corrections/export.zip").data))
    assert json.loads(empty.read("corrections.json"))["corrections"] == []


def test_an_export_of_any_size_takes_little_memory(tmp_path):
    store = Store(str(tmp_path / FILE))
    noise = np.random.default_rng(0).bytes(200_000)
    points = [{"width": 1.5, "points": [[number / 7, number / 3] for number in range(100)]}]
    for _ in range(150):
        store.add(New("7", points, noise, b"", {}, "digitpad", ""))
    tracemalloc.start()
    sent = sum(len(piece) for piece in export.stream(store))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    store.close()
    assert sent > 30_000_000
    assert peak < 15_000_000


# Digits are read when the store cannot be used


def check_reads(client) -> None:
    assert client.post("/predict", data=png_of("7"), content_type="image/png").json["label"] == "7"


def ask_everything(client) -> list:
    """Send every request of the interface."""
    return [
        client.post("/corrections", json={"strokes": PRESSED, "label": "1"}),
        client.get("/corrections"),
        client.get("/corrections/1"),
        client.get("/corrections/1.png"),
        client.get("/corrections/export.zip"),
        client.patch("/corrections/1", json={"label": "1"}),
        client.delete("/corrections/1"),
        client.delete("/corrections?confirm=all"),
    ]


def test_a_database_that_cannot_be_used_is_told_everywhere(app, tmp_path, monkeypatch, caplog):
    (tmp_path / "instance").write_text("a file where the folder should be")
    monkeypatch.setitem(app.extensions, corrections_store.EXTENSION, lambda: Store(str(tmp_path / "instance" / FILE)))
    client = app.test_client()
    for answer in ask_everything(client):
        check_problem(answer, 503)
        assert "make the instance folder writable" in answer.json["detail"]
        assert str(tmp_path) not in answer.json["detail"]
    assert str(tmp_path) in caplog.text  # the system's own message is in the log alone
    check_reads(client)


def test_no_more_room_is_a_507(client, store):
    store.limit = 1
    add(client)
    answer = client.post("/corrections", json={"strokes": PRESSED, "label": "1"})
    check_problem(answer, 507)
    assert "DIGITPAD_MAX_CORRECTIONS" in answer.json["detail"]


def test_corrections_can_be_switched_off(tmp_path):
    client = create_app({"CORRECTIONS": False, "DATABASE_URL": str(tmp_path / FILE)}).test_client()
    assert "/corrections" not in client.get("/").text
    assert client.get("/corrections/").status_code == 404
    for answer in ask_everything(client):
        check_problem(answer, 404)
        assert "DIGITPAD_CORRECTIONS" in answer.json["detail"]
    check_reads(client)
    assert list(tmp_path.iterdir()) == []


def test_they_are_stored_where_train_py_looks_for_them(app, monkeypatch):
    monkeypatch.delenv("DIGITPAD_DATABASE_URL", raising=False)
    assert app.instance_path == str(INSTANCE)
    assert create_app().extensions[corrections_store.EXTENSION]().url.database == str(INSTANCE / FILE)
