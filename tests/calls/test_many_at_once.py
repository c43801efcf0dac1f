"""Calls that come in the same instant: as many as there are places are taken, whatever the CPU, and not one more."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from calls.bare_worker import ON_THE_LINE, REJECTED
from calls.serving import Running, agent_joined, serving
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.rig.livekit_server import LiveKit, why_missing

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]

REJECTED_CALLS = f'granny_calls_total{{outcome="{REJECTED}"}}'


@contextlib.asynccontextmanager
async def all_at_once(livekit: LiveKit, kind: str, number: int) -> AsyncIterator[list[RoomCaller]]:
    """So many callers, each in a room of their own, joining in the same instant."""
    async with contextlib.AsyncExitStack() as stack:
        joining = (stack.enter_async_context(join(livekit, f"{kind}-{one}")) for one in range(number))
        yield await asyncio.gather(*joining)


def most_on_the_line(running: Running) -> int:
    return max(int(number) for number in re.findall(rf'{ON_THE_LINE}.*"calls": (\d+)', running.log))


@pytest.mark.parametrize("number", [pytest.param(2, marks=pytest.mark.full), 4])
async def test_on_a_busy_machine_every_one_is_answered(livekit: LiveKit, tmp_path: Path, number: int) -> None:
    async with (
        serving(livekit, tmp_path, GRANNY_DRAIN_SECONDS="1", BARE_WORKER_CPU="1.0") as running,
        all_at_once(livekit, "talking", number) as callers,
    ):
        assert all(await asyncio.gather(*map(agent_joined, callers))), running.log
        assert "call refused" not in running.log


@pytest.mark.parametrize("limit", [1, pytest.param(2, marks=pytest.mark.full)])
async def test_behind_a_shut_door_too_the_limit_holds(livekit: LiveKit, tmp_path: Path, limit: int) -> None:
    """Whoever finds no place for the apology waits for one: each hears it, and none is left alone."""
    async with serving(livekit, tmp_path, GRANNY_MAX_CALLS=str(limit)) as running:
        async with join(livekit, "rejected-first"):
            await running.until_metric(REJECTED_CALLS, 1)
            await running.until_logged("taking no calls until OpenAI accepts the account again")
        async with all_at_once(livekit, "rejected", 4):
            await running.until_metric(REJECTED_CALLS, 5)
        assert most_on_the_line(running) == limit


@pytest.mark.full
async def test_whoever_comes_a_moment_too_late_waits_for_a_place(livekit: LiveKit, tmp_path: Path) -> None:
    """LiveKit offers a call once, and may not know yet that the last place is taken; in dev it is not told at all."""
    async with serving(livekit, tmp_path, mode="dev", GRANNY_MAX_CALLS="1") as running:
        async with all_at_once(livekit, "well", 3):
            await running.until_metric('granny_calls_total{outcome="ok"}', 3)
        assert most_on_the_line(running) == 1
