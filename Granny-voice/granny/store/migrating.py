"""Brings a database to the form of this version: in one transaction, so wholly or not at all, in a process of its own.

The process is for the memory: what a migration needs, some 30 MB with SQLAlchemy, a worker would keep for good.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from granny.config.paths import HOME
from granny.faults import CATALOGUE, STORE_MIGRATION_FAILED, Severity
from granny.store.place import Place
from granny.store.standing import MARK, VERSIONS, Look, Standing, finding, look
from granny.store.trouble import StoreError, kind_of

if TYPE_CHECKING:
    from granny.store.database import Database

_ITSELF = "granny.store.migrating"
_MIGRATIONS = Path(__file__).with_name("migrations")
_LONGEST_SECONDS = 3600
_TURN_SECONDS = 60
"""The longest that another one's migration is waited for."""
_LOCK = 0x6772616E6E79
"""Her name in ASCII: the number by which PostgreSQL lets one migration at a time begin."""


def bring_up(place: Place) -> Look:
    """See to it that a database is in the form of this version; returns how it stood before.

    Raises:
        StoreError: it cannot be reached, or not be brought there, or is a newer version's.
    """
    seen = look(place)
    if (found := finding(place, seen)) and found.severity is Severity.FATAL:
        raise StoreError(found, may_pass=False)
    if seen.standing is not Standing.CURRENT:
        _in_a_process_of_its_own(place)
    return seen


def _in_a_process_of_its_own(place: Place) -> None:
    told = json.dumps({"file": str(place.file) if place.file else None, "url": place.url})
    try:
        done = subprocess.run(  # noqa: S603  this Python, and a module of ours
            [sys.executable, "-m", _ITSELF],
            input=told,
            cwd=HOME,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may hold anything
            text=True,
            encoding="utf-8",
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StoreError(STORE_MIGRATION_FAILED.found(kind_of(error), where=place.shown)) from None
    if done.returncode:
        raise _refused(done.stdout, done.returncode, place)


def _refused(told: str, status: int, place: Place) -> StoreError:
    with suppress(ValueError, KeyError, TypeError):
        said = json.loads(told)
        found = CATALOGUE[said["fault"]].found(said["evidence"], where=place.shown)
        return StoreError(found, may_pass=bool(said["may_pass"]))
    evidence = f"The program that does it ended with {status}."
    return StoreError(STORE_MIGRATION_FAILED.found(evidence, where=place.shown))


def main() -> int:
    """In that process: the place comes by standard input, for it may hold a password; what is wrong goes by output."""
    told = json.load(sys.stdin)
    try:
        upgrade(Place(file=Path(told["file"]) if told["file"] else None, url=told["url"]))
    except StoreError as error:
        said = {"fault": error.finding.fault.slug, "evidence": error.finding.evidence, "may_pass": error.may_pass}
        sys.stdout.write(json.dumps(said))
        return 1
    return 0


def upgrade(place: Place, version: str = VERSIONS[-1]) -> None:
    """Bring a database to a version, here and now.

    That it has begun is noted in the database before, and the note goes with what is done: one that stays tells that
    it was broken off, and undone.

    Raises:
        StoreError: the database cannot be reached, or not be brought there; it is as it was.
    """
    from granny.store.database import connect  # noqa: PLC0415  whoever only looks needs no SQLAlchemy
    from granny.store.told import Told  # noqa: PLC0415  as above

    database = connect(place, wait_seconds=_TURN_SECONDS)
    notes = Told(database)
    try:
        if look(place).standing is not Standing.NOTHING:
            notes.note(MARK, datetime.now(timezone.utc), version)
        try:
            _migrate(database, version)
        except Exception as error:  # noqa: BLE001  whatever went wrong, the transaction has been undone
            with suppress(StoreError):
                notes.drop(MARK)
            evidence = error.finding.evidence if isinstance(error, StoreError) else kind_of(error)
            raise StoreError(STORE_MIGRATION_FAILED.found(evidence, where=place.shown)) from None
    finally:
        database.close()


def _migrate(database: Database, version: str) -> None:
    from alembic import command, config  # noqa: PLC0415  10 MB, and needed only when a migration is due

    from granny.store.told import Told  # noqa: PLC0415  as above

    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT set_config('lock_timeout', '{_TURN_SECONDS}s', true)")
            connection.exec_driver_sql("SELECT set_config('statement_timeout', '0', true)")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        told = config.Config(attributes={"connection": connection})
        told.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        command.upgrade(told, version)
        Told(database).drop(MARK)


if __name__ == "__main__":
    raise SystemExit(main())
