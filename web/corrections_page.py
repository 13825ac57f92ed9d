"""The page of corrections, with forms to relabel, export and delete them. It needs no JavaScript."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from corrections.entries import LABELS
from corrections.errors import StoreError
from web import corrections_store, csrf, query, request_trace, translations
from web.problems import Problem

PAGE = 48

blueprint = Blueprint("corrections_page", __name__)


@blueprint.app_context_processor
def _switch() -> dict[str, bool]:
    """Tell all templates whether corrections are stored."""
    return {"corrections_on": corrections_store.is_on()}


@blueprint.errorhandler(StoreError)
def _failed(error: StoreError) -> Response:
    return _refused(corrections_store.problem(error))


@blueprint.errorhandler(Problem)
def _refused(problem: Problem) -> Response:
    request_trace.refused(problem.title)
    return translations.page("corrections.html", problem.status, problem=problem)


@blueprint.after_request
def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"  # no cache may have a deleted correction
    return response


@blueprint.get("/corrections/")
def show() -> Response:
    """Show a page of corrections, the newest first."""
    store, before = corrections_store.store(), query.positive_integer("before", None)
    entries = store.page(PAGE + 1, before)
    older = entries[PAGE - 1].id if len(entries) > PAGE else None
    return translations.page(
        "corrections.html", entries=entries[:PAGE], total=store.count(), labels=LABELS, before=before, older=older
    )


@blueprint.post("/corrections/<int:number>/label")
def relabel(number: int) -> Response:
    """Change the label of a correction."""
    csrf.check()
    corrections_store.store().relabel(number, corrections_store.parse_label(request.form.get("label")))
    return _back(f"correction-{number}")


@blueprint.post("/corrections/<int:number>/delete")
def remove(number: int) -> Response:
    """Delete a correction."""
    csrf.check()
    corrections_store.store().remove(number)
    return _back("corrections")


@blueprint.post("/corrections/delete")
def remove_all() -> Response:
    """Delete all corrections if the box beside the button is ticked."""
    csrf.check()
    if request.form.get("confirm") != "all":
        raise Problem(400, "Not confirmed", "Nothing was deleted: tick the box beside the button first.")
    corrections_store.store().remove_all()
    return redirect(url_for(".show"), 303)


def _back(anchor: str) -> Response:
    """Redirect to the place of the form."""
    return redirect(url_for(".show", before=query.positive_integer("before", None), _anchor=anchor), 303)
