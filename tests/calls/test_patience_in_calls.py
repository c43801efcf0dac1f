"""A caller who pauses in mid-sentence, in a real room: what she makes of the pause is never heard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from calls.house import SAID, House, house
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.callers.telephone import SAMPLE_RATE
from granny.rehearsal.rig.livekit_server import why_missing

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
    pytest.mark.asyncio(loop_scope="module"),
]

PAUSE = bytes(int(0.6 * SAMPLE_RATE) * 2)
"""Twice what OpenAI takes for the end of a turn, and half of what she does."""
DROPPED = "conversation.item.deleted"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(home / "agent.py", tmp_path_factory.mktemp("patient"), GRANNY_PATIENCE="normal") as it:
        yield it


async def until_answered(here: House, caller: RoomCaller, *, since: float) -> float:
    """When her next sound began, in seconds since joining."""
    await here.until(lambda: bool(starts(caller, since)), "an answer")
    return starts(caller, since)[0]


def starts(caller: RoomCaller, since: float) -> list[float]:
    return [span.start for span in speech(caller.heard.sound) if span.start >= since]


async def test_who_goes_on_hears_nothing_and_is_answered_as_if_there_had_been_no_pause(here: House) -> None:
    async with join(here.livekit, "pausing") as caller:
        await here.until_greeted(caller)
        since = caller.heard.now()
        caller.say(SAID + PAUSE + SAID)
        await caller.said()
        spoke_until = caller.heard.now()
        assert await until_answered(here, caller, since=since) > spoke_until
        roles = [getattr(item.wire, "role", None) for item in here.line.conversation.items]
        assert roles == ["assistant", "user", "user", "assistant"]
        assert here.line.server_events.count(DROPPED) == 1
        said = [item for item in here.line.conversation.items if getattr(item.wire, "role", None) == "user"]
        assert sum(len(item.audio) for item in said) > 2 * len(SAID) // 2
    await here.end("pausing")
    (line,) = here.running.lines("call ended")[-1:]
    assert (line["turns"], line["dropped"], line["interruptions"]) == (1, 1, 0)
    assert line["dropped_tokens"] > 0
    assert here.running.lines("fault told") == []


@pytest.mark.full
async def test_whoever_is_cut_off_has_the_floor(here: House) -> None:
    """The pause was too long for her: she falls silent, and answers what was said in the end."""
    async with join(here.livekit, "cut off") as caller:
        await here.until_greeted(caller)
        since = caller.heard.now()
        caller.say(SAID)
        began = await until_answered(here, caller, since=since)
        caller.say(SAID)
        await caller.said()
        spoke_until = caller.heard.now()
        answered = await until_answered(here, caller, since=spoke_until)
        heard = [span for span in speech(caller.heard.sound) if began <= span.start < answered]
        assert all(span.end < spoke_until for span in heard)
    await here.end("cut off")
    (line,) = here.running.lines("call ended")[-1:]
    assert (line["turns"], line["dropped"], line["interruptions"]) == (2, 0, 1)
