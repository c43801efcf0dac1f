"""A killed worker and a killed job: their callers do not sit in an empty room."""

from __future__ import annotations

import asyncio
import functools
import json
from pathlib import Path

import psutil
import pytest
from livekit import api

from calls.serving import AGENT, HANG, KEY, agent_joined, serving, until
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.livekit_server import LiveKit, why_missing
from granny.rehearsal.rig.worker import descendants

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]


@pytest.mark.full
async def test_a_call_that_eats_the_memory_goes_on_in_another_process(livekit: LiveKit, tmp_path: Path) -> None:
    async with serving(livekit, tmp_path, GRANNY_CALL_MEMORY_MB="200") as running, join(livekit, "hungry-1") as caller:
        await running.until_metric('granny_calls_total{outcome="job-died"}', 1)
        await until(functools.partial(is_told, caller), lambda: running.log)
        assert await agent_joined(caller)
        assert running.lines("job process exceeded memory limit, killing it")
        assert not caller.gone.is_set()


async def test_a_job_that_dies_is_relieved_by_another(livekit: LiveKit, tmp_path: Path) -> None:
    """The room hears of it, and the dead job's participant does not linger for the 20 s that LiveKit would wait.

    The second job is told of the first one's metadata and attributes, as it is of its room.
    """
    metadata, attributes = "a letter for the second", {"from": "the family"}
    dispatch = api.CreateAgentDispatchRequest(
        room="relieved-1", agent_name="bare", metadata=metadata, attributes=attributes
    )
    async with (
        serving(livekit, tmp_path, LIVEKIT_AGENT_NAME="bare") as running,
        api.LiveKitAPI(livekit.url, livekit.key, livekit.secret) as rooms,
        join(livekit, "relieved-1") as caller,
    ):
        await rooms.agent_dispatch.create_dispatch(dispatch)
        await running.until_metric('granny_calls_total{outcome="job-died"}', 1)
        await until(functools.partial(is_told, caller), lambda: running.log)
        assert await agent_joined(caller)
        assert len(caller.room.remote_participants) == 1
        assert [json.loads(payload) for _, _, payload in caller.heard.data] == [{"fault": "job-died"}]
        assert not caller.gone.is_set()
        jobs = running.lines("job")
    assert [(line["metadata"], line["attributes"]) for line in jobs] == [(metadata, attributes)] * 2


async def test_the_caller_of_a_job_that_dies_at_once_is_off_the_line(livekit: LiveKit, tmp_path: Path) -> None:
    """Rather than called back by one dying job after the other."""
    async with serving(livekit, tmp_path), join(livekit, "killed-1") as caller:
        await asyncio.wait_for(caller.gone.wait(), HANG)


async def test_when_a_worker_is_killed_its_caller_hears_why_and_another_takes_the_next_call(
    livekit: LiveKit, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    async with (
        StandIn(api_key=KEY) as standin,
        serving(livekit, first, agent=AGENT, OPENAI_BASE_URL=standin.base_url) as killed,
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
