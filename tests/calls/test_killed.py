"""A killed worker and a killed job: their callers do not sit in an empty room."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from livekit import api

from calls.hearing_lines import record_tones
from calls.serving import AGENT, HANG, KEY, Running, agent_joined, serving, until, worker_and_livekit
from calls.stage import short_greeting
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.livekit_server import LiveKit, why_missing
from granny.rehearsal.rig.worker import descendants

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]


NAME = "bare"
DIED = 'granny_calls_total{outcome="job-died"}'
ITS_HOUSE = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A worker whose jobs die."""
    named = {"LIVEKIT_AGENT_NAME": NAME, "GRANNY_DRAIN_SECONDS": "1"}
    async with worker_and_livekit(tmp_path_factory.mktemp("house"), **named) as running:
        yield running


@pytest.mark.full
async def test_a_call_that_eats_the_memory_goes_on_in_another_process(livekit: LiveKit, tmp_path: Path) -> None:
    async with serving(livekit, tmp_path, GRANNY_CALL_MEMORY_MB="200") as running, join(livekit, "hungry-1") as caller:
        await running.until_metric(DIED, 1)
        await until(functools.partial(is_told, caller), lambda: running.log)
        assert await agent_joined(caller)
        assert running.lines("job process exceeded memory limit, killing it")
        assert not caller.gone.is_set()


@ITS_HOUSE
async def test_a_job_that_dies_is_relieved_by_another(here: Running) -> None:
    """The room hears of it, and the dead job's participant does not linger for the 20 s that LiveKit would wait.

    The second job is told of the first one's metadata and attributes, as it is of its room.
    """
    room, metadata, attributes = "relieved-1", "a letter for the second", {"from": "the family"}
    dispatch = api.CreateAgentDispatchRequest(room=room, agent_name=NAME, metadata=metadata, attributes=attributes)
    async with (
        api.LiveKitAPI(here.livekit.url, here.livekit.key, here.livekit.secret) as rooms,
        join(here.livekit, room) as caller,
    ):
        await rooms.agent_dispatch.create_dispatch(dispatch)
        await here.until_metric(DIED, 1)
        await until(functools.partial(is_told, caller), lambda: here.log)
        assert await agent_joined(caller)
        assert len(caller.room.remote_participants) == 1
        assert [json.loads(payload) for _, _, payload in caller.heard.data] == [{"fault": "job-died"}]
        assert not caller.gone.is_set()
        jobs = [line for line in here.lines("job") if line["room"] == room]
    assert [(line["metadata"], line["attributes"]) for line in jobs] == [(metadata, attributes)] * 2


@ITS_HOUSE
async def test_the_caller_of_a_job_that_dies_at_once_is_off_the_line(here: Running) -> None:
    """Rather than called back by one dying job after the other."""
    async with join(here.livekit, "killed-1", agent_name=NAME) as caller:
        await asyncio.wait_for(caller.gone.wait(), HANG)


async def test_when_a_worker_is_killed_its_caller_hears_why_and_another_takes_the_next_call(
    livekit: LiveKit, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    record_tones(tmp_path / "lines")
    short = {"GRANNY_LINES_FOLDER": str(tmp_path / "lines")}
    async with (
        StandIn(api_key=KEY, manner=Manner(greeting=short_greeting())) as standin,
        serving(livekit, first, agent=AGENT, OPENAI_BASE_URL=standin.base_url, **short) as killed,
        join(livekit, "orphaned") as caller,
    ):
        await until(functools.partial(has_heard, caller, 0.0), lambda: killed.log)
        async with serving(livekit, second, agent=AGENT, OPENAI_BASE_URL=standin.base_url) as other:
            await until(functools.partial(is_quiet, caller), lambda: killed.log)
            job = descendants(killed.worker.process.pid)
            killed.worker.process.kill()
            killed_at = caller.heard.now()
            async with join(livekit, "next") as next_caller:
                await until(functools.partial(has_heard, next_caller, 0.0), lambda: other.log)
            await until(functools.partial(has_heard, caller, killed_at), lambda: other.log)
            await asyncio.wait_for(caller.gone.wait(), HANG)
            assert caller.heard.attributes["granny.fault"] == "worker-died"
            assert [json.loads(payload) for _, _, payload in caller.heard.data] == [{"fault": "worker-died"}]
            await until(functools.partial(are_gone, job), lambda: killed.log)


async def is_told(caller: RoomCaller) -> bool:
    return bool(caller.heard.data)


async def has_heard(caller: RoomCaller, after: float) -> bool:
    return any(span.start >= after for span in speech(caller.heard.sound))


async def is_quiet(caller: RoomCaller) -> bool:
    return caller.heard.now() - speech(caller.heard.sound)[-1].end > 1.0


async def are_gone(pids: list[int]) -> bool:
    return not any(psutil.pid_exists(pid) for pid in pids)
