"""Parameters of the query string, parsed."""

from typing import Any

from flask import request

from web.problems import Problem


def flag(name: str) -> bool:
    """Tell whether `name` is set: to `true` or `1`."""
    return request.args.get(name, "").lower() in ("true", "1")


def positive_integer(name: str, default: Any, most: int | None = None) -> Any:
    """Parse `name`, and cut it to `most`; return `default` where it is absent. Raises a 400 Problem."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) > 0):
        raise Problem(400, "Malformed query", f"{name} is a whole number above 0: leave it out, or correct it.")
    return int(text) if most is None else min(int(text), most)
