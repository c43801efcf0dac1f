"""How often she rings when nobody answers, how long she waits in between, and at which hours she does not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from granny.config import hours
from granny.people import Person
from granny.rooms.telephones import RingOutcome

_AGAIN = (
    RingOutcome.NOT_ANSWERED,
    RingOutcome.NO_CONVERSATION,
    RingOutcome.BUSY,
    RingOutcome.MACHINE,
    RingOutcome.UNREACHABLE,
)
"""After these she tries again; who has refused a call is not pestered."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a person wants to be rung.

    Attributes:
        tries: at most so many calls.
        pause: between two of them.
        hours: in which she may ring, as `config.hours` has them.
    """

    tries: int
    pause: timedelta
    hours: str

    @classmethod
    def of(cls, person: Person) -> Manner:
        """That of a person's file."""
        return cls(person.ring_tries, timedelta(minutes=person.ring_pause), person.ring_hours)


@dataclass(frozen=True, slots=True)
class Try:
    """One call that she made.

    Attributes:
        at: when, by the person's clock.
        outcome: what came of it.
        seconds: how long it took, a conversation included.
    """

    at: datetime
    outcome: RingOutcome
    seconds: float


@dataclass(frozen=True, slots=True)
class Tried:
    """All her calls of one time.

    Attributes:
        tries: in their order.
        is_quiet_hour: whether she stopped, or did not begin, because it was no hour to ring.
    """

    tries: tuple[Try, ...] = ()
    is_quiet_hour: bool = False

    @property
    def is_reached(self) -> bool:
        """Whether she has spoken with somebody."""
        return bool(self.tries) and self.tries[-1].outcome is RingOutcome.ANSWERED


async def until_reached(
    ring: Callable[[], Awaitable[RingOutcome]],
    manner: Manner,
    now: Callable[[], datetime],
    told: Callable[[Try, datetime | None], None],
) -> Tried:
    """Ring, and ring again while that may help.

    Args:
        ring: makes one call.
        manner: of the person.
        now: the person's clock.
        told: called after each call with it, and with the time of the next, if there is to be one.
    """
    tries: list[Try] = []
    while hours.is_within(manner.hours, now()):
        tries.append(one := await _tried(ring, now))
        if one.outcome not in _AGAIN or len(tries) >= manner.tries:
            told(one, None)
            return Tried(tuple(tries))
        again = _after(manner.pause, now())
        may_again = hours.is_within(manner.hours, again)
        told(one, again if may_again else None)
        if not may_again:
            break
        await asyncio.sleep(manner.pause.total_seconds())
    return Tried(tuple(tries), is_quiet_hour=True)


def _after(pause: timedelta, moment: datetime) -> datetime:
    """By the same clock, which may be put forward or back meanwhile."""
    return (moment.astimezone(timezone.utc) + pause).astimezone(moment.tzinfo)


async def _tried(ring: Callable[[], Awaitable[RingOutcome]], now: Callable[[], datetime]) -> Try:
    at, started = now(), time.monotonic()
    outcome = await ring()
    return Try(at, outcome, time.monotonic() - started)
