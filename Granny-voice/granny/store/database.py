"""A connection to either database, under the same rules: whole or not at all, bounded waits, and no error's text."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url

from granny.config.paths import make_private
from granny.store.place import Place
from granny.store.trouble import kind_of, unavailable

_WAIT_SECONDS = 5
"""The longest that another writer is waited for, or a server that does not answer."""
_STATEMENT_SECONDS = 30
_DRIVER = "postgresql+psycopg"
_WRITES = {"writes": True}
_PRAGMAS = (
    "journal_mode=WAL",  # who reads waits for nobody
    "synchronous=FULL",  # what was written is there after a power cut
    "secure_delete=ON",  # what was forgotten is gone from the file
)
_EMPTY_THE_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
_PASSING = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError)


class Database:
    """One database that is open; for one thread at a time."""

    def __init__(self, engine: Engine, shown: str) -> None:
        self.engine = engine
        self._shown = shown
        self._going_on: Connection | None = None

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """One view of it, which no writer changes.

        Raises:
            StoreError: it cannot be read.
        """
        with self._connected({}) as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """All that is written within is written together, or not at all; one within another is a part of it.

        Raises:
            StoreError: it cannot be written.
        """
        with self._connected(_WRITES) as connection:
            yield connection

    def settle(self) -> None:
        """Of a file: have what was written before in the file itself, and nothing beside it.

        Raises:
            StoreError: it cannot be done.
        """
        if self.engine.dialect.name == "sqlite":
            with told_as(self._shown), self.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(_EMPTY_THE_LOG)

    def close(self) -> None:
        """Let it go."""
        self.engine.dispose()

    @contextlib.contextmanager
    def _connected(self, options: dict[str, Any]) -> Iterator[Connection]:
        if self._going_on:
            yield self._going_on
            return
        with told_as(self._shown), self.engine.connect() as plain:
            connection = plain.execution_options(**options)
            with connection.begin():
                self._going_on = connection
                try:
                    yield connection
                finally:
                    self._going_on = None


@contextlib.contextmanager
def told_as(shown: str) -> Iterator[None]:
    """A database's error becomes a `StoreError`, which knows neither its text nor its values.

    Raises:
        StoreError: that.
    """
    try:
        yield
    except exc.DBAPIError as error:
        raise unavailable(_evidence(error), where=shown, may_pass=_may_pass(error)) from None
    except exc.TimeoutError as error:
        raise unavailable(kind_of(error), where=shown) from None


def _may_pass(error: exc.DBAPIError) -> bool:
    return error.connection_invalidated or isinstance(error, _PASSING)


def _evidence(error: exc.DBAPIError) -> str:
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return kind_of(error.orig, code)


def connect(place: Place, *, wait_seconds: int = _WAIT_SECONDS) -> Database:
    """A database, made where there is none; nothing is asked of a server yet.

    Args:
        place: where it is.
        wait_seconds: how long another one who writes into a file is waited for.

    Raises:
        StoreError: the file cannot be made.
    """
    if place.file:
        try:
            make_file(place.file)
        except OSError as error:
            raise unavailable(system_says(error), where=place.shown) from None
        engine = _sqlite(place, wait_seconds)
    else:
        engine = _postgresql(place)
    return Database(engine, place.shown)


def system_says(error: OSError) -> str:
    """Its sentence for an error, which names no file."""
    return f"The system says: {os.strerror(error.errno or 0)}."


def make_file(file: Path) -> None:
    """Make an empty one that is this user's alone; what SQLite puts beside it has its mode and its owner.

    Raises:
        OSError: it cannot be made.
    """
    make_private_once(file.parent)
    with contextlib.suppress(FileExistsError):
        number = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _give_to_owner_of(file.parent, number)
        finally:
            os.close(number)


def make_private_once(folder: Path) -> None:
    """A folder that is there stays as it is: it may be shared with a group on purpose.

    Raises:
        OSError: it cannot be made.
    """
    if not folder.is_dir():
        make_private(folder)


def _give_to_owner_of(folder: Path, made: int) -> None:
    """What root makes in a folder of somebody else's must be theirs to write: her worker runs as that user."""
    if sys.platform != "win32" and os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(made, owner.st_uid, owner.st_gid)


def _sqlite(place: Place, wait_seconds: int) -> Engine:
    waiting = {"timeout": wait_seconds, "check_same_thread": False}
    address = URL.create("sqlite", database=str(place.file))  # whatever signs are in its name
    engine = create_engine(address, hide_parameters=True, connect_args=waiting)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Python's module would begin transactions by itself, and none for a change of the tables.

    Source: https://docs.sqlalchemy.org/en/20/dialects/sqlite.html, on transactions and pysqlite.
    """
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its turn at once: one that has read and then wants to write could be refused."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(place: Place) -> Engine:
    limits = f"-c statement_timeout={_STATEMENT_SECONDS}s -c lock_timeout={_WAIT_SECONDS}s"
    bounds = {
        "connect_timeout": _WAIT_SECONDS,
        "tcp_user_timeout": 1000 * _WAIT_SECONDS,
        "options": limits,
        "application_name": "granny",
        "prepare_threshold": None,  # a pooler in between may give each statement another connection
    }
    address = make_url(place.url or "").set(drivername=_DRIVER)
    return create_engine(
        address, hide_parameters=True, connect_args=bounds, pool_size=1, max_overflow=0, pool_pre_ping=True
    )
