"""How she leaves: whom she ends the room for, and what she leaves to those who stay."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import pytest
from livekit import api, rtc

from clock import Clock
from fakes import Job, LiveKit, Person, Room
from granny.call.leaving import leave, leave_alone
from granny.rooms.occupants import AGENT, CALL
from scenarios._scene import settings

RECORDER = rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS
HERS = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
MARK = {"granny.parted": "yes"}
TROUBLES = [api.TwirpError("not_found", "no", status=404), aiohttp.ClientConnectionError()]


def another_granny() -> Person:
    one = Person("agent-2", kind=HERS)
    one._info.attributes[AGENT] = CALL
    return one


def room(*others: str) -> Room:
    return Room(*(Person(name) for name in others), Person("recorder", kind=RECORDER))


async def test_a_room_that_was_hers_and_her_callers_ends_with_her() -> None:
    here = room("caller")
    job = Job(here)
    await leave(job, job.room)
    assert job.rooms.journal == ["the-room ended"]


async def test_those_who_stay_are_marked_as_parted_from() -> None:
    """So that no worker calls them back."""
    here = room("caller", "daughter")
    job = Job(here)
    await leave(job, job.room)
    assert job.rooms.journal == [f"{name} in the-room marked {MARK}" for name in ("caller", "daughter")]
    assert here.journal == ["left"]


async def test_those_whom_another_granny_has_are_not() -> None:
    here = Room(Person("caller"), Person("daughter"), another_granny())
    job = Job(here)
    await leave(job, job.room)
    assert (job.rooms.journal, here.journal) == ([], ["left"])


async def test_a_job_without_a_worker_leaves_as_one_with_a_worker_does(monkeypatch: pytest.MonkeyPatch) -> None:
    here = room("caller", "daughter")
    job = Job(here)
    way = LiveKit(job.rooms)
    monkeypatch.setattr(api, "LiveKitAPI", lambda *_: way)
    await leave_alone(job, job.room, settings(LIVEKIT_URL="ws://livekit.invalid"))
    assert job.rooms.journal == [f"{name} in the-room marked {MARK}" for name in ("caller", "daughter")]
    assert (here.journal, way.is_closed) == (["left"], True)


@pytest.mark.parametrize("error", TROUBLES, ids=lambda error: type(error).__name__)
async def test_who_cannot_be_marked_is_left_all_the_same(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    here = room("caller", "daughter")
    job = Job(here)
    job.rooms.breaks["update_participant"] = error
    await leave(job, job.room)
    assert here.journal == ["left"]
    [record] = caplog.records
    assert (record.getMessage(), record.levelno) == ("who stays is not marked", logging.WARNING)
    assert vars(record)["error"] == type(error).__name__


async def test_marking_takes_a_second_at_most(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(_: object) -> None:
        await asyncio.Event().wait()

    here = room("caller", "daughter")
    job = Job(here)
    monkeypatch.setattr(job.rooms, "update_participant", hangs)
    await leave(job, job.room)
    assert here.journal == ["left"]
    assert clock.passed == 1
