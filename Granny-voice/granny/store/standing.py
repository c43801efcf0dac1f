"""In which version a database is: asked before anything else is done with it, and without SQLAlchemy."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from granny.faults import STORE_HALF_MADE, STORE_MIGRATION_BROKEN_OFF, STORE_NEWER, Finding
from granny.store.place import Place
from granny.store.trouble import kind_of, unavailable

if TYPE_CHECKING:
    import psycopg

VERSIONS = ("0001",)
"""Of the schema, the oldest first, by the names of their migrations; the last one is this Granny's."""
OURS = ("calls", "outbox", "told", "links")
"""The tables of the newest version."""
MARK = "store.migration"
"""The key of the note that a migration is going on; it goes with what that does, or stays where that was killed."""
_VERSION_TABLE = "alembic_version"
_CONNECT_SECONDS = 5

_VERSION = "SELECT version_num FROM alembic_version"
_MARKED = f"SELECT count(*) FROM told WHERE key = '{MARK}'"  # noqa: S608  a constant of ours
_SQLITE_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
_POSTGRESQL_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = ANY (current_schemas(false))"


class Standing(Enum):
    """How a database stands to this version."""

    NOTHING = "nothing of hers is there yet"
    CURRENT = "it is this version's"
    DUE = "it is an older version's"
    BROKEN_OFF = "it is an older version's, and a migration of it was broken off"
    NEWER = "it is a newer version's"
    HALF_MADE = "not all of her tables are there, or none tells their version"


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen.

    Attributes:
        standing: how it stands.
        version: in which it is; None: none is told.
    """

    standing: Standing
    version: str | None = None


def look(place: Place) -> Look:
    """Look at a database; nothing is made or changed.

    Raises:
        StoreError: it cannot be read.
    """
    return _look_at_file(place.file, place.shown) if place.file else _look_at_server(place)


def finding(place: Place, seen: Look) -> Finding | None:
    """What is to be said of how a database stands; a fatal one is to be left as it is."""
    where = place.shown
    if seen.standing is Standing.NEWER:
        return STORE_NEWER.found(f"Its version is {seen.version}, and this Granny's {VERSIONS[-1]}.", where=where)
    if seen.standing is Standing.HALF_MADE:
        return STORE_HALF_MADE.found("Not all of her tables are there, or none tells their version.", where=where)
    if seen.standing is Standing.BROKEN_OFF:
        return STORE_MIGRATION_BROKEN_OFF.found(f"Its version is {seen.version}, as before.", where=where)
    return None


def _look_at_file(file: Path, shown: str) -> Look:
    if not os.path.lexists(file):
        return Look(Standing.NOTHING)
    try:
        with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return _seen(connection.cursor(), _SQLITE_TABLES)
    except sqlite3.Error as error:
        raise unavailable(kind_of(error, getattr(error, "sqlite_errorname", None)), where=shown) from None


def _look_at_server(place: Place) -> Look:
    import psycopg  # noqa: PLC0415  7 MB, and only where there is a server

    try:
        with (
            psycopg.connect(place.url or "", connect_timeout=_CONNECT_SECONDS) as connection,
            connection.cursor() as cursor,
        ):
            return _seen(cursor, _POSTGRESQL_TABLES)
    except psycopg.Error as error:
        raise unavailable(kind_of(error, error.sqlstate), where=place.shown) from None


def _seen(cursor: sqlite3.Cursor | psycopg.Cursor[tuple[object, ...]], tables: str) -> Look:
    there = {str(name) for (name,) in _asked(cursor, tables)}
    if not there & {_VERSION_TABLE, *OURS}:
        return Look(Standing.NOTHING)
    versions = [str(version) for (version,) in _asked(cursor, _VERSION)] if _VERSION_TABLE in there else []
    marks = _asked(cursor, _MARKED) if "told" in there else [(0,)]
    return judged(there, versions, is_marked=marks != [(0,)])


def _asked(cursor: sqlite3.Cursor | psycopg.Cursor[tuple[object, ...]], query: str) -> list[tuple[object, ...]]:
    cursor.execute(query)
    return cursor.fetchall()


def judged(tables: Collection[str], versions: Collection[str], *, is_marked: bool) -> Look:
    """How a database stands that has these tables, of which some are hers.

    Args:
        tables: the names of all.
        versions: what it tells of its version.
        is_marked: whether a migration has noted that it is going on.
    """
    version = next(iter(versions), None)
    if version is None:
        return Look(Standing.HALF_MADE)
    if version not in VERSIONS:
        return Look(Standing.NEWER, version)
    if version != VERSIONS[-1]:
        return Look(Standing.BROKEN_OFF if is_marked else Standing.DUE, version)
    return Look(Standing.CURRENT if {*OURS} <= {*tables} else Standing.HALF_MADE, version)
