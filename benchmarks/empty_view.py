"""An empty Flask view under our gunicorn: no request can be answered faster."""

from flask import Flask

from web import recognizers, reload


def create_app() -> Flask:
    """Build an application that answers anything at / with nothing."""
    app = Flask(__name__)
    # What gunicorn.conf.py and its workers ask of an application.
    app.config.update(MAX_SECONDS=30, RUNTIME="onnx", WEIGHTS="")
    app.extensions[reload.EXTENSION] = None
    recognizers.init_app(app, recognizers.Recognizers({}, ""))
    app.add_url_rule("/", view_func=lambda: "", methods=["GET", "POST"])
    return app
