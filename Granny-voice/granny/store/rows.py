"""What is kept, as values; never a word that was said."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from granny import faults

_ORDINARY = frozenset(fault.slug for fault in (faults.CALL_IDLE, faults.CALL_TOO_LONG, faults.OPENAI_SESSION_EXPIRED))
"""Faults by name that are a call's usual course: she has said goodbye to who had gone, or at the longest time."""
LOST = frozenset(("line-lost", "line-dead"))
"""Ways of a call's end by which a caller was lost, as `call.ending` has them: no fault ended it, and it is trouble."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """One call, as the diary has it; times of day in UTC, lengths in seconds, cost in dollars.

    Attributes:
        job: LiveKit's id of the call's job; a call is kept once, however often it is added.
        started: when its job started.
        person: the slug of the one whom it was for; empty: nobody in particular.
        by: the way it came: web, phone, ring or console; empty where nobody came, or nobody could say.
        seconds: how long it was.
        ending: the slug of the way it ended.
        fault: the slug of the fault that ended it, if one did.
        first_word: from the job's start to Granny's first sound.
        answer_p50, answer_p95: the percentiles of the time from the caller's last word to hers.
        turns, interruptions: as they were counted.
        spoken_faults: the slugs of the faults that the caller was told, in order.
        input_tokens, cached_tokens, output_tokens: as OpenAI counted them.
        cost: what they cost; None where no prices are set.
        serious: the kinds of danger that were named, as `call.serious` has them.
    """

    job: str
    started: datetime
    person: str = ""
    by: str = ""
    seconds: float
    ending: str
    fault: str | None = None
    first_word: float | None = None
    answer_p50: float | None = None
    answer_p95: float | None = None
    turns: int = 0
    interruptions: int = 0
    spoken_faults: tuple[str, ...] = ()
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None
    serious: tuple[str, ...] = ()

    @property
    def troubles(self) -> frozenset[str]:
        """What went wrong in it, by slug."""
        return troubles(self.ending, self.fault, self.spoken_faults)


def troubles(ending: str, fault: str | None, spoken_faults: Sequence[str]) -> frozenset[str]:
    """What went wrong in a call, by slug: the fault that ended it, those that were told, a line that was lost."""
    return (frozenset(filter(None, (fault, *spoken_faults))) - _ORDINARY) | (LOST & {ending})


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The calls of one day, in the time zone in which they were written down.

    Attributes:
        day: the date.
        calls: how many.
        seconds: how long they were together.
        troubled: in how many of them something went wrong.
        cost: what they cost together, in dollars; None where no prices were set.
        first_word: the mean of their first words, in seconds.
        answer_p50, answer_p95: the mean of the medians, and the longest 95th percentile.
    """

    day: date
    calls: int
    seconds: float
    troubled: int
    cost: Decimal | None = None
    first_word: float | None = None
    answer_p50: float | None = None
    answer_p95: float | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """How often something went wrong.

    Attributes:
        calls: in how many calls.
        last: when the last of them started, in UTC.
    """

    calls: int
    last: datetime

    def and_also(self, other: Met | None) -> Met:
        """Both together."""
        return Met(self.calls + other.calls, max(self.last, other.last)) if other else self


def sign_of(person: str) -> str:
    """By which messages about a person are found, to be erased with the rest: it stands in their ids."""
    return f"~{hashlib.sha256(person.encode()).hexdigest()[:16]}" if person else ""


class Urgency(str, Enum):
    """How soon a message is to be sent."""

    URGENT = "urgent"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An alert that is to be sent.

    Attributes:
        id: its own; a message is kept once, however often it is put. Of one about a person `sign_of` them is in it.
        slug: of what it tells.
        urgency: how soon it is to be sent.
        made: when it was made, in UTC.
        not_before: when it may be sent, or tried again.
        text: its words, ours alone; not shown where the message is printed.
        attempts: how often sending it has failed.
    """

    id: str
    slug: str
    urgency: Urgency
    made: datetime
    not_before: datetime
    text: str = field(repr=False)
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was taken note of.

    Attributes:
        value: what was noted; empty where only the time counts.
        at: when, in UTC.
    """

    value: str
    at: datetime
