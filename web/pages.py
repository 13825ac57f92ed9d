"""The page."""

from flask import Blueprint, render_template

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def index() -> str:
    """Show the drawing pad."""
    return render_template("index.html")
