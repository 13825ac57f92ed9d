"""The networks that every reader of digits shares: one finds ink on paper, one reads lines."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model.inference.engines import Runtime
from model.inference.ink import InkFinder
from model.inference.line import LineReader

Companion = InkFinder | LineReader
KINDS: Final[Mapping[str, type[InkFinder] | type[LineReader]]] = {kind.name: kind for kind in (InkFinder, LineReader)}


@dataclass(frozen=True)
class Companions:
    """The networks that are there."""

    ink: InkFinder | None = None
    line: LineReader | None = None

    @classmethod
    def in_folder(cls, folder: Path, runtime: Runtime = "auto") -> "Companions":
        """Load those of a folder of weights. Raises WeightsError."""
        return cls(**{name: kind.in_folder(folder, runtime) for name, kind in KINDS.items()})  # type: ignore[arg-type]

    def get(self, name: str) -> Companion | None:
        """Return the one called `name`, if it is there."""
        found: Companion | None = getattr(self, name)
        return found

    def having(self, name: str, companion: Companion) -> "Companions":
        """Return these with another one as `name`."""
        return dataclasses.replace(self, **{name: companion})  # type: ignore[arg-type]
