"""The application factory: configuration, extensions and blueprints.

python app.py                                       for development, on http://127.0.0.1:8000
gunicorn --config gunicorn.conf.py 'app:create_app()'    for service
"""

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Before torch is imported. A server runs one worker per core: more threads in each would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from flask import Flask

from corrections.entries import FILE
from model.inference.engines import RUNTIMES
from model.preprocessing.image_files import MAX_JPEG_PIXELS
from web import (
    corrections_api,
    corrections_page,
    corrections_store,
    headers,
    health,
    inspect,
    kernels,
    limits,
    logs,
    metrics,
    middleware,
    models,
    openapi,
    pages,
    predict,
    problems,
    rate_limits,
    read,
    reload,
    service_worker,
    weights,
)

if TYPE_CHECKING:
    from corrections.store import Store

HOME = Path(__file__).parent

DEFAULTS: Mapping[str, Any] = {
    "WEIGHTS": str(HOME / "weights"),  # a folder: every NAME.safetensors in it is loaded
    "RUNTIME": "auto",  # torch, onnx, or auto: the faster one of those that can be used
    "MODEL": "digitpad",  # the default model
    "RELOAD": True,  # load new weights while the server runs
    "MAX_CONTENT_LENGTH": 32_000_000,  # in bytes
    "MAX_IMAGES": 100,  # per request
    "MAX_PIXELS": MAX_JPEG_PIXELS,  # per image, by its header
    "MAX_STROKES": 1_000,  # per drawing
    "MAX_POINTS": 20_000,  # per drawing, in all strokes together
    "MAX_SECONDS": 30,  # per request
    "MAX_IN_FLIGHT": 256,  # requests that a worker has accepted and not answered
    "RATE_LIMIT": "",  # per client, such as 600/minute; empty for none
    "RATE_LIMIT_STORAGE": "memory://",  # where requests are counted
    "CORS_ORIGINS": "",  # origins whose pages may send requests, separated by commas: https://example.org,…
    "PROXIES": 0,  # the number of trusted proxies in front, which set X-Forwarded-For
    "CORRECTIONS": True,  # store corrections
    "DATABASE_URL": "",  # of the corrections; empty for an SQLite file in the instance folder
    "MAX_CORRECTIONS": 10_000,
    "LOG_FORMAT": "",  # json, text, or empty: the caller sets up logging
}


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Create the application. It is configured by DEFAULTS, then by DIGITPAD_* variables, then by `test_config`.

    Loads the weights. If they cannot be loaded, the application is created all the same, and /readyz says why. Raises
    ValueError for an invalid setting.
    """
    app = Flask(__name__)
    app.config.from_mapping(DEFAULTS)
    app.config.from_prefixed_env("DIGITPAD")
    # No environment variable can show tracebacks to clients; only a test can.
    app.config.from_mapping(DEBUG=False, TESTING=False, PROPAGATE_EXCEPTIONS=None)
    app.config.from_mapping(test_config or {})
    _check_configuration(app.config)

    logs.init_app(app)
    middleware.init_app(app)
    headers.init_app(app)
    limits.init_app(app)
    rate_limits.init_app(app)
    problems.init_app(app)
    reload.init_app(app)
    corrections_store.init_app(app, _store(app))
    digits = (pages, predict, read, inspect, models, kernels, weights, corrections_api, corrections_page)
    operations = (health, metrics, openapi, service_worker)
    for module in (*digits, *operations):
        app.register_blueprint(module.blueprint)
    return app


def _check_configuration(config: Mapping[str, Any]) -> None:
    def check(name: str, is_valid: bool, rule: str) -> None:
        if not is_valid:
            raise ValueError(f"DIGITPAD_{name} is {config[name]!r}: it must be {rule}")

    for name in (name for name in DEFAULTS if name.startswith("MAX_")):
        check(name, type(config[name]) is int and config[name] > 0, "a whole number above 0")
    for name in ("CORRECTIONS", "RELOAD"):
        check(name, isinstance(config[name], bool), "true or false")
    check("RUNTIME", config["RUNTIME"] in RUNTIMES, f"one of {', '.join(RUNTIMES)}")
    check("LOG_FORMAT", config["LOG_FORMAT"] in logs.FORMATS, "json or text")
    check("PROXIES", isinstance(config["PROXIES"], int) and 0 <= config["PROXIES"] < 10, "a whole number from 0 to 9")
    check("MAX_PIXELS", config["MAX_PIXELS"] <= MAX_JPEG_PIXELS, f"at most {MAX_JPEG_PIXELS}")


def _store(app: Flask) -> "Callable[[], Store] | None":
    """Return what makes the store of corrections. The first request that needs it opens the database."""
    if not app.config["CORRECTIONS"]:
        return None
    url = str(app.config["DATABASE_URL"])

    @functools.cache
    def opened() -> "Store":
        from corrections.store import Store  # SQLAlchemy takes a fifth of the server's start

        return Store(url or str(Path(app.instance_path) / FILE), app.config["MAX_CORRECTIONS"])

    if url:
        opened()  # an invalid address stops the start
    return opened


if __name__ == "__main__":
    os.environ.setdefault("DIGITPAD_LOG_FORMAT", "text")
    application = create_app()
    reload.start(application)
    application.run(port=8000, request_handler=logs.QuietHandler)
