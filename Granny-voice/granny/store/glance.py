"""Whether messages wait, or something is noted: seen without SQLAlchemy, which only a teller needs."""

from __future__ import annotations

import contextlib
import os
import sqlite3

from granny.config.settings import Settings
from granny.store.place import place_of

LOST = "alert/lost"
"""The key of the note that the last alert which was tried could not be delivered within its day."""
_UNDELIVERED = (
    "SELECT (SELECT count(*) FROM outbox WHERE attempts > 0)"  # noqa: S608  with a constant of ours
    f" + (SELECT count(*) FROM told WHERE key = '{LOST}')"
)
_SECONDS = 5
_WAITING = "SELECT EXISTS (SELECT 1 FROM outbox) OR EXISTS (SELECT 1 FROM told WHERE key GLOB ? || '*')"


def may_wait(settings: Settings, prefix: str) -> bool:
    """Whether there may be messages in the outbox, or notes whose keys begin so.

    A server is not asked, nor is a file that cannot be read: the store itself will tell what is in it, or is wrong.
    """
    place = place_of(settings)
    if place is None or place.file is None:
        return place is not None
    if not os.path.lexists(place.file):
        return False
    with contextlib.suppress(sqlite3.Error), contextlib.closing(_opened(place.file.as_uri())) as connection:
        (may_wait,) = connection.execute(_WAITING, (prefix,)).fetchone()
        return bool(may_wait)
    return True


def undelivered(settings: Settings) -> int:
    """How many messages could not be delivered so far, or were given up; 0 where the store cannot tell."""
    place = place_of(settings)
    if place and place.file and place.file.exists():
        with contextlib.suppress(sqlite3.Error), contextlib.closing(_opened(place.file.as_uri())) as file:
            return int(file.execute(_UNDELIVERED).fetchone()[0])
    elif place and place.url:
        import psycopg  # noqa: PLC0415  7 MB, and only where there is a server

        with contextlib.suppress(psycopg.Error), psycopg.connect(place.url, connect_timeout=_SECONDS) as server:
            told = server.execute(_UNDELIVERED).fetchone()
            return int(told[0]) if told else 0
    return 0


def _opened(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{uri}?mode=ro", uri=True)
