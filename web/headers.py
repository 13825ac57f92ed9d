"""Security headers of every answer, and CORS."""

import re

from flask import Flask
from flask_cors import CORS

# The pages have no inline scripts or styles and load nothing from other hosts. Images are also shown from data: and
# blob: addresses, which cannot run scripts.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",  # static/ondevice/ computes in WebAssembly; this allows no eval()
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self' data:",  # answers contain images as data URLs
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

# Of every answer: web/middleware.py adds them, which is quicker than Flask's headers one by one.
SECURITY = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    # With no-referrer, browsers would send our own forms without an Origin (web/csrf.py).
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    # The camera button uses the browser's own camera page, which needs no permission here.
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()"),
)

# The addresses that the origins in CORS_ORIGINS may use: none that shows or changes stored corrections.
SHARED = (r"/predict", r"/read", r"/inspect", r"/models(/.*)?", r"/openapi\.json")
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", re.ASCII)


def init_app(app: Flask) -> None:
    """Let the pages of other origins use `app` where it is configured. Raises ValueError for an invalid origin."""
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
