"""The page's words, in every language that it speaks.

One JSON file a language, in the folder beside this file: what the templates say, and under `say` what the page's
scripts say. Which language is spoken: `?lang=` in the address, which is remembered in a cookie; else what the browser
asks for.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Request, Response

FOLDER: Final = Path(__file__).parent / "words"
LANGUAGES: Final = ("en", "zh-Hans")  # the first where nothing better is known
COOKIE: Final = "lang"
A_YEAR: Final = 365 * 24 * 3600  # in seconds


@cache
def words(language: str) -> Mapping[str, Any]:
    """Load the words of one of LANGUAGES."""
    found: Mapping[str, Any] = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
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
