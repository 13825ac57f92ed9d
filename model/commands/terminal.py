"""Standard output and errors of a command: no character and no closed pipe ends it in a traceback."""

import io
import os
import sys
from collections.abc import Callable
from typing import Final

CLOSED: Final = 141  # the exit status of a command that a closed pipe stopped, as shells say it: 128 + SIGPIPE


def run(command: Callable[[], int]) -> int:
    """Run a command. Returns its exit status.

    Characters that the terminal's encoding lacks are written as question marks. Where nobody reads on, as in
    `python -m model predict … | head -1`, the command ends without a word.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # and not what a test or a notebook has put there
            stream.reconfigure(errors="replace")
    try:
        status = command()
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes both at its end, which would fail once more.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        return CLOSED
    return status
