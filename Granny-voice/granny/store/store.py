"""The store, open: one of two databases, in the form of this version."""

from __future__ import annotations

import contextlib
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from typing_extensions import Self

from granny.config.settings import Settings
from granny.store.calls import Calls
from granny.store.database import Database, connect
from granny.store.links import Links
from granny.store.migrating import bring_up
from granny.store.outbox import Outbox
from granny.store.place import place_of
from granny.store.told import Told
from granny.store.trouble import unavailable

_NOWHERE = "GRANNY_DATA_FOLDER is not set, and this user has no folder that can be written to."


class Store:
    """What must last, for one thread at a time; everything in it may raise a `StoreError`.

    Attributes:
        calls: what became of each.
        outbox: what is to be sent.
        told: what was taken note of.
        links: those to her page.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        """A database that is in the form of this version."""
        self.database = database
        self.calls = Calls(database, ZoneInfo(settings.timezone) if settings.timezone else None)
        self.outbox = Outbox(database)
        self.told = Told(database)
        self.links = Links(database)

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """The store of these settings, made where there is none, and brought to the form of this version.

        Raises:
            StoreError: it cannot be reached, or not be brought there, or is a newer version's.
        """
        place = place_of(settings)
        if place is None:
            raise unavailable(_NOWHERE, may_pass=False)
        bring_up(place)
        return cls(connect(place), settings)

    def at_once(self) -> contextlib.AbstractContextManager[Connection]:
        """For a `with`: what is written within is written together, or not at all."""
        return self.database.writing()

    def forget(self, person: str) -> int:
        """Erase the calls of a person, what was noted about them and what is still to be told; returns how many calls.

        In a file they are overwritten at once; PostgreSQL gives their place to others in its own time.
        """
        with self.at_once():
            calls = self.calls.forget(person)
            self.told.forget(person)
            self.outbox.forget(person)
        self.database.settle()
        return calls

    def close(self) -> None:
        """Let it go."""
        self.database.close()
