"""One recorder at a time in a folder of recordings, however many workers a machine has; standard library only."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


NAME = ".recording"
_HELD_BY_ANOTHER = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
_LOOKING_SECONDS = 0.5


@contextlib.asynccontextmanager
async def alone(folder: Path) -> AsyncIterator[None]:
    """Wait until no other process records into the folder; a lock ends with its process.

    Where there can be no lock, nobody waits: at worst a line is then recorded twice.
    """
    try:
        file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield
        return
    try:
        while not _is_ours(file):  # noqa: ASYNC110  no event tells of another process
            await asyncio.sleep(_LOOKING_SECONDS)
        yield
    finally:
        os.close(file)


def _is_ours(file: int) -> bool:
    try:
        _lock(file)
    except OSError as error:  # a network's file system may have no locks
        return error.errno not in _HELD_BY_ANOTHER
    return True
