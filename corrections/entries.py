"""What is stored: a correction, with or without its strokes and images. Nothing here needs the database's library."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

NONE: Final = "none"  # the label of an image that is no digit
LABELS: Final = (*"0123456789", NONE)
FOLDS: Final = 5
FILE: Final = "corrections.sqlite3"
INSTANCE: Final = Path(__file__).parent.parent / "instance"


@dataclass(frozen=True)
class Entry:
    """A correction without its strokes and images.

    When it is stored it gets one of FOLDS folds, in turn for each label, and keeps it: corrections that one training
    holds out are held out by every later one, too.
    """

    id: int
    time: datetime  # UTC
    label: str  # the right one of LABELS
    fold: int
    drawn: bool  # whether there are strokes
    answer: Mapping[str, Any]  # the model's: label, confidence, probabilities, verdict
    model: str
    version: str


@dataclass(frozen=True)
class Correction(Entry):
    """A correction with its strokes, a picture of the drawing or image, and the network's input, both as PNG."""

    strokes: list[dict[str, Any]] | None  # each {"width": number or None, "points": [[x, y] or [x, y, pressure], …]}
    picture: bytes
    seen: bytes


@dataclass(frozen=True)
class New:
    """A correction to be stored. The fields are those of Correction."""

    label: str
    strokes: list[dict[str, Any]] | None
    picture: bytes
    seen: bytes
    answer: Mapping[str, Any]
    model: str
    version: str
