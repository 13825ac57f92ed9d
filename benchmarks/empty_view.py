"""An empty Flask view under our gunicorn: no request can be answered faster."""

from flask import Flask

from web import reload


def create_app() -> Flask:
    """Build an application that answers anything at / with nothing."""
    app = Flask(__name__)
    # What gunicorn.conf.py and its workers ask of an application.
    app.config["MAX_SECONDS"] = 30
    app.extensions[reload.EXTENSION] = None
    app.add_url_rule("/", view_func=lambda: "", methods=["GET", "POST"])
    return app
