"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket, without a port."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.helpers.server import wait_for

NAMES = ("postgres", "nobody")  # PostgreSQL refuses to run as root


def programs() -> Path | None:
    """Find the folder of PostgreSQL's programs: where Debian has the newest, or else in PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    in_path = shutil.which("initdb")
    return folders[-1] if folders else Path(in_path).resolve().parent if in_path else None


@contextlib.contextmanager
def running(programs: Path) -> Iterator[str]:
    """Run a server; yield the address of its database."""
    with tempfile.TemporaryDirectory(prefix="digitpad-postgresql-") as name:
        user = {}
        if os.geteuid() == 0:
            account = _account()
            os.chown(name, account.pw_uid, account.pw_gid)
            user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        data = f"{name}/data"
        initialise = [programs / "initdb", "--auth=trust", "--username=digitpad", "--no-sync", "--encoding=UTF8", data]
        subprocess.run(initialise, cwd=name, check=True, capture_output=True, **user)
        serve = [programs / "postgres", "-D", data, "-k", name, "-c", "listen_addresses=", "-F"]
        with open(f"{name}/log", "wb") as log:
            server = subprocess.Popen(serve, cwd=name, stdout=log, stderr=log, **user)
        try:
            ask = [programs / "pg_isready", "-h", name]
            wait_for(lambda: subprocess.run(ask, capture_output=True).returncode == 0)
            yield f"postgresql://digitpad@/postgres?host={name}"
        finally:
            server.send_signal(signal.SIGINT)  # ends all connections
            server.wait(30)


def _account() -> pwd.struct_passwd:
    known = {account.pw_name: account for account in pwd.getpwall()}
    return next(known[name] for name in NAMES if name in known)
