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

from flask import Request, Response

FOLDER: Final = Path(__file__).parent / "words"
LANGUAGES: Final = ("en", "zh-Hans")  # the first where nothing better is known
PANELS: Final[tuple[str, ...]] = ("kernel",)  # in the order that the page shows them in
COOKIE: Final = "lang"
A_YEAR: Final = 365 * 24 * 3600  # in seconds


@cache
def words(language: str) -> Mapping[str, Any]:
    """Load the words of one of LANGUAGES: those of the page, and under `panels` those of each panel."""
    page: dict[str, Any] = _load(FOLDER / language / "page.json")
    return {**page, "panels": {panel: _load(FOLDER / language / f"{panel}.json") for panel in PANELS}}


def _load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


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


def remember(request: Request, response: Response) -> Response:
    """Let the next visit speak the language that this address asked for."""
    response.vary.update(("Accept-Language", "Cookie"))
    wanted = request.args.get("lang", "")
    if wanted in LANGUAGES:
        response.set_cookie(COOKIE, wanted, max_age=A_YEAR, samesite="Lax", path="/")
    return response
