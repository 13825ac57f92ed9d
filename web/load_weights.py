"""A folder of weights files → recognisers."""

from collections.abc import Mapping
from logging import Logger
from pathlib import Path
from typing import TypeVar

from model.inference import guard
from model.inference.companions import KINDS, Companions
from model.inference.engines import Runtime
from model.inference.recognizer import Recognizer
from model.networks.description import WeightsError, read
from web.recognizers import Recognizers

SUFFIX = ".safetensors"
MISSING = {"ink": "photographs and forms are not read", "line": "numbers are not read"}
T = TypeVar("T")


def load_all(folder: Path, default: str, runtime: Runtime, log: Logger) -> Recognizers:
    """Load every weights file in `folder`, to be run by `runtime`.

    Files that cannot be loaded are logged and listed as failures. A default that misreads the guard set is logged, and
    served: at the start there are no better weights.
    """
    loaded: dict[str, Recognizer] = {}
    failures: dict[str, str] = {}
    refused: dict[str, str] = {}
    companions = Companions()
    for name in KINDS:
        companions = _with_companion(companions, folder / f"{name}{SUFFIX}", runtime, failures, log)
    # The default's file is tried even if it is missing, so that the log and /readyz say why.
    for path in sorted(
        {*folder.glob(f"*{SUFFIX}"), folder / f"{default}{SUFFIX}"} - {folder / f"{name}{SUFFIX}" for name in KINDS}
    ):
        try:
            contents = read(path)
            if contents.description.channels == 3:  # before it is run: ONNX Runtime has no file for it
                refused[path.stem] = no_drawings(path.stem)
                continue
            recognizer = Recognizer.start(path, contents, runtime, companions)
        except WeightsError as error:
            failures[path.stem] = str(error)
            log.error("%s", error)
            continue
        loaded[path.stem] = recognizer
        log.info("loaded %s, %s, run by %s", path, recognizer.version, recognizer.runtime)
    if default in loaded:
        warn_of_misread(loaded[default], log)
    return Recognizers(loaded, default, failures, refused, companions)


def _with_companion(
    companions: Companions, path: Path, runtime: Runtime, failures: dict[str, str], log: Logger
) -> Companions:
    """Load a network that others share. Without it, single digits in drawings are read all the same."""
    missing = MISSING[path.stem]
    if not path.exists():
        log.warning("%s is not there: %s", path, missing)
        return companions
    try:
        companion = KINDS[path.stem].load(path, runtime)
    except WeightsError as error:
        failures[path.stem] = str(error)
        log.error("%s So %s.", error, missing)
        return companions
    log.info("loaded %s, %s, run by %s", path, companion.version, companion.runtime)
    return companions.having(path.stem, companion)


def warn_of_misread(recognizer: Recognizer, log: Logger) -> None:
    """Log a warning if a recogniser misreads the guard set."""
    try:
        guard.check(recognizer)
    except guard.Misread as why:
        log.warning("%s reads badly: %s. It is served all the same; train it again.", recognizer.name, why)


def no_drawings(name: str) -> str:
    """Explain why a network for photographs is not served."""
    return (
        f"The model {name!r} reads photographs in colour, and no drawings: "
        f"use `python -m model predict --network {name} FILE`."
    )


def without(known: Mapping[str, T], name: str) -> dict[str, T]:
    """Return `known` without `name`."""
    return {key: value for key, value in known.items() if key != name}
