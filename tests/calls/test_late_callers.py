"""Who comes late, and who comes to another's call: neither is met with silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from livekit import api

from calls.hearing_lines import record_tones, sounds
from calls.house import House, agent_in, house
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.rig.livekit_server import why_missing

pytestmark = [
    pytest.mark.full,
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
    pytest.mark.asyncio(loop_scope="module"),
]

NAME = "granny"
LATE_SECONDS = 30.0
ANEW = "no sound gets through: the connection is begun anew"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    record_tones(folder / "lines")
    settings = {"GRANNY_AGENT_NAME": NAME, "GRANNY_LINES_FOLDER": str(folder / "lines")}
    async with house(home / "agent.py", folder, **settings) as here:
        yield here


async def test_a_caller_who_comes_half_a_minute_after_her_is_greeted(here: House) -> None:
    async with api.LiveKitAPI(here.livekit.url, here.livekit.key, here.livekit.secret) as livekit:
        await livekit.agent_dispatch.create_dispatch(api.CreateAgentDispatchRequest(agent_name=NAME, room="late"))
    await asyncio.sleep(LATE_SECONDS)
    async with join(here.livekit, "late") as caller:
        await here.until_greeted(caller)
        await here.answers(caller)
        assert caller.heard.data == []
    assert here.running.lines(ANEW) == []


async def test_a_second_caller_hears_her_beside_the_first_and_is_answered_when_that_one_has_gone(here: House) -> None:
    async with join(here.livekit, "second", agent_name=NAME) as first:
        await here.until_greeted(first)
        async with join(here.livekit, "second", identity="another") as second:
            her = agent_in(second.room)
            await here.answers(first)
            await here.until(lambda: bool(sounds(second.heard.sound)), "what the first is answered")
            await here.until_greeted(second)
            await first.hang_up()
            await asyncio.sleep(1.5)
            before = second.heard.now()
            await here.answers(second)
            await here.until(lambda: is_heard(second, before), "an answer of her own")
            assert agent_in(second.room) == her
            assert second.heard.data == []


def is_heard(caller: RoomCaller, after: float) -> bool:
    return any(one.end > after for one in sounds(caller.heard.sound))
