"""Whoever is alone in one of her rooms is gone to, by whichever worker has a place: on a real LiveKit server."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from livekit import api, rtc
from livekit.protocol.agent_dispatch import RoomAgentDispatch
from livekit.protocol.room import RoomConfiguration

from calls.bare_worker import REJECTED
from calls.house import entered
from calls.serving import Running, agent_joined, serving, until
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.rig.livekit_server import LiveKit, why_missing
from granny.rehearsal.rig.worker import descendants
from granny.rooms.occupants import AGENT, BUSY, CALL

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]

MET = "granny_callers_met_total"
WAITING = "granny_callers_waiting"
SHUT = "taking no calls until OpenAI accepts the account again"


@contextlib.asynccontextmanager
async def two_workers(livekit: LiveKit, folder: Path, *, places: int = 8) -> AsyncIterator[tuple[Running, Running]]:
    first, second = folder / "first", folder / "second"
    first.mkdir()
    second.mkdir()
    async with (
        serving(livekit, first, GRANNY_DRAIN_SECONDS="1", GRANNY_MAX_CALLS=str(places)) as one,
        serving(livekit, second, GRANNY_DRAIN_SECONDS="1", GRANNY_MAX_CALLS=str(places)) as other,
    ):
        yield one, other


def agents(caller: RoomCaller, mark: str = CALL) -> list[rtc.RemoteParticipant]:
    return [one for one in caller.room.remote_participants.values() if one.attributes.get(AGENT) == mark]


async def is_attended(caller: RoomCaller) -> bool:
    return bool(agents(caller))


async def is_asked_to_wait(caller: RoomCaller) -> bool:
    return bool(agents(caller, BUSY))


async def test_who_calls_before_there_is_a_worker_is_answered_and_who_finds_it_full_has_the_next_place(
    livekit: LiveKit, tmp_path: Path
) -> None:
    """LiveKit never offers the first call to anybody, and does not even ask a full worker in `start`.

    Who finds all places taken is asked to wait, and who has waited longest comes first.
    """
    async with (
        join(livekit, "talking-early") as first,
        serving(livekit, tmp_path, GRANNY_MAX_CALLS="1", GRANNY_DRAIN_SECONDS="1") as running,
    ):
        await until(functools.partial(is_attended, first), lambda: running.log)
        [agent] = agents(first)
        assert agent.identity.startswith("agent-RM_")
        assert await running.metric(MET) == 1
        await running.until_health(503, "full")
        async with join(livekit, "talking-second") as second, join(livekit, "talking-third") as third:
            await running.until_metric(WAITING, 2)
            await until(functools.partial(is_asked_to_wait, second), lambda: running.log)
            assert (agents(second), agents(third)) == ([], [])
            await first.hang_up()
            await _delete(livekit, "talking-early")
            await until(functools.partial(is_attended, second), lambda: running.log)
            await running.until_metric(WAITING, 1)
            assert not agents(third)
            await _delete(livekit, "talking-second")
            await until(functools.partial(is_attended, third), lambda: running.log)
            await running.until_metric(WAITING, 0)


@pytest.mark.full
async def test_of_two_workers_with_a_free_place_in_the_same_instant_one_goes(livekit: LiveKit, tmp_path: Path) -> None:
    """The caller hears one greeting, not the beginnings of two."""
    async with two_workers(livekit, tmp_path, places=1) as workers, contextlib.AsyncExitStack() as callers:
        for room in ("talking-1", "talking-2"):
            caller = await callers.enter_async_context(join(livekit, room))
            assert await agent_joined(caller)
        for worker in workers:
            await worker.until_health(503, "full")
        async with join(livekit, "talking-3") as third:

            async def is_asked_to_wait() -> bool:
                return bool(agents(third, BUSY))

            await until(is_asked_to_wait, lambda: workers[0].log)
            await asyncio.sleep(2)  # both have seen this caller
            await asyncio.gather(_delete(livekit, "talking-1"), _delete(livekit, "talking-2"))
            await until(functools.partial(is_attended, third), lambda: workers[0].log)
            await asyncio.sleep(2)
            assert len(agents(third)) == 1
        met = [line["room"] for worker in workers for line in worker.lines("a caller was alone")]
        assert met.count("talking-3") == 1


@pytest.mark.full
async def test_a_shut_worker_alone_says_its_apology_and_tells_livekit_that_it_is_full(
    livekit: LiveKit, tmp_path: Path
) -> None:
    async with serving(livekit, tmp_path) as running:
        async with join(livekit, "rejected-1"):
            await running.until_logged(SHUT)
        asked = len(running.lines("received job request"))
        async with join(livekit, "rejected-2"):
            await running.until_metric(f'granny_calls_total{{outcome="{REJECTED}"}}', 2)
        assert len(running.lines("received job request")) == asked
        assert await running.metric(MET) == 1


@pytest.mark.full
async def test_beside_a_healthy_one_a_shut_worker_never_apologises(livekit: LiveKit, tmp_path: Path) -> None:
    async with two_workers(livekit, tmp_path) as (one, other):
        async with join(livekit, "rejected-1"):
            shut, well = await _which_is(SHUT, one, other)
        for number in range(5):
            async with join(livekit, f"well-{number}"):
                await well.until_metric('granny_calls_total{outcome="ok"}', number + 1)
        assert len(shut.lines("call ended")) == 1


@pytest.mark.full
async def test_whose_worker_is_frozen_is_met_by_another(livekit: LiveKit, tmp_path: Path) -> None:
    """LiveKit asks the frozen one, waits ten seconds for its answer and asks nobody else."""
    async with two_workers(livekit, tmp_path) as (frozen, well):
        process = psutil.Process(frozen.worker.process.pid)
        process.suspend()
        try:
            for number in range(4):
                async with join(livekit, f"well-{number}"):
                    await well.until_metric('granny_calls_total{outcome="ok"}', number + 1)
        finally:
            process.resume()


@pytest.mark.full
async def test_whose_machine_has_gone_is_met_by_another_before_livekit_knows_of_it(
    livekit: LiveKit, tmp_path: Path
) -> None:
    """LiveKit lists the agent for some twenty seconds more; it is put out, and the caller sees one agent."""
    async with two_workers(livekit, tmp_path) as (one, other), join(livekit, "talking-1") as caller:
        assert await agent_joined(caller)
        gone, well = await _which_is("received job request", one, other)
        [dead] = agents(caller)
        for pid in [gone.worker.process.pid, *descendants(gone.worker.process.pid)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        await well.until_logged("an agent is gone that LiveKit still lists")

        async def is_another() -> bool:
            return [agent.identity for agent in agents(caller)] not in ([], [dead.identity])

        await until(is_another, lambda: well.log)
        assert len(agents(caller)) == 1


@pytest.mark.full
async def test_a_room_into_which_another_is_sent_is_not_touched(livekit: LiveKit, tmp_path: Path) -> None:
    """She has no name, and would join every room; but this one has its own agent, who is late."""
    config = RoomConfiguration(agents=[RoomAgentDispatch(agent_name="translator")])
    async with serving(livekit, tmp_path, GRANNY_DRAIN_SECONDS="1") as running:
        async with entered(livekit, "talking-foreign", config=config), join(livekit, "talking-hers") as caller:
            assert await agent_joined(caller)
            await asyncio.sleep(5)
        assert [line["room"] for line in running.lines("received job request")] == ["talking-hers"]
        assert not running.lines("a caller was alone")


@pytest.mark.full
async def test_the_job_that_is_found_knows_what_its_dispatch_told(livekit: LiveKit, tmp_path: Path) -> None:
    """As if LiveKit had given it."""
    sent = RoomAgentDispatch(agent_name="bare", metadata="a letter", attributes={"from": "the family"})
    async with (
        entered(livekit, "relieved-3", config=RoomConfiguration(agents=[sent])),
        serving(livekit, tmp_path, LIVEKIT_AGENT_NAME="bare") as running,
    ):
        await running.until_logged('"metadata"')
        [line] = running.lines("job")[:1]
        assert (line["metadata"], line["attributes"]) == ("a letter", {"from": "the family"})


async def _which_is(words: str, one: Running, other: Running) -> tuple[Running, Running]:
    """The worker that has logged the words, and the other one."""

    async def is_so() -> bool:
        return words in one.log + other.log

    await until(is_so, lambda: one.log)
    return (one, other) if words in one.log else (other, one)


async def _delete(livekit: LiveKit, room: str) -> None:
    async with api.LiveKitAPI(livekit.url, livekit.key, livekit.secret) as rooms:
        with contextlib.suppress(api.TwirpError):
            await rooms.room.delete_room(api.DeleteRoomRequest(room=room))
