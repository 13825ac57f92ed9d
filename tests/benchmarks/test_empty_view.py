"""The floor that servers are compared with starts under gunicorn.conf.py, too."""

from benchmarks.empty_view import create_app
from web import reload


def test_the_empty_view_starts_and_answers_with_nothing(tmp_path):
    app = create_app()
    reload.start(app, tmp_path)
    assert app.test_client().get("/").data == b""
