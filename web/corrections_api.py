"""/corrections: what was drawn, what was read, and what is right. For programs; web/corrections_page.py is for people.

POST reads what it is sent anew: nothing of the answer that is stored comes from the client. Only JSON is taken, and a
page of another site cannot send it without being asked first.
"""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from corrections import export
from corrections.errors import StoreError
from corrections.store import Correction, Entry, New
from model.inference.recognizer import Reading
from model.preprocessing import thumbnails
from web import answers, corrections_store, problems, query, request_body, request_trace
from web.problems import Problem
from web.recognizers import pick

PAGE = 50
LONGEST_PAGE = 200

blueprint = Blueprint("corrections_api", __name__)


@blueprint.errorhandler(StoreError)
def _failed(error: StoreError) -> Response:
    return problems.answer(corrections_store.problem(error))


@blueprint.post("/corrections")
def add() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Store one drawing or image with its right label, and the answer that it gets here."""
    store = corrections_store.store()
    with request_trace.step("body"):
        document = request_body.json_object(request)
        label = corrections_store.parse_label(document.get("label"))
        recognizer = pick(_name(document.get("model")))
        body = _one(request_body.from_document(document))
    drawing = body.drawing
    with answers.turn():
        reading = recognizer.read_files(body.files)[0] if drawing is None else recognizer.read_drawing(drawing)
        picture = thumbnails.of_file(body.files[0]) if drawing is None else thumbnails.of_drawing(drawing)
    request_trace.note(recognizer.name, recognizer.version, [_answer(reading)])
    if reading.verdict == "blank":
        raise Problem(400, "Nothing to read", "There is no ink to correct: draw first, or send an image that has some.")
    new = New(
        label=label,
        strokes=None if body.strokes is None else [stroke.document() for stroke in body.strokes],
        picture=picture,
        seen=reading.seen_png(),
        answer=_answer(reading),
        model=recognizer.name,
        version=recognizer.version,
    )
    with request_trace.step("store"):
        added = store.add(new)
    return _whole(added), 201, {"Location": url_for("corrections_api.show", number=added.id)}


@blueprint.get("/corrections")
def listed() -> dict[str, Any] | AnyResponse:
    """List what is stored, the newest first; people are sent to the page."""
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        answer = redirect(url_for("corrections_page.show"), 303)
        answer.headers["Vary"] = "Accept"
        return answer
    count = query.positive_integer("limit", PAGE, LONGEST_PAGE)
    entries = corrections_store.store().page(count + 1, query.positive_integer("before", None))
    more = len(entries) > count
    following = url_for("corrections_api.listed", before=entries[count - 1].id, limit=count) if more else None
    return {
        "corrections": [_listed(entry) for entry in entries[:count]],
        "total": corrections_store.store().count(),
        "next": following,
    }


@blueprint.get("/corrections/<int:number>")
def show(number: int) -> dict[str, Any]:
    """Show one correction with its strokes."""
    return _whole(corrections_store.store().get(number))


@blueprint.get("/corrections/<int:number>.png")
def picture(number: int) -> Response:
    """Show what was drawn or sent; with ?seen=true, the 28×28 image that the network saw."""
    correction = corrections_store.store().get(number)
    answer = Response(correction.seen if query.flag("seen") else correction.picture, mimetype="image/png")
    answer.headers["Cache-Control"] = "no-store"  # what is deleted is gone
    return answer


@blueprint.patch("/corrections/<int:number>")
def relabel(number: int) -> dict[str, Any]:
    """Give a correction another label."""
    store = corrections_store.store()
    label = corrections_store.parse_label(request_body.json_object(request).get("label"))
    return _whole(store.relabel(number, label))


@blueprint.delete("/corrections/<int:number>")
def remove(number: int) -> tuple[str, int]:
    """Delete one correction."""
    corrections_store.store().remove(number)
    return "", 204


@blueprint.delete("/corrections")
def remove_all() -> dict[str, int]:
    """Delete all corrections, where ?confirm=all says that this is meant."""
    store = corrections_store.store()
    if request.args.get("confirm") != "all":
        raise Problem(
            400, "Not confirmed", "This deletes all corrections: say so with DELETE /corrections?confirm=all."
        )
    return {"deleted": store.remove_all()}


@blueprint.get("/corrections/export.zip")
def export_all() -> Response:
    """Send all corrections as folders of PNG files and a JSON file, in a zip file that is made on the way."""
    store = corrections_store.store()
    store.count()  # what is the matter with the store is said before anything is sent
    answer = Response(export.stream(store), mimetype="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="corrections.zip"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _name(name: Any) -> str | None:
    if name is None or isinstance(name, str):
        return name
    raise Problem(400, "Unknown model", '"model" is the name of a loaded model: GET /models lists them.')


def _one(body: request_body.Body) -> request_body.Body:
    if body.many:
        raise Problem(400, "Malformed correction", 'A correction is of one image: send "image" or "strokes".')
    return body


def _answer(reading: Reading) -> dict[str, Any]:
    return {
        "label": reading.label,
        "confidence": reading.confidence,
        "verdict": reading.verdict,
        "probabilities": dict(reading.probabilities),
    }


def _listed(entry: Entry) -> dict[str, Any]:
    image = url_for("corrections_api.picture", number=entry.id)
    return {
        "id": entry.id,
        "time": f"{entry.time:%Y-%m-%dT%H:%M:%SZ}",
        "label": entry.label,
        "drawn": entry.drawn,
        "answer": dict(entry.answer),
        "model": {"name": entry.model, "version": entry.version},
        "image": image,
        "seen": f"{image}?seen=true",
    }


def _whole(correction: Correction) -> dict[str, Any]:
    return {**_listed(correction), "strokes": correction.strokes}
