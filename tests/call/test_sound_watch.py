"""What is looked at to know whether sound gets through, and what is done where it does not."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Literal

import pytest
from livekit import rtc

from clock import Clock
from fakes import Person, Publication, Room
from granny.call.audience import Audience
from granny.call.sound_watch import SoundWatch

SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
ANEW = "simulated 7"


class Here:
    """A room that is watched; what is told stands in its journal."""

    def __init__(self, *people: Person) -> None:
        self.room = Room(*people)
        self.journal = self.room.journal
        self.listened: list[float] = []
        audience = Audience(self.room, changed=lambda: None)
        self.watch = SoundWatch(
            self.room,
            audience,
            listened=lambda: self.listened.append(time.monotonic()),
            unheard=lambda: self.journal.append("unheard"),
            deaf=lambda: self.journal.append("deaf"),
        )

    def publishes(self, sid: str = "TR_1") -> None:
        self.room.emit("local_track_published", Publication(sid), None)

    def is_heard(self) -> None:
        self.room.emit("local_track_subscribed", None)

    async def watched(self, seconds: float) -> list[str]:
        with self.watch.watched():
            await asyncio.sleep(seconds)
        return self.journal


def caller(microphone: Literal["none", "open", "muted"] = "none", *, packets: int | None = 50) -> Person:
    person = Person(microphone=microphone)
    if microphone != "none":
        person.is_sent(packets)
    return person


@pytest.mark.parametrize("microphone", ["none", "muted", "open"])
async def test_a_caller_who_hears_and_is_heard_or_wants_not_to_be_is_well(
    clock: Clock, microphone: Literal["none", "open", "muted"]
) -> None:
    here = Here(caller(microphone))
    assert await here.watched(60) == []
    assert clock.passed == 60


async def test_a_track_to_which_nobody_listens_is_noticed(clock: Clock) -> None:
    """Within five seconds, give or take the look; and again after a new beginning."""
    here = Here(caller())
    here.publishes()
    assert await here.watched(7) == [ANEW]
    assert await here.watched(20) == [ANEW, "unheard"]
    assert clock.passed == 27


async def test_who_listens_is_told(clock: Clock) -> None:
    here = Here(caller())
    here.publishes()
    await here.watched(3.5)
    assert here.listened == []
    here.is_heard()
    await here.watched(1.5)
    assert here.listened == [clock.time() - 0.5]


async def test_a_track_that_was_taken_away_need_not_be_heard(clock: Clock) -> None:
    here = Here(caller())
    here.publishes()
    here.room.emit("local_track_unpublished", Publication("TR_1"))
    assert await here.watched(60) == []
    assert clock.passed == 60


@pytest.mark.parametrize(("status", "journal"), [("ringing", []), ("dialing", []), ("", []), ("active", [ANEW])])
async def test_a_telephone_that_rings_is_nobody_yet(clock: Clock, status: str, journal: list[str]) -> None:
    here = Here(Person(kind=SIP, microphone="none", attributes={"sip.callStatus": status}))
    here.publishes()
    assert await here.watched(7) == journal
    assert clock.passed == 7


@pytest.mark.parametrize("of", ["another telephone service", "a recorder", "somebody who is still being let in"])
async def test_of_whose_line_nothing_is_known_is_nobody_yet(clock: Clock, of: str) -> None:
    connector, recorder = rtc.ParticipantKind.PARTICIPANT_KIND_CONNECTOR, rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS
    kinds = {"another telephone service": connector, "a recorder": recorder}
    person = Person(kind=kinds.get(of, rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD), microphone="none")
    if of not in kinds:
        person._info.state = rtc.ParticipantState.PARTICIPANT_STATE_JOINED
    here = Here(person)
    here.publishes()
    assert await here.watched(60) == []
    assert clock.passed == 60


async def test_another_track_of_theirs_is_no_microphone(clock: Clock) -> None:
    person = caller()
    person.publish(rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO)
    here = Here(person)
    assert await here.watched(60) == []
    assert clock.passed == 60


@pytest.mark.parametrize("packets", [0, None])
async def test_an_open_microphone_of_which_nothing_comes_is_noticed(clock: Clock, packets: int | None) -> None:
    """Whether LiveKit sends nothing of it, or does not even offer it."""
    here = Here(caller("open", packets=packets))
    assert await here.watched(7) == [ANEW]
    assert await here.watched(20) == [ANEW, "deaf"]
    assert clock.passed == 27


async def test_a_microphone_of_which_nothing_can_be_learnt_is_not_judged(clock: Clock) -> None:
    person = caller("open", packets=0)
    person.breaks_when_asked()
    here = Here(person)
    assert await here.watched(60) == []
    assert clock.passed == 60


async def test_a_microphone_that_is_well_is_asked_once(clock: Clock) -> None:
    person = caller("open")
    here = Here(person)
    await here.watched(60)
    assert person.times_asked == 1
    assert clock.passed == 60


async def test_while_the_line_is_being_mended_nothing_is_judged(clock: Clock) -> None:
    here = Here(caller())
    here.publishes()
    here.room.emit("reconnecting")
    assert await here.watched(60) == []
    here.room.emit("reconnected")
    assert await here.watched(7) == [ANEW]
    assert clock.passed == 67


async def test_a_room_that_is_lost_is_not_looked_at(clock: Clock) -> None:
    here = Here(caller())
    here.publishes()
    here.room.is_joined = False
    assert await here.watched(60) == []
    assert clock.passed == 60


async def test_where_it_cannot_be_begun_anew_the_fault_is_told_all_the_same(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    here = Here(caller())
    here.publishes()
    here.room.breaks_anew = True
    with caplog.at_level(logging.WARNING, logger="granny.call"):
        assert await here.watched(30) == [ANEW, "unheard"]
    assert "the connection could not be begun anew" in [record.getMessage() for record in caplog.records]
    assert clock.passed == 30
