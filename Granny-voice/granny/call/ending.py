"""How a call ended, as one event: `CallEnded`, told once, on which figures, log, breaker and every feature stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import Enum

from granny import faults
from granny.call.record import CallRecord
from granny.faults import Finding


class Ending(str, Enum):
    """The ways in which a call can end; the value is its slug."""

    GOODBYE = "goodbye"
    """Granny and her caller had said goodbye."""
    HUNG_UP = "hung-up"
    """The caller hung up, or whoever runs the room ended it."""
    HUNG_UP_EARLY = "hung-up-early"
    """The caller had gone before her first word."""
    NOBODY_CAME = "nobody-came"
    """There never was a caller in the room."""
    LINE_LOST = "line-lost"
    """The caller's connection broke off and did not come back."""
    NOT_ANSWERED = "not-answered"
    """She rang, and nobody answered."""
    BUSY = "busy"
    """She rang, and the line was busy."""
    DECLINED = "declined"
    """She rang, and the call was refused."""
    MACHINE = "machine"
    """She rang, and an answering machine took the call."""
    UNREACHABLE = "unreachable"
    """She rang, and the telephone network did not get through."""
    LINE_DEAD = "line-dead"
    """Nothing came of the caller's telephone any more, and the network gave it up."""
    LINE_FREED = "line-freed"
    """In an emergency she hung up, so that the caller's telephone was free to ring for help."""
    TURNED_AWAY = "turned-away"
    """The caller's telephone was none that she answers, or not at this hour."""
    OTHER_GRANNY = "other-granny"
    """Another Granny goes on with the call; the caller has noticed nothing."""
    FAULT = "fault"
    """A fault or a limit ended it, and the caller was told."""
    CRASHED = "crashed"
    """Something of Granny's own broke."""


ENDED_WELL = (Ending.GOODBYE, Ending.HUNG_UP)
WELL = "ok"
"""The outcome of a call that ended so."""
_BY_FAULT = (Ending.FAULT, Ending.CRASHED)
_CRASHES = frozenset(fault.slug for fault in (faults.CALL_CRASHED, faults.JOB_DIED, faults.WORKER_DIED))
_CUT_OFF = (faults.LIVEKIT_CONNECTION_LOST.slug, faults.JOB_DIED.slug)


@dataclass(frozen=True, slots=True)
class CallEnd:
    """The end of one call.

    Attributes:
        ending: the way it ended.
        fault: the slug of the fault that ended it; None unless it was one.
    """

    ending: Ending
    fault: str | None = None

    def __post_init__(self) -> None:
        """A fault has a name, and what has a name is a fault."""
        if (self.fault is not None) != (self.ending in _BY_FAULT):
            msg = f"{self.ending.value} with fault {self.fault}"
            raise ValueError(msg)

    @classmethod
    def by(cls, finding: Finding) -> CallEnd:
        """The end that a fault makes."""
        slug = finding.fault.slug
        return cls(Ending.CRASHED if slug in _CRASHES else Ending.FAULT, slug)

    @property
    def is_well(self) -> bool:
        """Whether it ended because somebody wished it to."""
        return self.ending in ENDED_WELL

    @property
    def outcome(self) -> str:
        """One word for it: `WELL`, the fault's slug, or the ending's."""
        return self.fault or (WELL if self.is_well else self.ending.value)

    @property
    def is_cut_off(self) -> bool:
        """Its caller may have been left without a word, or she with another of hers."""
        return self.fault in _CUT_OFF or self.ending is Ending.OTHER_GRANNY


UNTOLD = CallEnd.by(faults.CALL_CRASHED.found("nobody said how it ended"))


class CameBy(str, Enum):
    """The way by which a caller comes; the value is its slug."""

    WEB = "web"
    """A browser or an app, with a token for the room."""
    PHONE = "phone"
    """LiveKit's telephone gateway, or its connector to another telephone service."""
    RING = "ring"
    """The same, but it was she who rang."""
    CONSOLE = "console"
    """The microphone of the machine on which `agent.py console` runs."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called, as LiveKit knows it; never a name that was spoken.

    Attributes:
        came_by: by which way.
        identity: the participant's in the room; None in the console, and of a telephone, where it is the number.
    """

    came_by: CameBy
    identity: str | None = field(default=None, repr=False)


def _now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True, slots=True)
class CallEnded:
    """One call that has ended. It comes from the call's process as a pickle: values only, and few.

    Attributes:
        job_id: which call. One whose process died has ended; another with an id of its own goes on in its room.
        room: the name of its room.
        end: how it ended.
        seconds: how long it was, from the job's start, by telephone from the answer, to its end.
        caller: the first who came; None if nobody did, or if the job died and could not say.
        record: its figures.
        person: the slug of the one whom it was for, as the family's files have it; empty: nobody in particular, or the
            job died and could not say.
        at: when it had ended, in UTC.
    """

    job_id: str
    room: str
    end: CallEnd
    seconds: float
    caller: Caller | None = None
    record: CallRecord = field(default_factory=CallRecord)
    person: str = ""
    at: datetime = field(default_factory=_now, compare=False)

    @property
    def started(self) -> datetime:
        """When its job started, in UTC."""
        return self.at - timedelta(seconds=self.seconds)
