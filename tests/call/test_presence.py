"""Who is in the room: who called and by which way, whom she hears, and how the call ended when they went."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from livekit import rtc

from clock import Clock
from fakes import Link, Person, Room, Session
from granny import faults
from granny.call.ending import CallEnd, Caller, CameBy, Ending
from granny.call.presence import Presence
from granny.call.record import CallRecord

Reason = rtc.DisconnectReason
Kind = rtc.ParticipantKind

WISHED = (
    Reason.CLIENT_INITIATED,
    Reason.PARTICIPANT_REMOVED,
    Reason.ROOM_DELETED,
    Reason.ROOM_CLOSED,
    Reason.USER_UNAVAILABLE,
    Reason.USER_REJECTED,
)
BROKE = tuple(reason for reason in Reason.values() if reason not in WISHED)
HEARD_HER = CallRecord(first_word=0.4)


class Call:
    """A room with its presence; who is met and deserted stands in the journal."""

    def __init__(self, *people: Person, link: Link | None = None, has_session: bool = True) -> None:
        self.room = Room(*people)
        self.journal = self.room.journal
        self.presence = Presence(self.room)
        self.link = link or Link(self.room)
        if has_session:
            self.lend_ear(Session(link=self.link))

    def lend_ear(self, session: Session) -> None:
        notes = self._notes
        self.presence.lend_ear(session, met=notes("met"), returned=notes("returned"), deserted=notes("deserted"))

    def _notes(self, what: str) -> Callable[[], None]:
        return lambda: self.journal.append(what)

    def end(self, record: CallRecord = HEARD_HER) -> CallEnd:
        return self.presence.end(record)


@pytest.mark.parametrize(
    ("kind", "caller"),
    [
        (Kind.PARTICIPANT_KIND_STANDARD, Caller(CameBy.WEB, "rosa")),
        (Kind.PARTICIPANT_KIND_SIP, Caller(CameBy.PHONE)),
        (Kind.PARTICIPANT_KIND_CONNECTOR, Caller(CameBy.PHONE)),
    ],
)
async def test_the_way_is_told_by_the_kind_of_participant(kind: Kind.ValueType, caller: Caller) -> None:
    """Of a telephone nothing else: its identity is its number."""
    call = Call()
    call.room.come(Person("rosa", kind=kind))
    assert call.presence.caller == caller


async def test_the_caller_is_the_first_person_who_came() -> None:
    """Not an agent or a recorder, nor who comes later."""
    call = Call()
    call.room.come(Person("another agent", kind=Kind.PARTICIPANT_KIND_AGENT))
    call.room.come(Person("a recorder", kind=Kind.PARTICIPANT_KIND_EGRESS))
    assert call.presence.caller is None
    call.room.come(Person("rosa"))
    call.room.come(Person("harold", kind=Kind.PARTICIPANT_KIND_SIP))
    assert call.presence.caller == Caller(CameBy.WEB, "rosa")


async def test_a_caller_who_is_there_already_has_been_met() -> None:
    assert Call(Person()).journal == ["met"]


async def test_a_caller_is_met_once_and_a_recorder_never() -> None:
    call = Call()
    call.room.come(Person("recorder", kind=Kind.PARTICIPANT_KIND_EGRESS))
    assert call.journal == []
    call.room.come(Person("rosa"))
    call.room.come(Person("harold"))
    assert call.journal == ["met"]


async def test_a_room_that_is_joined_late_tells_who_is_there() -> None:
    call = Call()
    call.room.people["rosa"] = Person("rosa")
    call.room.emit("connection_state_changed", rtc.ConnectionState.CONN_CONNECTED)
    assert call.journal == ["met"]


async def test_who_comes_before_there_is_a_session_is_met_when_there_is_one() -> None:
    call = Call(has_session=False)
    call.room.come(Person("rosa"))
    assert call.journal == []
    call.lend_ear(Session())
    assert call.journal == ["met"]


async def test_when_the_one_she_hears_leaves_she_hears_somebody_who_is_there() -> None:
    call = Call(Person(), Person("harold"), Person("rosa"))
    call.room.leave(call.room.people["caller"], Reason.CLIENT_INITIATED)
    assert call.link.heard == ["caller", "harold"]


async def test_when_somebody_else_leaves_she_goes_on_with_whom_she_hears() -> None:
    call = Call(Person(), Person("harold"))
    call.room.leave(call.room.people["harold"], Reason.CLIENT_INITIATED)
    assert call.link.heard == ["caller"]


async def test_who_comes_beside_a_caller_is_not_turned_to() -> None:
    """The framework has seen to the first one; only after somebody has left is it for her to look."""
    call = Call(link=None)
    call.link.heard = []
    call.room.come(Person("harold"))
    assert call.link.heard == []


async def test_a_caller_whose_line_broke_is_heard_again_under_whatever_name(clock: Clock) -> None:
    call = Call(Person())
    call.room.leave(call.room.people["caller"], Reason.CONNECTION_TIMEOUT)
    await asyncio.sleep(30)
    assert call.journal == ["met"]
    call.room.come(Person("caller-2"))
    assert call.link.heard == ["caller", "caller-2"]
    assert call.journal == ["met", "returned"]
    assert clock.passed == 30


async def test_a_line_that_was_lost_is_found_again_once_and_by_a_person() -> None:
    call = Call(Person())
    call.room.leave(
        call.room.people["caller"], Reason.UNKNOWN_REASON
    )  # her own line broke, and LiveKit's SDK begins anew
    call.room.come(Person("recorder", kind=Kind.PARTICIPANT_KIND_EGRESS))
    assert call.journal == ["met"]
    call.room.come(Person())
    call.room.come(Person("rosa"))
    assert call.journal == ["met", "returned"]


async def test_who_comes_after_somebody_hung_up_has_no_line_that_was_lost() -> None:
    call = Call(Person(), Person("harold"))
    call.room.leave(call.room.people["caller"], Reason.CLIENT_INITIATED)
    call.room.come(Person("rosa"))
    assert call.journal == ["met"]


async def test_when_she_hears_nobody_who_comes_is_heard() -> None:
    call = Call(Person())
    call.link.heard = []
    call.room.leave(call.room.people["caller"], Reason.CONNECTION_TIMEOUT)
    call.room.come(Person("rosa"))
    assert call.link.heard == ["rosa"]


@pytest.mark.parametrize("session", [None, Session])
async def test_who_leaves_before_the_session_runs_turns_nobody_s_ear(session: type[Session] | None) -> None:
    call = Call(Person(), Person("harold"), has_session=False)
    if session:
        call.lend_ear(session())
    call.room.leave(call.room.people["caller"], Reason.CLIENT_INITIATED)
    assert call.link.heard == ["caller"]


@pytest.mark.parametrize("reason", WISHED)
async def test_the_last_one_who_hung_up_leaves_her_alone_after_a_second(clock: Clock, reason: Reason.ValueType) -> None:
    """Somebody may be on the way in."""
    call = Call(Person(), Person("harold"))
    call.room.leave(call.room.people["harold"], reason)
    await asyncio.sleep(5)
    assert call.journal == ["met"]
    call.room.leave(call.room.people["caller"], reason)
    await asyncio.sleep(0.99)
    assert call.journal == ["met"]
    await asyncio.sleep(0.02)
    assert call.journal == ["met", "deserted"]
    assert clock.passed == 6.01


@pytest.mark.parametrize("reason", BROKE)
async def test_whose_connection_broke_may_come_back(clock: Clock, reason: Reason.ValueType) -> None:
    call = Call(Person())
    call.room.leave(call.room.people["caller"], reason)
    await asyncio.sleep(60)
    assert call.journal == ["met"]
    assert clock.passed == 60


async def test_who_comes_in_that_second_is_not_hung_up_on(clock: Clock) -> None:
    call = Call(Person())
    call.room.leave(call.room.people["caller"], Reason.CLIENT_INITIATED)
    await asyncio.sleep(0.5)
    call.room.come(Person("rosa"))
    await asyncio.sleep(5)
    assert call.journal == ["met"]
    assert clock.passed == 5.5


async def test_a_recorder_that_leaves_is_nobody_who_left() -> None:
    call = Call(Person("recorder", kind=Kind.PARTICIPANT_KIND_EGRESS))
    call.room.leave(call.room.people["recorder"], Reason.CLIENT_INITIATED)
    assert call.end() == CallEnd(Ending.NOBODY_CAME)


async def test_who_leaves_before_there_is_a_session_deserts_nobody(clock: Clock) -> None:
    call = Call(Person(), has_session=False)
    call.room.leave(call.room.people["caller"], Reason.CLIENT_INITIATED)
    await asyncio.sleep(5)
    assert call.journal == []
    assert clock.passed == 5


async def test_a_room_in_which_nobody_ever_was_had_no_caller() -> None:
    assert Call().end() == CallEnd(Ending.NOBODY_CAME)


async def test_a_caller_who_is_still_there_when_the_room_ends_has_hung_up() -> None:
    """Whoever runs the room ended it."""
    call = Call(Person())
    assert not call.presence.is_room_gone
    call.room.end(Reason.ROOM_DELETED)
    assert call.presence.is_room_gone
    assert call.end() == CallEnd(Ending.HUNG_UP)


@pytest.mark.parametrize("reason", WISHED)
async def test_a_caller_who_hangs_up_after_her_first_word_wished_it_so(reason: Reason.ValueType) -> None:
    call = Call(Person())
    call.room.leave(call.room.people["caller"], reason)
    assert call.end() == CallEnd(Ending.HUNG_UP)
    assert call.end(CallRecord()) == CallEnd(Ending.HUNG_UP_EARLY)


@pytest.mark.parametrize("reason", BROKE)
async def test_a_caller_whose_connection_broke_has_lost_the_line(reason: Reason.ValueType) -> None:
    call = Call(Person())
    call.room.leave(call.room.people["caller"], reason)
    assert call.end() == CallEnd(Ending.LINE_LOST)


@pytest.mark.parametrize("reason", [one for one in BROKE if one != Reason.DUPLICATE_IDENTITY])
async def test_a_room_that_is_lost_is_livekit_s_fault(reason: Reason.ValueType) -> None:
    call = Call(Person())
    call.room.end(reason)
    lost = faults.LIVEKIT_CONNECTION_LOST.found(Reason.Name(reason))
    assert call.end() == CallEnd.by(lost)


@pytest.mark.parametrize("reason", WISHED)
async def test_a_room_that_somebody_ended_is_nobody_s_fault(reason: Reason.ValueType) -> None:
    call = Call(Person())
    call.room.end(reason)
    assert call.end() == CallEnd(Ending.HUNG_UP)


async def test_whoever_came_under_her_name_is_another_granny() -> None:
    """Nobody else has such a name; LiveKit puts the one out who was there."""
    call = Call(Person())
    call.room.end(Reason.DUPLICATE_IDENTITY)
    assert call.end() == CallEnd(Ending.OTHER_GRANNY)
