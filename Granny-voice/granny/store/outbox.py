"""What is to be sent: written before it is sent, taken out after it went, and taken by one worker at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, case, delete, func, or_, select, update

from granny.store.database import Database
from granny.store.inserting import inserting
from granny.store.rows import Message, Urgency, sign_of
from granny.store.schema import OUTBOX

MOST = 200
"""The most messages that wait; whoever writes them keeps far below."""
LEASE = timedelta(minutes=2)
"""How long a worker has for sending; after it another takes what it has not: it may have died."""

_O = OUTBOX.c
_FIELDS = (_O.id, _O.slug, _O.urgency, _O.made, _O.not_before, _O.text, _O.attempts)


class Outbox:
    """Those of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, message: Message) -> int:
        """Write down what is to be sent; what is there already stays as it is.

        Returns:
            How many were given up for it, as there were `MOST`: of the digests, then of the urgent, the oldest.

        Raises:
            StoreError: it cannot be written.
        """
        values = {column.name: getattr(message, column.name) for column in _FIELDS}
        with self._database.writing() as connection:
            connection.execute(inserting(connection, OUTBOX).values(values).on_conflict_do_nothing())
            is_urgent = case((_O.urgency == Urgency.URGENT, 1), else_=0)
            kept = select(_O.id).order_by(is_urgent.desc(), _O.made.desc(), _O.id).limit(MOST)
            if self.count() <= MOST:
                return 0
            return connection.execute(delete(OUTBOX).where(_O.id.not_in(kept))).rowcount

    def due(self, now: datetime, limit: int = 10) -> Sequence[Message]:
        """Take what is to be sent now, the urgent and then the oldest first: it is this worker's for `LEASE`.

        Raises:
            StoreError: it cannot be taken.
        """
        is_free = or_(_O.claimed_until.is_(None), _O.claimed_until <= now)
        is_digest = case((_O.urgency == Urgency.URGENT, 0), else_=1)
        asked = select(*_FIELDS).where(_O.not_before <= now, is_free).order_by(is_digest, _O.made, _O.id).limit(limit)
        with self._database.writing() as connection:
            taken = [_message(row) for row in connection.execute(asked.with_for_update(skip_locked=True)).mappings()]
            mine = _O.id.in_([message.id for message in taken])
            connection.execute(update(OUTBOX).where(mine).values(claimed_until=now + LEASE))
            return taken

    def sent(self, message_id: str) -> None:
        """It went.

        Raises:
            StoreError: that cannot be written; it will be sent again.
        """
        with self._database.writing() as connection:
            connection.execute(delete(OUTBOX).where(_O.id == message_id))

    def failed(self, message_id: str, next_try: datetime) -> None:
        """It did not go, and is to be tried again then.

        Raises:
            StoreError: that cannot be written; it is tried again when the lease has ended.
        """
        values = {"attempts": _O.attempts + 1, "not_before": next_try, "claimed_until": None}
        with self._database.writing() as connection:
            connection.execute(update(OUTBOX).where(_O.id == message_id).values(values))

    def forget(self, person: str) -> int:
        """Take out those about one person; returns how many there were.

        Raises:
            StoreError: it cannot be done.
        """
        with self._database.writing() as connection:
            about = _O.id.contains(sign_of(person), autoescape=True)
            return connection.execute(delete(OUTBOX).where(about)).rowcount if person else 0

    def waiting(self) -> Sequence[Message]:
        """All that is there, the oldest first, and nothing is taken.

        Raises:
            StoreError: it cannot be read.
        """
        with self._database.reading() as connection:
            return [_message(row) for row in connection.execute(select(*_FIELDS).order_by(_O.made, _O.id)).mappings()]

    def count(self) -> int:
        """How many there are.

        Raises:
            StoreError: it cannot be read.
        """
        with self._database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(OUTBOX)) or 0


def _message(row: RowMapping) -> Message:
    return Message(**{**row, "urgency": Urgency(row["urgency"])})
