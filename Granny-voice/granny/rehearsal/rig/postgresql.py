"""A PostgreSQL server on 127.0.0.1, in which a store is kept by several; never as root, as which it would not run."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from granny.rehearsal.rig.program import free_port

PROGRAMS = ("initdb", "postgres")
USER = "granny"
_READY_SECONDS = 20.0
_NOBODY = ("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--pdeathsig", "KILL")
_QUICK = ("-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=30")
"""It holds nothing that anybody would miss."""


def missing() -> str:
    """What this machine lacks for a server of one's own; empty: nothing."""
    if sys.platform == "win32":
        return "a server is started here as on Linux and macOS alone"
    wanted = (*PROGRAMS, *(("setpriv",) if os.geteuid() == 0 else ()))
    return ", ".join(name for name in wanted if not shutil.which(name))


@dataclass(slots=True)
class PostgreSQL:
    """A server with a folder and a port of its own, which it has again after a restart.

    Attributes:
        folder: where it keeps what it keeps.
        port: on 127.0.0.1.
    """

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Come up.

        Raises:
            OSError: it did not.
        """
        if not (self.folder / "PG_VERSION").exists():
            subprocess.run(  # noqa: S603  a program that was looked for
                _as_nobody("initdb", "-D", str(self.folder), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"),
                stdout=subprocess.DEVNULL,
                cwd="/",
                check=True,
            )
        own = ("-h", "127.0.0.1", "-p", str(self.port), "-k", "")
        with (self.folder.parent / "postgresql.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  as above
                _as_nobody("postgres", "-D", str(self.folder), *own, *_QUICK), stdout=log, stderr=log, cwd="/"
            )
        self._wait()

    def stop(self) -> None:
        """Go, as at a restart; who is connected is cut off."""
        if self._process:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()
            self._process = None

    def _wait(self) -> None:
        until = time.monotonic() + _READY_SECONDS
        while time.monotonic() < until and self._process and self._process.poll() is None:
            with contextlib.suppress(psycopg.Error), psycopg.connect(self.url()):
                return
            time.sleep(0.05)
        msg = "PostgreSQL did not come up"
        raise OSError(msg)


def _as_nobody(*command: str) -> list[str]:
    return [*(_NOBODY if sys.platform != "win32" and os.geteuid() == 0 else ()), *command]


@contextlib.contextmanager
def own_postgresql() -> Iterator[PostgreSQL]:
    """A server for the length of a `with`.

    Raises:
        OSError: it did not come up.
    """
    with TemporaryDirectory(prefix="granny-") as above:
        folder = Path(above, "data")
        folder.mkdir(mode=0o700)
        if sys.platform != "win32" and os.geteuid() == 0:
            Path(above).chmod(0o755)
            shutil.chown(folder, "nobody", "nogroup")
        server = PostgreSQL(folder, free_port())
        try:
            server.start()
            yield server
        finally:
            server.stop()
