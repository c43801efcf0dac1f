"""Two people in one room: the one who speaks with her is heard, whoever came first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from calls.house import SAID, House, entered, house
from granny.rehearsal.callers.room_caller import join
from granny.rehearsal.rig.livekit_server import why_missing

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
    pytest.mark.asyncio(loop_scope="module"),
]
STARTED = "input_audio_buffer.speech_started"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(home / "agent.py", tmp_path_factory.mktemp("house")) as it:
        yield it


def turned(here: House, room: str) -> bool:
    """Whether she has turned from somebody to somebody else in a room."""
    return any(line["room"] == room for line in here.running.lines("listening to somebody else"))


async def test_the_caller_is_heard_though_a_silent_stranger_was_there_first(here: House) -> None:
    async with join(here.livekit, "silent", identity="stranger") as stranger:
        await here.until_greeted(stranger)
        async with join(here.livekit, "silent") as caller:
            await here.answers(caller)


async def test_a_microphone_comes_before_none(here: House) -> None:
    """Somebody who only looks on was there first; the caller's first word is not lost."""
    async with entered(here.livekit, "onlooker") as room:
        await here.until(lambda: bool(room.remote_participants), "the agent")
        async with join(here.livekit, "onlooker") as caller:
            await here.until(lambda: turned(here, "onlooker"), "her ear")
            await here.answers(caller)


@pytest.mark.full
async def test_a_microphone_comes_before_none_also_when_both_were_there_before_her(here: House) -> None:
    """Whomever of the two she turned to first: LiveKit names them in any order."""
    async with entered(here.livekit, "both"), join(here.livekit, "both") as caller:
        await here.until_greeted(caller)
        await here.answers(caller)


async def test_nobody_is_heard_over_who_talks_with_her(here: House) -> None:
    async with join(here.livekit, "talk") as caller:
        await here.until_greeted(caller)
        async with join(here.livekit, "talk", identity="stranger") as stranger:
            await here.answers(caller)
            stranger.say(SAID + bytes(len(SAID)) + SAID)
            await stranger.said()
            await here.answers(caller)
        assert here.line.server_events.count(STARTED) == 2
