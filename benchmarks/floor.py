"""An empty Flask view: the floor under all that a server of ours can do."""

from flask import Flask


def create_app() -> Flask:
    """Build an application that answers anything at / with nothing."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "", methods=["GET", "POST"])
    return app
