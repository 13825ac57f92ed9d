"""Standard output and errors of a command: no character, closed pipe or full disk ends it in a traceback."""

import io
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

CLOSED: Final = 141  # the exit status of a command that a closed pipe stopped, as shells say it: 128 + SIGPIPE


class OutputFailed(Exception):
    """Standard output cannot be written. It is no OSError, which would be taken for that of a file that is read."""


class _Output(io.FileIO):
    """Standard output that says that it is what cannot be written."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputFailed(f"Standard output cannot be written: {error.strerror}.") from error


def run(command: Callable[[], int]) -> int:
    """Run a command. Returns its exit status.

    Characters that the terminal's encoding lacks are written as question marks. Where nobody reads on, as in
    `python -m model predict … | head -1`, the command ends without a word; where the disk is full, with a sentence.
    """
    if isinstance(sys.stderr, io.TextIOWrapper):  # and not what a test or a notebook has put there
        sys.stderr.reconfigure(errors="replace")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(_Output(sys.stdout.fileno(), "w", closefd=False)), sys.stdout.encoding, "replace",
            line_buffering=sys.stdout.line_buffering,
        )  # fmt: skip
    try:
        try:
            return command()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        status = CLOSED
    except OutputFailed as error:
        print(error, file=sys.stderr)
        status = 1
    # Python flushes standard output at its end, which would fail once more.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status
