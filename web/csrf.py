"""Protection against cross-site request forgery: forms are accepted only from pages of this server."""

from urllib.parse import urlsplit

from flask import request

from web.problems import Problem


def check() -> None:
    """Raise a 403 Problem for a form from another site.

    This server has no sessions, and so no token to check. Browsers send the origin of a form in Sec-Fetch-Site or in
    Origin, and no page can change these headers. A program that sends neither can use the JSON interface.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = urlsplit(request.headers.get("Origin", "")).netloc
    if site == "same-origin" if site else origin and origin == request.host:
        return
    raise Problem(
        403, "Forbidden", "This form was not sent by a page of this server: open /corrections/ and use it there."
    )
