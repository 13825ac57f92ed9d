"""Hot reload: new weights are served without a restart.

In each process a thread looks at the folder of weights twice a second. A changed file is loaded and checked beside the
weights in service, and then replaces them in one assignment: no request waits, and none uses both. A file that cannot
be used is logged and not tried again until it changes; the old weights stay in service.
"""

import dataclasses
import os
import stat
import threading
from collections.abc import Mapping
from pathlib import Path

from flask import Flask

from model.inference import guard
from model.inference.companions import KINDS, Companion
from model.inference.line import LineReader
from model.inference.recognizer import Recognizer
from model.networks.description import WeightsError
from web import metrics, recognizers, spare_weights
from web.load_weights import SUFFIX, load_all, no_drawings, warn_of_misread, without
from web.recognizers import Recognizers

INTERVAL = 0.4  # in seconds: with two looks and loading, new weights are served within two seconds
EXTENSION = "digitpad watcher"

# The files of one model: of each the name, the inode, the modification time in nanoseconds and the size.
Files = tuple[tuple[str, int, int, int], ...]


def init_app(app: Flask) -> None:
    """Load the weights of `app`. `start` watches them."""
    folder = Path(app.config["WEIGHTS"])
    try:
        files = files_in(folder)  # before loading, so that a change meanwhile is noticed
    except OSError:
        files = {}
    recognizers.init_app(app, load_all(folder, str(app.config["MODEL"]), app.config["RUNTIME"], app.logger))
    app.extensions[EXTENSION] = Watcher(app, folder, files) if app.config["RELOAD"] else None


def start(app: Flask, spare: Path | None = None) -> None:
    """Watch the weights of `app` unless DIGITPAD_RELOAD is false. Call it in the process that serves `app`.

    `spare` is a folder for a copy of the default weights. The copy is served if the default in the folder of weights
    cannot be used.
    """
    if spare:
        known = spare_weights.stand_in(recognizers.in_service(app), spare, app.config["RUNTIME"], app.logger)
        recognizers.init_app(app, known)
        spare_weights.copy_default(known, Path(app.config["WEIGHTS"]), spare, app.logger)
    if app.extensions[EXTENSION]:
        app.extensions[EXTENSION].start(spare)


def stop(app: Flask) -> None:
    """Stop watching the weights of `app`."""
    if app.extensions[EXTENSION]:
        app.extensions[EXTENSION].stop()


def files_in(folder: Path) -> dict[str, Files]:
    """Return the files of each model in `folder`: its weights file and other files of the same name.

    Files that are being written have other names (model/files.py). Raises OSError if the folder cannot be read.
    """
    by_name: dict[str, list[tuple[str, int, int, int]]] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.name)
            try:
                status = entry.stat()
            except OSError:  # deleted meanwhile, or a broken link
                continue
            if not entry.name.startswith(".") and not stat.S_ISDIR(status.st_mode):
                file = (entry.name, status.st_ino, status.st_mtime_ns, status.st_size)
                by_name.setdefault(path.stem, []).append(file)
    return {
        name: tuple(sorted(files)) for name, files in by_name.items() if any(file[0] == name + SUFFIX for file in files)
    }


class Watcher:
    """Watches the folder of an application's weights.

    `files` are the files in the folder before the weights were loaded.
    """

    def __init__(self, app: Flask, folder: Path, files: Mapping[str, Files]) -> None:
        self._app, self._folder = app, folder
        self._tried = dict(files)
        self._seen = dict(files)
        self._readable = True
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._spare: Path | None = None

    def start(self, spare: Path | None = None) -> None:
        """Start a thread that watches. Call it after a fork: threads do not survive one."""
        self._spare = spare
        self._thread = threading.Thread(target=self._run, name="weights watcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread, after a load that is under way."""
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(INTERVAL):
            try:
                self.look()
            except Exception:  # the old weights serve on, and the next look may succeed
                self._app.logger.exception("the weights could not be looked at")

    def look(self) -> None:
        """Load the files that have changed, once they are the same in two looks: until then they are being written."""
        try:
            files = files_in(self._folder)
        except OSError as error:
            if self._readable:
                self._app.logger.error("%s cannot be read (%s): what was loaded stays in service", self._folder, error)
            self._readable = False
            return
        self._readable = True
        for name in sorted(files.keys() | self._tried.keys()):
            now = files.get(name)
            if now != self._tried.get(name) and now == self._seen.get(name):
                if now:
                    self._tried[name] = now
                    self._take(name)
                else:
                    self._tried.pop(name, None)
                    self._remove(name)
        self._seen = files

    def _remove(self, name: str) -> None:
        """Stop serving a model whose file is gone, unless it is the default or shared by the others."""
        known, log = recognizers.in_service(self._app), self._app.logger
        if name == known.default or name in KINDS:
            log.error("%s%s is gone from %s: what was loaded stays in service", name, SUFFIX, self._folder)
            return
        recognizers.init_app(self._app, _without(known, name))
        log.info("%s%s is gone from %s, and is not served any more", name, SUFFIX, self._folder)

    def _take(self, name: str) -> None:
        """Load and serve new weights. If they cannot be used, the old ones serve on."""
        known, log = recognizers.in_service(self._app), self._app.logger
        path = self._folder / f"{name}{SUFFIX}"
        old = known.companions.get(name) if name in KINDS else known.loaded.get(name)
        try:
            new = self._load_companion(path, known) if name in KINDS else self._load(path, known.loaded.get(name))
        except Exception as error:  # whatever it is, the old weights serve on
            expected = isinstance(error, (WeightsError, guard.Misread))
            why = str(error) if expected else f"{path} cannot be used ({type(error).__name__}: {error})."
            if old is None:
                failures = {**known.failures, name: why}
                recognizers.init_app(self._app, dataclasses.replace(known, failures=failures))
            stays = f"; {old.version} serves on" if old else ""
            log.error("refused new weights in %s: %s%s", path, why, stays, exc_info=not expected)
            metrics.reload_refused(name)
            return
        known = _with(known, name, new)
        recognizers.init_app(self._app, known)
        if self._spare and name == known.default:
            spare_weights.copy_default(known, self._folder, self._spare, log)
        log.info("reloaded %s, %s, run by %s", path, new.version, new.runtime)
        metrics.reloaded(name)

    def _load_companion(self, path: Path, known: Recognizers) -> Companion:
        """Load a network that others share, and check it on the guard set. Raises WeightsError or Misread."""
        new = KINDS[path.stem].load(path, self._app.config["RUNTIME"])
        if isinstance(new, LineReader):
            guard.check_lines(new)
        elif known.default in known.loaded:
            guard.check_finder(new, known.loaded[known.default])
        return new

    def _load(self, path: Path, old: Recognizer | None) -> Recognizer:
        """Load new weights and check them on the guard set. Raises WeightsError or Misread."""
        new = Recognizer.load(path, self._app.config["RUNTIME"], recognizers.in_service(self._app).companions)
        if new.reads_photographs:
            if old is not None:
                raise guard.Misread(no_drawings(path.stem))
        elif old is not None:
            guard.check(new, old)
        else:
            new.check()
            warn_of_misread(new, self._app.logger)
        return new


def _with(known: Recognizers, name: str, new: Recognizer | Companion) -> Recognizers:
    """Return `known` with `new` as the recogniser called `name`, or as a network that all of them share."""
    failures, refused = without(known.failures, name), without(known.refused, name)
    if not isinstance(new, Recognizer):
        companions = known.companions.having(name, new)
        loaded = {name: recognizer.beside(companions) for name, recognizer in known.loaded.items()}
        return dataclasses.replace(known, loaded=loaded, failures=failures, companions=companions)
    if new.reads_photographs:
        return dataclasses.replace(known, failures=failures, refused={**refused, name: no_drawings(name)})
    return dataclasses.replace(known, loaded={**known.loaded, name: new}, failures=failures, refused=refused)


def _without(known: Recognizers, name: str) -> Recognizers:
    """Return `known` without the recogniser called `name`."""
    loaded = without(known.loaded, name)
    return dataclasses.replace(
        known, loaded=loaded, failures=without(known.failures, name), refused=without(known.refused, name)
    )
