"""Whether messages wait, or something is noted: seen without SQLAlchemy, which only a teller needs."""

from __future__ import annotations

import contextlib
import os
import sqlite3

from granny.config.settings import Settings
from granny.store.place import place_of

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


def _opened(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{uri}?mode=ro", uri=True)
