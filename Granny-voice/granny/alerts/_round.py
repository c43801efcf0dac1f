"""One round of the post: which letters the messages make that are due, and what becomes of those afterwards."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from typing_extensions import Self

from granny.alerts import words
from granny.alerts._aside import Shelf
from granny.alerts._figures import ALERTS, WAITING
from granny.alerts._ledger import next_try, recipient
from granny.config.settings import Settings
from granny.net.letters import Letter, Outcome
from granny.store.glance import LOST
from granny.store.rows import Message, Urgency

logger = logging.getLogger("granny.alerts")


@dataclass(frozen=True, slots=True)
class Round:
    """Letters, each with the messages that it carries.

    Attributes:
        letters: in the order in which they are sent.
        carried: of each the messages in it.
        unclaimed: messages to addresses that are set no more.
    """

    letters: tuple[Letter, ...]
    carried: tuple[tuple[Message, ...], ...]
    unclaimed: tuple[Message, ...] = ()

    @classmethod
    def of(cls, due: Sequence[Message], settings: Settings) -> Self:
        """What is urgent goes by itself; what could wait goes together, in one letter to each address."""
        addresses = settings.alert_addresses
        known = [message for message in due if recipient(message) < len(addresses)]
        piles: dict[str, list[Message]] = {}
        for message in known:
            is_urgent = message.urgency is Urgency.URGENT
            piles.setdefault(message.id if is_urgent else str(recipient(message)), []).append(message)
        letters = [
            Letter.of(addresses[recipient(pile[0])], words.together([one.text for one in pile], settings))
            for pile in piles.values()
        ]
        unclaimed = tuple(message for message in due if message not in known)
        return cls(tuple(letters), tuple(map(tuple, piles.values())), unclaimed)

    def book(self, shelf: Shelf, outcomes: Sequence[Outcome], now: datetime) -> int:
        """Take out what was sent, and let wait what was not; how many were given up after a day."""
        lost = 0
        with shelf.at_once():
            for message in self.unclaimed:
                shelf.outbox.sent(message.id)
            for pile, outcome in zip(self.carried, outcomes, strict=True):
                ALERTS.labels("sent" if outcome.is_sent else "failed").inc(len(pile))
                lost += sum(_booked(shelf, message, outcome, now) for message in pile)
            if any(outcome.is_sent for outcome in outcomes):
                shelf.told.drop(LOST)
            if lost:
                shelf.told.note(LOST, now)
        return lost


def _booked(shelf: Shelf, message: Message, outcome: Outcome, now: datetime) -> bool:
    """Whether this message was given up."""
    told = {"fault": message.slug, "address": recipient(message) + 1, "service": outcome.service}
    if outcome.is_sent:
        shelf.outbox.sent(message.id)
        logger.info("alert sent", extra=told)
        return False
    logger.warning("alert not delivered", extra={**told, "outcome": outcome.outcome, "code": outcome.code})
    again = next_try(message, now)
    if again is None:
        shelf.outbox.sent(message.id)
        return True
    shelf.outbox.failed(message.id, again)
    return False


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is in the outbox.

    Attributes:
        is_due: whether something of it is to be sent now.
        urgent: how much of that is urgent.
        is_undelivered: whether there is something that could not be delivered: it is tried again, or was given up.
    """

    is_due: bool
    urgent: int
    is_undelivered: bool

    @classmethod
    def seen(cls, shelf: Shelf, now: datetime) -> Self:
        """Look; nothing is taken."""
        waiting = shelf.outbox.waiting()
        WAITING.set(len(waiting))
        is_undelivered = any(message.attempts for message in waiting) or shelf.told.find(LOST) is not None
        due = [message.urgency for message in waiting if message.not_before <= now]
        return cls(bool(due), due.count(Urgency.URGENT), is_undelivered)
