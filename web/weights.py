"""GET /weights/NAME.safetensors: the weights that the page reads with where it cannot reach the server.

Of the folder of weights no other file is sent.
"""

from pathlib import Path

from flask import Blueprint, Response, current_app

from web.answers import revalidated
from web.problems import Problem
from web.recognizers import ON_DEVICE

blueprint = Blueprint("weights", __name__)


@blueprint.get("/weights/<name>.safetensors")
def weights(name: str) -> Response:
    """Answer with a weights file. A client revalidates it: other weights may have replaced it."""
    path = Path(current_app.config["WEIGHTS"]) / f"{name}.safetensors"
    if name not in ON_DEVICE or not path.is_file():
        raise Problem(404, "Unknown weights", f"The page reads with {', '.join(ON_DEVICE)}, as far as they are there.")
    return revalidated(Response(path.read_bytes(), mimetype="application/octet-stream"))
