"""Who has the floor: what she tells other Grannys in a room, what she makes of theirs; alone she begins at once."""

from __future__ import annotations

import asyncio
import logging

import pytest
from livekit import rtc

from clock import Clock
from fakes import HER, Person, Room, Track
from fakes import Publication as OwnPublication
from granny.call.floor import CLAIM, HEARD, Floor, others
from granny.rooms.occupants import AGENT, BUSY, CALL, LEAVING

KIND = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
EARLIER, LATER = 500, 1_500
"""Milliseconds; she came at 1,000."""


def granny(identity: str = "agent-2", *, joined_at: int = EARLIER, heard: str = "") -> Person:
    attributes = {AGENT: CALL} | ({HEARD: heard} if heard else {})
    return Person(identity, kind=KIND, microphone="none", attributes=attributes, joined_at=joined_at)


class Here:
    """A room with her in it; who is outvoted is noted with the time."""

    def __init__(self, clock: Clock, *people: Person) -> None:
        self.clock = clock
        self.room = Room(*people)
        self.outvoted: list[float] = []
        self.floor = Floor(self.room, outvoted=lambda: self.outvoted.append(clock.passed))

    @property
    def told(self) -> dict[str, str]:
        """What all in the room are told of her."""
        return self.room.me.attributes

    def is_heard(self) -> None:
        self.room.emit("local_track_subscribed", Track("hers", None))  # type: ignore[arg-type]  # of no sound


@pytest.fixture
async def here(clock: Clock) -> Here:
    """A call that has begun."""
    here = Here(clock, Person())
    assert here.floor.is_hers
    return here


async def test_alone_with_a_caller_she_begins_at_once_and_says_nothing_of_it(here: Here) -> None:
    assert here.floor.is_hers
    assert await here.floor.given()
    await asyncio.sleep(1)
    assert here.room.journal == []


async def test_when_somebody_listens_all_are_told_since_when(here: Here) -> None:
    here.is_heard()
    here.is_heard()
    await asyncio.sleep(0.1)
    assert here.told == {AGENT: CALL, HEARD: f"{here.floor.audience.heard_at:.3f}"}
    assert len(here.room.journal) == 1


@pytest.mark.parametrize(
    "other",
    [
        Person("busy", kind=KIND, attributes={AGENT: BUSY}),
        Person("another house's", kind=KIND),
        Person("leaving", kind=KIND, attributes={AGENT: LEAVING, HEARD: "99999999999.0"}),
        Person("a person who says so", attributes={AGENT: CALL, HEARD: "1"}),
    ],
    ids=lambda one: one.identity,
)
async def test_nobody_else_is_another_granny(clock: Clock, other: Person) -> None:
    here = Here(clock, other)
    assert others(here.room) == []
    assert await here.floor.given()
    assert clock.passed == 0


async def test_who_finds_one_who_is_heard_leaves_without_having_begun(clock: Clock) -> None:
    here = Here(clock, Person(), granny(heard="1.0"))
    assert not here.floor.is_hers
    assert await here.floor.given() is False
    assert here.outvoted == [pytest.approx(0.3, abs=0.11)]


@pytest.mark.parametrize("joined_at", [EARLIER, LATER], ids=["as she did", "though LiveKit's clock says later"])
async def test_who_finds_one_waits_until_she_is_heard(clock: Clock, joined_at: int) -> None:
    """Of two that come at once one is let in first, whatever LiveKit notes as the time."""
    here = Here(clock, Person(), first := granny(joined_at=joined_at))
    waiting = asyncio.create_task(here.floor.given())
    await asyncio.sleep(1.0)
    assert not waiting.done()
    here.room.tell(first, {HEARD: "1.0"})
    assert await waiting is False
    assert here.outvoted == [pytest.approx(1.3, abs=0.11)]
    assert CLAIM not in here.told


async def test_who_waits_is_not_heard_though_somebody_listens_to_her_silence(clock: Clock) -> None:
    """Her track may be there before she may begin; then it says nothing of who talks."""
    here = Here(clock, Person(), first := granny())
    waiting = asyncio.create_task(here.floor.given())
    await asyncio.sleep(0.2)
    here.is_heard()
    await asyncio.sleep(1.0)
    assert HEARD not in here.told
    here.room.leave(first, rtc.DisconnectReason.CLIENT_INITIATED)
    assert await waiting
    await asyncio.sleep(0.1)
    assert HEARD in here.told


async def test_who_finds_one_that_is_never_heard_claims_the_call_and_has_it(clock: Clock) -> None:
    here = Here(clock, Person(), first := granny())
    waiting = asyncio.create_task(here.floor.given())
    await asyncio.sleep(1.6)
    assert here.told == {AGENT: CALL, CLAIM: "yes"}
    assert not waiting.done()
    here.room.leave(first, rtc.DisconnectReason.CLIENT_INITIATED)
    assert await waiting
    assert (clock.passed, here.outvoted) == (1.6, [])


async def test_who_claims_the_call_of_one_that_is_frozen_has_it_after_a_second(clock: Clock) -> None:
    here = Here(clock, Person(), granny())
    assert await here.floor.given()
    assert clock.passed == pytest.approx(2.5, abs=0.2)


async def test_when_another_comes_who_came_first_goes_on(here: Here) -> None:
    second = here.room.come(granny(joined_at=LATER))
    assert here.floor.is_hers
    here.is_heard()
    await asyncio.sleep(5)
    assert (here.floor.is_hers, here.outvoted) == (True, [])
    here.room.tell(second, {HEARD: "99999999999.0"})
    await asyncio.sleep(5)
    assert (here.floor.is_hers, here.outvoted) == (True, [])


async def test_one_that_comes_before_she_has_looked_round_came_after_her(clock: Clock) -> None:
    here = Here(clock, Person())
    here.room.come(granny())
    assert await here.floor.given()
    assert clock.passed == 0


async def test_who_comes_back_to_one_that_is_not_heard_yet_waits_with_what_she_begins(here: Here) -> None:
    """The other has begun, and does not know that she was there before."""
    assert here.floor.is_hers
    here.room.emit("reconnecting")
    here.room.come(granny())
    here.room.emit("reconnected")
    assert not here.floor.is_hers


async def test_who_is_not_heard_leaves_the_call_to_one_that_claims_it(here: Here) -> None:
    second = here.room.come(granny(joined_at=LATER))
    here.room.tell(second, {CLAIM: "yes"})
    await asyncio.sleep(1)
    assert here.outvoted == [pytest.approx(0.3, abs=0.11)]
    assert not here.floor.is_hers


async def test_who_is_heard_and_was_not_known_to_be_says_so_again(here: Here) -> None:
    """An attribute may be lost; another one who comes must not wait in vain."""
    here.room.me.breaks["set_attributes"] = rtc.participant.PublishTrackError("no")
    here.is_heard()
    await asyncio.sleep(0.1)
    assert here.told == {}
    here.room.me.breaks.clear()
    here.room.come(granny(joined_at=LATER))
    await asyncio.sleep(0.1)
    assert HEARD in here.told


async def test_that_she_cannot_be_marked_is_logged(here: Here, caplog: pytest.LogCaptureFixture) -> None:
    here.room.me.breaks["set_attributes"] = rtc.participant.PublishTrackError("no")
    with caplog.at_level(logging.WARNING, logger="granny.call"):
        here.is_heard()
        await asyncio.sleep(0.1)
    [record] = caplog.records
    assert (record.getMessage(), vars(record)["error"]) == ("not marked in the room", "PublishTrackError")


async def test_after_the_connection_began_anew_she_is_heard_when_somebody_listens_again(here: Here) -> None:
    """LiveKit lets her in with what she was marked with before."""
    here.is_heard()
    await asyncio.sleep(0.1)
    assert HEARD in here.told
    here.room.emit("local_track_republished", OwnPublication("TR_new"), "")
    here.room.emit("reconnected")
    await asyncio.sleep(0.1)
    assert HEARD not in here.told
    here.is_heard()
    await asyncio.sleep(0.1)
    assert HEARD in here.told


async def test_a_connection_that_was_only_mended_leaves_her_heard(here: Here) -> None:
    here.is_heard()
    await asyncio.sleep(0.1)
    since = here.told[HEARD]
    here.room.emit("reconnected")
    await asyncio.sleep(0.1)
    assert here.told[HEARD] == since


async def test_who_comes_back_and_finds_one_who_is_heard_leaves(here: Here) -> None:
    """As when LiveKit's node died, and the call was dispatched anew meanwhile."""
    here.is_heard()
    await asyncio.sleep(0.1)
    here.room.emit("local_track_republished", OwnPublication("TR_new"), "")
    here.room.come(granny(heard="50.0"))
    here.room.emit("reconnected")
    await asyncio.sleep(0.1)
    here.is_heard()
    await asyncio.sleep(1)
    assert here.outvoted == [pytest.approx(0.4, abs=0.11)]


async def test_who_comes_back_marked_as_heard_before_her_line_broke_is_not_heard(here: Here) -> None:
    """LiveKit keeps what she was marked with; the clocks of two machines may differ by two seconds."""
    here.is_heard()
    await asyncio.sleep(0.1)
    back = here.room.come(granny(joined_at=60_000, heard="57.9"))
    await asyncio.sleep(3)
    assert here.outvoted == []
    here.room.tell(back, {HEARD: "58.1"})
    await asyncio.sleep(1)
    assert here.outvoted == [pytest.approx(3.4, abs=0.11)]


async def test_who_is_outvoted_says_so_at_once(here: Here) -> None:
    """Whoever does not know it, and falls behind before she has gone, would leave as well: nobody would be there."""
    here.is_heard()
    await asyncio.sleep(0.1)
    here.room.come(granny(heard="50.0"))
    await asyncio.sleep(1)
    assert len(here.outvoted) == 1
    assert here.told[AGENT] == LEAVING


async def test_a_room_that_is_lost_while_she_waits_keeps_nobody_waiting(clock: Clock) -> None:
    here = Here(clock, Person(), granny())
    waiting = asyncio.create_task(here.floor.given())
    await asyncio.sleep(0.5)
    here.room.end(rtc.DisconnectReason.SERVER_SHUTDOWN)
    assert await waiting
    assert here.outvoted == []


@pytest.mark.parametrize("nonsense", ["soon", "nan", "inf", ""])
async def test_a_time_that_is_none_is_no_time(clock: Clock, nonsense: str) -> None:
    here = Here(clock, Person(), granny(heard=nonsense))
    [other] = others(here.room)
    assert other.heard_at is None
    assert clock.passed == 0


async def test_a_room_that_she_has_yet_to_join_holds_nobody() -> None:
    floor = Floor(Room(granny(), is_joined=False), outvoted=lambda: None)
    assert floor.is_hers
    assert HER == "granny"
