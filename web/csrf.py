"""Forms that only a page of ours may send."""

from urllib.parse import urlsplit

from flask import request

from web.problems import Problem


def check() -> None:
    """Raise a 403 Problem where a form was not sent by a page of this server.

    A form needs nobody's leave to be sent to another site, and this server knows no sessions whose token it could ask
    for. Browsers say where a form comes from: in Sec-Fetch-Site, or at least in Origin, and no page can change what
    they say. A request with neither is no browser's, and has the JSON interface.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = urlsplit(request.headers.get("Origin", "")).netloc
    if site == "same-origin" if site else origin and origin == request.host:
        return
    raise Problem(
        403, "Forbidden", "This form was not sent by a page of this server: open /corrections/ and use it there."
    )
