"""A copy of the diary, in a file of SQLite whichever database it is in, and the way back.

What is to be sent and what was told are left out: brought back, alerts of long ago would be sent once more.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, insert, select

from granny.faults import Severity
from granny.store.database import Database, connect
from granny.store.migrating import upgrade
from granny.store.place import Place
from granny.store.schema import CALLS, LINKS
from granny.store.standing import Standing, finding, look
from granny.store.trouble import StoreError, unavailable

KEPT = (CALLS, LINKS)
_AT_ONCE = 1000
_PART = ".part"
_NOTHING = "There is nothing of hers in it."


def back_up(database: Database, file: Path) -> int:
    """Copy it into a new file, which is there when all is in it; returns how many calls there are.

    Raises:
        FileExistsError: there is such a file.
        OSError: it cannot be made.
        StoreError: the database, or the copy, cannot be used.
    """
    if file.exists():
        raise FileExistsError
    part = file.with_name(f"{file.name}{_PART}")
    part.unlink(missing_ok=True)
    place = Place(file=part)
    try:
        upgrade(place)
        copy = connect(place)
        try:
            number = _copy(database, copy)
        finally:
            copy.close()
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
    return number


def restore(file: Path, database: Database) -> int:
    """Copy it back from a file, which may be an older version's and is not changed; returns how many calls there are.

    Raises:
        FileExistsError: there are calls in the database already.
        FileNotFoundError: there is no such file.
        StoreError: the database, or the copy, cannot be used.
    """
    if not file.is_file():
        raise FileNotFoundError
    seen = look(Place(file=file))
    found = finding(Place(file=file), seen)
    if seen.standing is Standing.NOTHING:
        raise unavailable(_NOTHING, where=str(file), may_pass=False)
    if found and found.severity is Severity.FATAL:
        raise StoreError(found, may_pass=False)
    if not _is_empty(database):
        raise FileExistsError
    with TemporaryDirectory(prefix="granny-") as folder:
        place = Place(file=Path(shutil.copy(file, folder)))
        upgrade(place)
        copy = connect(place)
        try:
            return _copy(copy, database)
        finally:
            copy.close()


def _is_empty(database: Database) -> bool:
    with database.reading() as connection:
        return not any(connection.scalar(select(func.count()).select_from(table)) for table in KEPT)


def _copy(source: Database, target: Database) -> int:
    """As it is at one moment, wholly or not at all."""
    number = 0
    with source.reading() as reading, target.writing() as writing:
        for table in KEPT:
            rows = reading.execution_options(yield_per=_AT_ONCE).execute(select(table)).mappings()
            for some in rows.partitions():
                writing.execute(insert(table), [dict(row) for row in some])
                number += len(some) if table is CALLS else 0
    return number
