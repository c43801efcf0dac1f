"""A call that another Granny goes on with: who leaves goes without a word, tells no fault and lets the room be."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from livekit import rtc

from fakes import Job, Person, Room, Session, Track
from granny import faults, lines
from granny.call.ending import CallEnd, CallEnded, Ending
from granny.call.floor import HEARD
from granny.call.lifecycle import Call, wind_up
from granny.call.reports import CHANNEL
from granny.rooms.occupants import AGENT, CALL
from scenarios._scene import settings

pytestmark = pytest.mark.usefixtures("no_sound_card", "clock")

Reason = rtc.DisconnectReason
OTHER = CallEnd(Ending.OTHER_GRANNY)


def granny(*, joined_at: int, heard: str = "") -> Person:
    attributes = {AGENT: CALL} | ({HEARD: heard} if heard else {})
    kind = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    return Person("agent-2", kind=kind, microphone="none", attributes=attributes, joined_at=joined_at)


class Here:
    """A call as `agent.py` holds it, in a room of fakes."""

    def __init__(self, told: list[Any], *people: Person, greeting: Path | None = None) -> None:
        self.told = told
        self.room = Room(*people)
        self.job = Job(self.room)
        self.session = Session(self.room.journal)
        folder = {"GRANNY_LINES_FOLDER": str(greeting)} if greeting else {}
        self.call = Call(self.job, settings(LIVEKIT_URL="ws://livekit.invalid", **folder))
        self.may_begin: bool | None = None
        self.got_far = False

    async def answer(self) -> None:
        with self.call as call:
            greeting = await call.greet()
            call.watch_over(self.session)
            self.got_far = True
            if greeting is None:
                self.may_begin = await call.may_begin()

    def is_heard(self) -> None:
        self.room.emit("local_track_subscribed", Track("hers", None))  # type: ignore[arg-type]  # of no sound

    async def end(self) -> CallEnd:
        await wind_up(self.job)
        [ended] = [one for one in self.told if isinstance(one, CallEnded)]
        return ended.end

    def has_left_without_a_word(self) -> bool:
        """Nothing told, nothing said, and the room goes on."""
        spoken = [note for note in self.room.journal if note.startswith(("data", "caption"))]
        marked = [note for note in self.room.journal if "granny.fault" in note]
        return (spoken, marked, self.job.rooms.journal, self.room.journal.count("left")) == ([], [], [], 1)


@pytest.fixture
def told() -> Iterator[list[Any]]:
    heard: list[Any] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(cast("Any", record).told)

    ear = Ear()
    CHANNEL.addHandler(ear)
    yield heard
    CHANNEL.removeHandler(ear)


@pytest.fixture
def family(tmp_path: Path) -> Path:
    for ending in ("wav", "txt"):
        shutil.copy(lines.SHIPPED / "en" / f"hello.{ending}", tmp_path / f"greeting.{ending}")
    return tmp_path


async def test_who_finds_another_talking_leaves_before_she_has_made_a_sound(told: list[Any], family: Path) -> None:
    """There is no agent session yet, and no track of hers; the worker hears of it once, and of no fault."""
    here = Here(told, Person(), granny(joined_at=500, heard="1.0"), greeting=family)
    await here.answer()
    await asyncio.sleep(1)
    assert (here.got_far, here.room.me.published) == (False, [])
    assert here.job.hung_up == ["other-granny"]
    assert await here.end() == OTHER
    assert here.has_left_without_a_word()
    assert len(told) == 1


async def test_without_a_recorded_greeting_she_neither_hears_nor_greets_until_it_is_clear(told: list[Any]) -> None:
    """The model greets then, and would answer the caller beside the other one."""
    here = Here(told, Person(), first := granny(joined_at=500))
    answering = asyncio.create_task(here.answer())
    await asyncio.sleep(1)
    assert (here.got_far, here.may_begin, here.session.input.audio_enabled) == (True, None, False)
    here.room.tell(first, {HEARD: "1.0"})
    await answering
    await asyncio.sleep(1)
    assert here.may_begin is False
    assert await here.end() == OTHER
    assert here.has_left_without_a_word()
    assert "session shut down" in here.room.journal


async def test_the_call_of_one_that_is_never_heard_goes_on_with_her(told: list[Any]) -> None:
    here = Here(told, Person(), first := granny(joined_at=500))
    answering = asyncio.create_task(here.answer())
    await asyncio.sleep(1.7)
    here.room.leave(first, Reason.CLIENT_INITIATED)
    await answering
    await asyncio.sleep(0.1)
    assert (here.may_begin, here.session.input.audio_enabled, here.job.hung_up) == (True, True, [])
    assert here.call._supervisor
    assert here.call._supervisor._watchdog._has_met


async def test_while_she_waits_nothing_is_due_to_the_caller(told: list[Any]) -> None:
    """The other may be greeting; a first word of hers is owed from when the floor is hers."""
    here = Here(told, Person(), granny(joined_at=500))
    answering = asyncio.create_task(here.answer())
    await asyncio.sleep(2.4)
    assert here.call._supervisor
    assert not here.call._supervisor._watchdog._has_met
    await answering
    await asyncio.sleep(0.1)
    assert here.call._supervisor._watchdog._has_met


async def test_a_fault_is_not_told_over_another_s_voice(told: list[Any]) -> None:
    here = Here(told, Person(), granny(joined_at=500, heard="1.0"))
    answering = asyncio.create_task(here.answer())
    await asyncio.sleep(0.1)
    assert here.call._supervisor
    here.call._supervisor.fail(faults.OPENAI_OUT_OF_CREDIT.found("x"))
    await answering
    await asyncio.sleep(2)
    assert await here.end() == OTHER
    assert here.has_left_without_a_word()


async def test_who_talks_and_hears_of_one_that_has_been_heard_for_longer_leaves_in_mid_word(told: list[Any]) -> None:
    here = Here(told, Person())
    await here.answer()
    here.is_heard()
    await asyncio.sleep(1)
    assert here.job.hung_up == []
    here.room.come(granny(joined_at=2_000, heard="1.0"))
    await asyncio.sleep(0.5)
    assert here.job.hung_up == ["other-granny"]
    assert await here.end() == OTHER
    assert here.has_left_without_a_word()


async def test_who_talks_and_is_heard_goes_on_whoever_comes(told: list[Any]) -> None:
    here = Here(told, Person())
    await here.answer()
    here.is_heard()
    here.room.come(granny(joined_at=2_000))
    await asyncio.sleep(5)
    assert (here.job.hung_up, here.session.input.audio_enabled) == ([], True)


async def test_whoever_comes_under_her_name_puts_her_out_without_a_word(told: list[Any]) -> None:
    here = Here(told, Person())
    await here.answer()
    await asyncio.sleep(1)
    here.room.end(Reason.DUPLICATE_IDENTITY)
    assert await here.end() == OTHER
    assert (here.job.rooms.journal, here.room.me.published, len(told)) == ([], [], 1)


async def test_a_room_in_which_another_granny_talks_is_not_ended_by_who_says_goodbye(told: list[Any]) -> None:
    """Her worker stops, or a fault has ended her call: the other goes on."""
    here = Here(told, Person())
    await here.answer()
    here.is_heard()
    here.room.come(granny(joined_at=2_000))
    assert (await here.end()).fault == "worker-stopping"
    assert here.job.rooms.journal == []
    assert here.room.journal[-1] == "left"


async def test_a_worker_that_stops_while_she_waits_says_nothing(told: list[Any]) -> None:
    here = Here(told, Person(), granny(joined_at=500, heard="1.0"))
    answering = asyncio.create_task(here.answer())
    await asyncio.sleep(0.1)
    assert await here.end() == OTHER
    await answering
    assert here.room.me.published == []
    assert here.job.rooms.journal == []


async def test_what_breaks_as_she_leaves_is_no_crash(told: list[Any]) -> None:
    """The room has gone from under the session that begins in it."""
    here = Here(told, Person(), granny(joined_at=500, heard="1.0"))
    with here.call as call:
        await call.greet()
        call.watch_over(here.session)
        assert await call.may_begin() is False
        raise RuntimeError
    assert await here.end() == OTHER
