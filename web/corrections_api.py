"""/corrections: the JSON interface to stored corrections. web/corrections_page.py is the page for people.

POST runs the model on the image or drawing: the answer that is stored never comes from the client. Bodies are JSON
only, which a page of another site cannot send without a CORS preflight.
"""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from corrections import export
from corrections.entries import Correction, Entry, New
from corrections.errors import StoreError
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
    """Store a drawing or an image with its right label and the model's answer."""
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
    """List corrections, the newest first. Browsers are redirected to the page."""
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
    """Answer with one correction, strokes included."""
    return _whole(corrections_store.store().get(number))


@blueprint.get("/corrections/<int:number>.png")
def picture(number: int) -> Response:
    """Answer with the image of a correction: with ?seen=true, the network's 28×28 input."""
    correction = corrections_store.store().get(number)
    answer = Response(correction.seen if query.flag("seen") else correction.picture, mimetype="image/png")
    answer.headers["Cache-Control"] = "no-store"  # no cache may have a deleted correction
    return answer


@blueprint.patch("/corrections/<int:number>")
def relabel(number: int) -> dict[str, Any]:
    """Change the label of a correction."""
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
    """Delete all corrections if the query has confirm=all."""
    store = corrections_store.store()
    if request.args.get("confirm") != "all":
        raise Problem(
            400, "Not confirmed", "This deletes all corrections: say so with DELETE /corrections?confirm=all."
        )
    return {"deleted": store.remove_all()}


@blueprint.get("/corrections/export.zip")
def export_all() -> Response:
    """Stream a zip file of all corrections: folders of PNG files, and one JSON file."""
    store = corrections_store.store()
    store.count()  # raises an error of the store before anything is sent
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
