"""The default weights that a server took last, kept for the workers that it starts later.

A worker that dies is replaced by one that reads the folder of weights anew. Where what lies there by then is damaged or
misreads, the new worker takes what the others serve. The copy is kept as long as the server runs: gunicorn.conf.py
makes its folder, and names it in DIGITPAD_SPARE. Without one nothing is kept.
"""

import dataclasses
import hashlib
import shutil
from logging import Logger
from pathlib import Path

from model import guard
from model.description import WeightsError
from model.engines import Runtime
from model.files import write_atomically
from model.recognizer import Recognizer
from web.load_weights import SUFFIX, without
from web.recognizers import Recognizers


def keep(path: Path, version: str, spare: str, log: Logger) -> None:
    """Keep the weights in `path`, with what lies beside them under the same name, as long as they are `version`."""
    if not spare:
        return
    kept = Path(spare) / path.name
    try:
        if kept.exists() and _version(kept) == version:
            return
        for beside in sorted(path.parent.glob(f"{path.stem}.*")):
            if beside.stem == path.stem:
                with write_atomically(kept.with_name(beside.name)) as new:
                    shutil.copyfile(beside, new)
                    if beside == path and _version(new) != version:
                        raise OSError(f"{path} changed while it was copied")
    except OSError as error:
        log.warning("no spare copy of the weights was kept in %s: %s", spare, error)


def _version(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def stand_in(known: Recognizers, spare: str, runtime: Runtime, log: Logger) -> Recognizers:
    """Return `known`, or the spare weights in the place of a default that is not there or reads worse."""
    path = Path(spare) / f"{known.default}{SUFFIX}"
    if not spare or not path.exists():
        return known
    try:
        old, new = Recognizer.load(path, runtime), known.loaded.get(known.default)
        if new is not None:
            guard.check(new, old)
            return known
    except WeightsError:
        return known
    except guard.Misread as why:
        log.error("refused weights of %s: %s", known.default, why)
    log.error("%s of the workers before this one serves on in it", old.version)
    loaded = {**known.loaded, known.default: old}
    return dataclasses.replace(known, loaded=loaded, failures=without(known.failures, known.default))
