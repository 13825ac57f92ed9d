"""Translations of the pages.

translations/ has a folder per language. In it, page.json has the texts of the templates and, under `say`, those of the
scripts; each panel, the corrections page and the tour have a file of their own. The language is that of `?lang=`, which
a cookie remembers, or else the one that the browser prefers.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Request, Response, make_response, render_template, request

FOLDER: Final = Path(__file__).parent / "translations"
LANGUAGES: Final = ("en", "zh-Hans")  # the first is the default
PANELS: Final[tuple[str, ...]] = ("inside", "why", "kernel", "vote", "card")  # in the page's order
COOKIE: Final = "lang"
A_YEAR: Final = 365 * 24 * 3600  # in seconds


@cache
def words(language: str) -> Mapping[str, Any]:
    """Load the texts of one of LANGUAGES: the page's, with `corrections_page` and `tour`, and `panels` by name."""
    panels = {panel: _load(language, panel) for panel in PANELS}
    others = {"corrections_page": _load(language, "corrections"), "tour": _load(language, "tour")}
    return {**_load(language, "page"), **others, "panels": panels}


def _load(language: str, name: str) -> dict[str, Any]:
    return json.loads((FOLDER / language / f"{name}.json").read_text("utf-8"))


def language(request: Request) -> str:
    """Choose the language of the answer to a request."""
    for wanted in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    for wanted, _ in request.accept_languages:
        for known in LANGUAGES:
            if wanted.split("-")[0].lower() == known.split("-")[0]:
                return known
    return LANGUAGES[0]


def render(template: str, spoken: str, **values: Any) -> str:
    """Render a template in one of LANGUAGES."""
    others = {other: words(other)["language"] for other in LANGUAGES if other != spoken}
    return render_template(template, words=words(spoken), language=spoken, others=others, **values)


def page(template: str, status: int = 200, **values: Any) -> Response:
    """Render a template in the language of the current request. A cookie remembers `?lang=`."""
    response = make_response(render(template, language(request), **values), status)
    response.vary.update(("Accept-Language", "Cookie"))
    wanted = request.args.get("lang", "")
    if wanted in LANGUAGES:
        response.set_cookie(COOKIE, wanted, max_age=A_YEAR, samesite="Lax", path="/")
    return response
