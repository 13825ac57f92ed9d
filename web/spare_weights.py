"""A spare copy of the default weights that a server loaded last, for the workers that it starts later.

A worker that dies is replaced by one that reads the folder of weights anew. If the file there is damaged or misreads by
then, the new worker serves the copy, as the other workers do. The copy lasts as long as the server
(web/server_folder.py).
"""

import dataclasses
import hashlib
import shutil
from logging import Logger
from pathlib import Path

from model.files import write_atomically
from model.inference import guard
from model.inference.engines import Runtime
from model.inference.recognizer import Recognizer
from model.networks.description import WeightsError
from web.load_weights import SUFFIX, without
from web.recognizers import Recognizers


def copy_default(known: Recognizers, folder: Path, spare: Path, log: Logger) -> None:
    """Copy the default weights, and their ONNX graph, from `folder` to `spare`: if they are still those in service."""
    if known.default not in known.loaded:
        return
    path, version = folder / f"{known.default}{SUFFIX}", known.loaded[known.default].version
    target = spare / path.name
    try:
        if target.exists() and _version(target) == version:
            return
        for source in sorted(folder.glob(f"{path.stem}.*")):
            if source.stem == path.stem:
                with write_atomically(spare / source.name) as new:
                    shutil.copyfile(source, new)
                    if source == path and _version(new) != version:
                        raise OSError(f"{path} changed while it was copied")
    except OSError as error:
        log.warning("no spare copy of the weights was kept in %s: %s", spare, error)


def _version(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def stand_in(known: Recognizers, spare: Path, runtime: Runtime, log: Logger) -> Recognizers:
    """Return `known`, with the copy in `spare` as the default where that is missing or reads worse."""
    path = spare / f"{known.default}{SUFFIX}"
    if not path.exists():
        return known
    try:
        old, new = Recognizer.load(path, runtime, known.companions), known.loaded.get(known.default)
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
