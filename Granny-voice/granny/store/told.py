"""What was taken note of, by key: when something was last told, whether it is still so.

A key has parts, with a slash between them; one about a person has their slug for a part.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select

from granny.store.database import Database
from granny.store.inserting import inserting
from granny.store.rows import Note
from granny.store.schema import TOLD

_T = TOLD.c


class Told:
    """The notes of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, key: str, now: datetime, value: str = "") -> None:
        """Take note, in place of what was noted by this key before.

        Raises:
            StoreError: it cannot be written.
        """
        values = {"value": value, "at": now}
        with self._database.writing() as connection:
            new = inserting(connection, TOLD).values(key=key, **values)
            connection.execute(new.on_conflict_do_update(index_elements=[_T.key], set_=values))

    def note_unless(self, key: str, now: datetime, value: str = "", *, noted_since: datetime) -> bool:
        """Take note, unless somebody has from that moment on; of several workers at once only one does.

        Returns:
            Whether it was taken now: what hangs on it is this worker's to do.

        Raises:
            StoreError: it cannot be written.
        """
        values = {"value": value, "at": now}
        with self._database.writing() as connection:
            new = inserting(connection, TOLD).values(key=key, **values)
            wanted = new.on_conflict_do_update(index_elements=[_T.key], set_=values, where=_T.at < noted_since)
            return connection.scalar(wanted.returning(_T.key)) is not None

    def find(self, key: str) -> Note | None:
        """What was noted by this key.

        Raises:
            StoreError: it cannot be read.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(_T.value, _T.at).where(_T.key == key)).first()
            return Note(row.value, row.at) if row else None

    def drop(self, key: str) -> bool:
        """Take a note back; returns whether it was there: of several workers at once only one is told so.

        Raises:
            StoreError: it cannot be done.
        """
        with self._database.writing() as connection:
            return connection.execute(delete(TOLD).where(_T.key == key)).rowcount > 0

    def forget(self, person: str) -> int:
        """Take out the notes about one person, whose slug is a part of their keys; returns how many there were.

        Raises:
            StoreError: it cannot be done.
        """
        parts = f"/{person}", f"/{person}/"
        about = or_(_T.key.endswith(parts[0], autoescape=True), _T.key.contains(parts[1], autoescape=True))
        with self._database.writing() as connection:
            return connection.execute(delete(TOLD).where(about)).rowcount

    def prune(self, before: datetime, prefix: str = "") -> int:
        """Take out what was noted before, of the keys that begin so; returns how many there were.

        Raises:
            StoreError: it cannot be done.
        """
        with self._database.writing() as connection:
            old = delete(TOLD).where(_T.at < before, _T.key.startswith(prefix, autoescape=True))
            return connection.execute(old).rowcount
