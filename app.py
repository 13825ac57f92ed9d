"""The application: configuration, the recognisers, and the blueprints.

python app.py                                       for development, on http://127.0.0.1:8000
gunicorn --config gunicorn.conf.py 'app:create_app()'    for service
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Before torch is imported: a server runs one worker a core, and each worker's pool would span all of them.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from flask import Flask

from corrections.store import FILE, Store
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
)

HOME = Path(__file__).parent

DEFAULTS: Mapping[str, Any] = {
    "WEIGHTS": str(HOME / "weights"),  # a folder: every NAME.safetensors in it is loaded
    "RUNTIME": "auto",  # what runs the networks: torch, onnx, or whichever of them is there and better
    "MODEL": "digitpad",  # the name of the one that reads when none is asked for
    "RELOAD": True,  # whether new weights are taken while the server runs
    "MAX_CONTENT_LENGTH": 32_000_000,  # in bytes
    "MAX_IMAGES": 100,  # in a request
    "MAX_PIXELS": MAX_JPEG_PIXELS,  # of an image, as its header tells
    "MAX_STROKES": 1_000,  # of a drawing
    "MAX_POINTS": 20_000,  # of all its strokes together
    "MAX_SECONDS": 30,  # for a request
    "MAX_IN_FLIGHT": 256,  # requests that a worker has taken in and not answered
    "RATE_LIMIT": "",  # for each client, such as 600/minute; or nothing: there is none
    "RATE_LIMIT_STORAGE": "memory://",  # where it is counted
    "CORS_ORIGINS": "",  # the sites whose pages may ask, such as https://example.org, with commas between them
    "PROXIES": 0,  # how many proxies of ours stand before the server, and name its client in X-Forwarded-For
    "CORRECTIONS": True,  # whether they are stored
    "DATABASE_URL": "",  # where they are: by default in an SQLite file in the instance folder
    "MAX_CORRECTIONS": 10_000,
    "LOG_FORMAT": "",  # json, text, or nothing: whoever makes the application then sets up logging
}


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build the application: defaults, DIGITPAD_* from the environment, then `test_config`.

    Loads the weights once. Raises ValueError for a setting that makes no sense; weights that cannot be loaded do not
    stop the server, which then says so at /readyz.
    """
    app = Flask(__name__)
    app.config.from_mapping(DEFAULTS)
    app.config.from_prefixed_env("DIGITPAD")
    # Only a test sees what goes wrong inside. No variable of the environment can show it to clients.
    app.config.from_mapping(DEBUG=False, TESTING=False, PROPAGATE_EXCEPTIONS=None)
    app.config.from_mapping(test_config or {})
    _check_configuration(app)

    logs.init_app(app)
    middleware.init_app(app)
    headers.init_app(app)
    limits.init_app(app)
    rate_limits.init_app(app)
    problems.init_app(app)
    reload.init_app(app)
    corrections_store.init_app(app, _store(app))
    for_digits = (pages, predict, read, inspect, models, kernels, corrections_api, corrections_page)
    for_operations = (health, metrics, openapi)
    for module in (*for_digits, *for_operations):
        app.register_blueprint(module.blueprint)
    return app


def _check_configuration(app: Flask) -> None:
    for name in (name for name in DEFAULTS if name.startswith("MAX_")):
        value = app.config[name]
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"DIGITPAD_{name} is {value!r}: it must be a whole number above 0")
    if app.config["RUNTIME"] not in RUNTIMES:
        raise ValueError(f"DIGITPAD_RUNTIME is {app.config['RUNTIME']!r}: it must be one of {', '.join(RUNTIMES)}")
    if app.config["LOG_FORMAT"] not in logs.FORMATS:
        raise ValueError(f"DIGITPAD_LOG_FORMAT is {app.config['LOG_FORMAT']!r}: it must be json or text")
    if not isinstance(app.config["PROXIES"], int) or not 0 <= app.config["PROXIES"] < 10:
        raise ValueError(f"DIGITPAD_PROXIES is {app.config['PROXIES']!r}: it must be a whole number from 0 to 9")
    if app.config["MAX_PIXELS"] > MAX_JPEG_PIXELS:
        raise ValueError(f"DIGITPAD_MAX_PIXELS is {app.config['MAX_PIXELS']}: it must be at most {MAX_JPEG_PIXELS}")
    for name in ("CORRECTIONS", "RELOAD"):
        if not isinstance(app.config[name], bool):
            raise ValueError(f"DIGITPAD_{name} is {app.config[name]!r}: it must be true or false")


def _store(app: Flask) -> Store | None:
    """Prepare the store of corrections. It is opened by the first request that needs it."""
    if not app.config["CORRECTIONS"]:
        return None
    url = str(app.config["DATABASE_URL"]) or str(Path(app.instance_path) / FILE)
    return Store(url, app.config["MAX_CORRECTIONS"])


if __name__ == "__main__":
    os.environ.setdefault("DIGITPAD_LOG_FORMAT", "text")
    application = create_app()
    reload.start(application)
    application.run(port=8000, request_handler=logs.QuietHandler)
