"""The links as a check-up sees them: without SQLAlchemy, and of this machine's files alone; no server is asked."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import datetime, timezone
from pathlib import Path

from granny.store.link import Kind, Link, id_in
from granny.store.old_links import old_links
from granny.store.place import FILE

_QUERY = "SELECT hash, person, made, kind FROM links ORDER BY made"


def seen_links(place: Path) -> tuple[Link, ...]:
    """Those of a data folder, whichever way they are kept; none of a database that cannot be read.

    Raises:
        OSError: the folder cannot be read.
    """
    return (*old_links(place).values(), *_in_file(place / FILE))


def _in_file(file: Path) -> tuple[Link, ...]:
    if not file.is_file():
        return ()
    try:
        with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            return tuple(
                Link(id_in(hash_), person, datetime.fromisoformat(made).replace(tzinfo=timezone.utc), Kind(kind))
                for hash_, person, made, kind in connection.execute(_QUERY)
            )
    except (sqlite3.Error, ValueError):  # what is wrong with it the store's own probe says
        return ()
