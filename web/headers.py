"""What every answer tells the browser: what its page may load, who may frame it, and which other sites may ask."""

import re

from flask import Flask, Response
from flask_cors import CORS

# The page satisfies this without an exception: no script, style or image of it is written into its HTML, and nothing
# comes from another host. Drawings and images are shown from data: and blob: addresses, which hold no scripts.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self' data:",  # the server's answers hold images, too
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Our own forms are known by where they come from (web/csrf.py); other sites learn nothing.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A photograph is taken by the browser's own camera page, which needs no leave of ours.
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()",
}

# What pages of other sites may ask, if they are named: to read digits, and nothing that is stored.
SHARED = (r"/predict", r"/read", r"/inspect", r"/models(/.*)?", r"/openapi\.json")
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", re.ASCII)


def init_app(app: Flask) -> None:
    """Put the headers on every answer of `app`. Raises ValueError for an origin that is none."""
    origins = [origin.strip() for origin in str(app.config["CORS_ORIGINS"]).split(",") if origin.strip()]
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise ValueError(
                f"DIGITPAD_CORS_ORIGINS names {origin!r}: write whole origins, such as https://example.org, with commas"
            )
    if origins:
        CORS(
            app,
            resources={path: {} for path in SHARED},
            origins=origins,
            methods=["GET", "POST"],
            allow_headers=["Content-Type", "X-Request-ID"],
            expose_headers=["Retry-After", "X-Request-ID"],
            max_age=3600,  # in seconds
            vary_header=True,
        )
    app.after_request(_add)


def _add(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
