"""The page's words, in every language that it speaks.

One folder a language beside this file, with a JSON file for each part: page.json is what the templates say, and under
`say` what the page's scripts say; each panel has a file of its own. Which language is spoken: `?lang=` in the address,
which is remembered in a cookie; else what the browser asks for.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Request, Response, make_response, render_template, request

FOLDER: Final = Path(__file__).parent / "translations"
LANGUAGES: Final = ("en", "zh-Hans")  # the first where nothing better is known
PANELS: Final[tuple[str, ...]] = ("inside", "why", "kernel", "vote", "card")  # in the order that the page shows them in
COOKIE: Final = "lang"
A_YEAR: Final = 365 * 24 * 3600  # in seconds


@cache
def words(language: str) -> Mapping[str, Any]:
    """Load the words of one of LANGUAGES: of the page, `corrections_page`, and `panels` by name."""
    panels = {panel: _load(language, panel) for panel in PANELS}
    return {**_load(language, "page"), "corrections_page": _load(language, "corrections"), "panels": panels}


def _load(language: str, name: str) -> dict[str, Any]:
    return json.loads((FOLDER / language / f"{name}.json").read_text("utf-8"))


def language(request: Request) -> str:
    """Choose one of LANGUAGES for a request."""
    for wanted in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    for wanted, _ in request.accept_languages:
        for known in LANGUAGES:
            if wanted.split("-")[0].lower() == known.split("-")[0]:
                return known
    return LANGUAGES[0]


def page(template: str, status: int = 200, **values: Any) -> Response:
    """Render a template in the language that the current request wants, and let the next visit speak it, too."""
    spoken = language(request)
    others = {other: words(other)["language"] for other in LANGUAGES if other != spoken}
    text = render_template(template, words=words(spoken), language=spoken, others=others, **values)
    response = make_response(text, status)
    response.vary.update(("Accept-Language", "Cookie"))
    wanted = request.args.get("lang", "")
    if wanted in LANGUAGES:
        response.set_cookie(COOKIE, wanted, max_age=A_YEAR, samesite="Lax", path="/")
    return response
