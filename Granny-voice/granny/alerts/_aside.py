"""What is kept in memory while the store is away: as in the store, but for its end with the worker."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from granny.store.rows import Message, Note, Urgency

MOST = 200
_LEASE = timedelta(minutes=2)


class Outbox(Protocol):
    """Of a store: what is to be sent."""

    def put(self, message: Message) -> int:
        """Write it down; how many others were given up for it."""

    def due(self, now: datetime, limit: int) -> Sequence[Message]:
        """Take what is to be sent now."""

    def sent(self, message_id: str) -> None:
        """It went."""

    def failed(self, message_id: str, next_try: datetime) -> None:
        """It did not go."""

    def waiting(self) -> Sequence[Message]:
        """All that is there."""


class Told(Protocol):
    """Of a store: what was taken note of."""

    def note(self, key: str, now: datetime, value: str = "") -> None:
        """Take note."""

    def find(self, key: str) -> Note | None:
        """What was noted."""

    def drop(self, key: str) -> bool:
        """Take a note back."""


class Shelf(Protocol):
    """What alerts need of a store, be it `granny.store` or this one."""

    @property
    def outbox(self) -> Outbox:
        """What is to be sent."""

    @property
    def told(self) -> Told:
        """What was taken note of."""

    def at_once(self) -> contextlib.AbstractContextManager[object]:
        """For a `with`: all or nothing."""


class Aside:
    """A shelf in memory, that of one worker alone; both of its parts are itself."""

    def __init__(self) -> None:
        self._messages: dict[str, Message] = {}
        self._notes: dict[str, Note] = {}
        self._new: set[str] = set()
        self._gone: set[str] = set()
        self._dropped: set[str] = set()

    @property
    def outbox(self) -> Outbox:
        return self

    @property
    def told(self) -> Told:
        return self

    def at_once(self) -> contextlib.AbstractContextManager[object]:
        return contextlib.nullcontext()

    def remember(self, key: str, now: datetime, value: str) -> None:
        """What the store has noted, to be known should it be away."""
        self._notes[key] = Note(value, now)

    def forget(self, key: str) -> None:
        """What the store has dropped."""
        self._notes.pop(key, None)

    def hand_over(self, shelf: Shelf) -> None:
        """The store is back: it gets what came meanwhile."""
        with shelf.at_once():
            for message in self._messages.values():
                shelf.outbox.put(message)
            for key in self._new:
                shelf.told.note(key, self._notes[key].at, self._notes[key].value)
            for key in self._dropped:
                shelf.told.drop(key)
            for message_id in self._gone:
                shelf.outbox.sent(message_id)
        for part in (self._messages, self._new, self._dropped, self._gone):
            part.clear()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to hand over."""
        return not (self._messages or self._new or self._dropped or self._gone)

    def put(self, message: Message) -> int:
        self._messages[message.id] = message
        surplus = list(self._messages)[: max(0, len(self._messages) - MOST)]
        for name in surplus:
            del self._messages[name]
        return len(surplus)

    def due(self, now: datetime, limit: int) -> Sequence[Message]:
        """As the store's, which tries again what was taken and not sent."""
        due = [message for message in self._messages.values() if message.not_before <= now]
        taken = sorted(due, key=lambda message: message.urgency is not Urgency.URGENT)[:limit]
        self._messages.update({one.id: replace(one, not_before=now + _LEASE) for one in taken})
        return taken

    def sent(self, message_id: str) -> None:
        """It went; one that is the store's is to be taken out there, too."""
        if self._messages.pop(message_id, None) is None:
            self._gone.add(message_id)

    def failed(self, message_id: str, next_try: datetime) -> None:
        if message := self._messages.get(message_id):
            self._messages[message_id] = replace(message, attempts=message.attempts + 1, not_before=next_try)

    def waiting(self) -> Sequence[Message]:
        return list(self._messages.values())

    def note(self, key: str, now: datetime, value: str = "") -> None:
        self._notes[key] = Note(value, now)
        self._new.add(key)
        self._dropped.discard(key)

    def find(self, key: str) -> Note | None:
        return self._notes.get(key)

    def drop(self, key: str) -> bool:
        self._new.discard(key)
        self._dropped.add(key)
        return self._notes.pop(key, None) is not None
