"""The calls: written once each, read by person and time, added up by the database."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, cast, delete, func, select

from granny.store.database import Database
from granny.store.inserting import inserting
from granny.store.rows import CallRow, Day, Met, troubles
from granny.store.schema import CALLS

_C = CALLS.c
_FIELDS = tuple(field.name for field in dataclasses.fields(CallRow))


class Calls:
    """Those of one database."""

    def __init__(self, database: Database, zone: tzinfo | None) -> None:
        """The calls.

        Args:
            database: in which they are.
            zone: where she lives, by whose dates they are added up; None: this machine's.
        """
        self._database = database
        self._zone = zone

    def add(self, row: CallRow) -> None:
        """Write a call down; one that is there already stays as it is.

        Raises:
            StoreError: it cannot be written.
        """
        with self._database.writing() as connection:
            connection.execute(inserting(connection, CALLS).values(self._values(row)).on_conflict_do_nothing())

    def of(
        self, person: str | None, since: datetime, until: datetime | None = None, *, latest: int | None = None
    ) -> Sequence[CallRow]:
        """The calls of a time, the oldest first.

        Args:
            person: whose; None: everybody's, and those of nobody in particular.
            since: when the first may have started.
            until: when all had started.
            latest: no more than so many, the last ones.

        Raises:
            StoreError: they cannot be read.
        """
        columns = [_C[name] for name in _FIELDS]
        asked = _within(select(*columns), person, since, until).order_by(_C.started.desc(), _C.job.desc()).limit(latest)
        with self._database.reading() as connection:
            return [CallRow(**row) for row in reversed(connection.execute(asked).mappings().all())]

    def summary(self, person: str | None, since: datetime, until: datetime | None = None) -> Sequence[Day]:
        """The days on which there was a call, the first one first, added up; arguments and errors as in `of`."""
        asked = select(
            _C.day,
            func.count().label("calls"),
            func.sum(_C.seconds).label("seconds"),
            func.sum(cast(_C.troubled, Integer)).label("troubled"),
            func.sum(_C.cost).label("cost"),
            func.avg(_C.first_word).label("first_word"),
            func.avg(_C.answer_p50).label("answer_p50"),
            func.max(_C.answer_p95).label("answer_p95"),
        )
        asked = _within(asked, person, since, until).group_by(_C.day).order_by(_C.day)
        with self._database.reading() as connection:
            return [Day(**row) for row in connection.execute(asked).mappings()]

    def troubles(self, person: str | None, since: datetime, until: datetime | None = None) -> Mapping[str, Met]:
        """What went wrong, by slug; the most frequent first; otherwise as `of`."""
        columns = (_C.ending, _C.fault, _C.spoken_faults)
        asked = select(*columns, func.count(), func.max(_C.started)).where(_C.troubled.is_(True))
        asked = _within(asked, person, since, until).group_by(*columns)
        met: dict[str, Met] = {}
        with self._database.reading() as connection:
            for ending, fault, spoken, calls, last in connection.execute(asked):
                for slug in troubles(ending, fault, spoken):
                    met[slug] = Met(calls, last).and_also(met.get(slug))
        return dict(sorted(met.items(), key=lambda item: (-item[1].calls, item[0])))

    def last_of(self, person: str) -> datetime | None:
        """When this person's last call started; None where there is none.

        Raises:
            StoreError: it cannot be read.
        """
        with self._database.reading() as connection:
            last: datetime | None = connection.scalar(select(func.max(_C.started)).where(_C.person == person))
            return last

    def spent(self, since: datetime) -> Decimal:
        """What the calls from then on have cost, in dollars.

        Raises:
            StoreError: it cannot be read.
        """
        with self._database.reading() as connection:
            spent: Decimal | None = connection.scalar(_within(select(func.sum(_C.cost)), None, since, None))
            return spent or Decimal()

    def forget(self, person: str) -> int:
        """Take out all calls of this person; returns how many there were.

        Raises:
            StoreError: it cannot be done.
        """
        return self._take_out(_C.person == person)

    def prune(self, before: datetime) -> int:
        """Take out all calls that started before; returns how many there were.

        Raises:
            StoreError: it cannot be done.
        """
        return self._take_out(_C.started < before)

    def _take_out(self, which: ColumnElement[bool]) -> int:
        with self._database.writing() as connection:
            return connection.execute(delete(CALLS).where(which)).rowcount

    def _values(self, row: CallRow) -> dict[str, Any]:
        values = {name: getattr(row, name) for name in _FIELDS}
        return {**values, "day": row.started.astimezone(self._zone).date(), "troubled": bool(row.troubles)}


def _within(asked: Select[Any], person: str | None, since: datetime, until: datetime | None) -> Select[Any]:
    asked = asked.where(_C.started >= since)
    if person is not None:
        asked = asked.where(_C.person == person)
    return asked if until is None else asked.where(_C.started < until)
