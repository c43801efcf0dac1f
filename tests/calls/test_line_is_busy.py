"""The busy line in real rooms: it is heard, and goes when Granny comes, the caller leaves or another worker speaks."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
from array import array
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from livekit import api, rtc
from livekit.protocol.models import ParticipantInfo

from calls.hearing_lines import likeness
from calls.serving import HANG, agent_joined, serving
from family import record
from granny.config.settings import Settings
from granny.lines import Line, load
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.callers.telephone import SAMPLE_RATE
from granny.rehearsal.rig.livekit_server import LiveKit, why_missing
from granny.worker.busy_line import IDENTITY, BusyLine

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]

BUSY = load(Line.LINE_BUSY)
LIKE = 0.6
"""How like a recording is to what is heard of it, on a busy machine too; another line of hers is below 0.4."""
PAUSE = 1.0
"""Longer than any between two of its sentences."""
LOUD = 8_000
"""Of 32,767."""
AUDIBLE = 0.1
"""Of that."""


@pytest.fixture(autouse=True)
def no_own_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("granny.lines.own_voice.cache_folder", lambda: None)


def busy_line(livekit: LiveKit, **settings: str) -> BusyLine:
    return BusyLine(Settings.model_validate({"OPENAI_API_KEY": "sk-FAKE", **livekit.environment, **settings}))


@contextlib.asynccontextmanager
async def granny(livekit: LiveKit, room_name: str) -> AsyncIterator[rtc.Room]:
    """An agent that is marked as hers is, and says nothing."""
    token = (
        api.AccessToken(livekit.key, livekit.secret)
        .with_identity("agent-1")
        .with_kind("agent")
        .with_attributes({"granny.agent": "call"})
        .with_grants(api.VideoGrants(room_join=True, room=room_name))
    )
    room = rtc.Room()
    await room.connect(livekit.url, token.to_jwt())
    try:
        yield room
    finally:
        await room.disconnect()


def is_busy_there(caller: RoomCaller) -> bool:
    return IDENTITY in caller.room.remote_participants


def speaks(caller: RoomCaller) -> bool:
    """Whether something was heard in the last tenth of a second."""
    return max(levels(caller.heard.sound[-SAMPLE_RATE // 10 * 2 :]), default=0.0) > AUDIBLE


def record_tone(folder: Path) -> None:
    """The family's own busy line: five seconds of one loudness."""
    samples = (LOUD * math.sin(math.tau * 500 * number / 24_000) for number in range(5 * 24_000))
    record(folder / "line-busy.wav", array("h", map(int, samples)).tobytes())


def levels(pcm: bytes | bytearray) -> list[float]:
    """The loudest sample of every 5 ms, as a share of the tone's."""
    samples, step = array("h", bytes(pcm)), SAMPLE_RATE // 200
    return [max(map(abs, samples[start : start + step])) / LOUD for start in range(0, len(samples), step)]


async def agents(livekit: LiveKit, room_name: str) -> list[str]:
    """The identities of those in a room who are no callers."""
    async with api.LiveKitAPI(livekit.url, livekit.key, livekit.secret) as outside:
        try:
            listed = await outside.room.list_participants(api.ListParticipantsRequest(room=room_name))
        except api.TwirpError:  # the room has gone
            return []
    return [one.identity for one in listed.participants if one.kind == ParticipantInfo.Kind.AGENT]


async def until(is_so: Callable[[], bool], what: str) -> None:
    for _ in range(int(HANG * 20)):
        if is_so():
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"not within {HANG:.0f} s: {what}")


async def heard_whole(caller: RoomCaller, *, since: int = 0) -> None:
    """The caller hears the whole line; `since`: the place in the sound from which on it counts."""

    def is_over() -> bool:
        """It has pauses of its own."""
        spans = speech(caller.heard.sound[since:])
        now = caller.heard.now() - since / 2 / SAMPLE_RATE
        return bool(spans) and now > max(spans[0].start + BUSY.duration, spans[-1].end) + PAUSE

    await until(lambda: bool(speech(caller.heard.sound[since:])), "the line")
    await asyncio.sleep(BUSY.duration)  # whoever looks all the while hinders what plays it in this very process
    await until(is_over, "the end of the line")
    assert likeness(caller.heard.sound[since:], BUSY) > LIKE


async def test_a_caller_hears_that_the_line_is_busy_and_reads_it(livekit: LiveKit) -> None:
    line = busy_line(livekit)
    async with join(livekit, "kitchen") as caller:
        holding = asyncio.create_task(line.hold("kitchen"))
        await heard_whole(caller)
        assert [turn.text for turn in caller.heard.transcript] == [BUSY.text]
        assert caller.heard.attributes == {"granny.agent": "busy"}
        assert line.rooms == {"kitchen"}
    await holding
    assert line.rooms == frozenset()


@pytest.mark.full
async def test_it_dies_away_when_granny_comes_and_leaves(livekit: LiveKit, tmp_path: Path) -> None:
    """In the middle of a word: no part of what the caller hears jumps, and it takes its 40 ms to go down."""
    record_tone(tmp_path)
    line = busy_line(livekit, GRANNY_LINES_FOLDER=str(tmp_path))
    async with join(livekit, "kitchen") as caller:
        holding = asyncio.create_task(line.hold("kitchen"))
        await until(lambda: len(levels(caller.heard.sound)) > 400 and speaks(caller), "two seconds")
        async with granny(livekit, "kitchen"):
            await holding
            await until(lambda: IDENTITY not in caller.room.remote_participants, "the voice's leave")
        heard = levels(caller.heard.sound)
        end = max(number for number, level in enumerate(heard) if level > AUDIBLE)
        fading = list(itertools.takewhile(lambda level: level < 0.9, reversed(heard[: end + 1])))
        assert len(fading) >= 5, heard[end - 20 :]
        assert max(heard[end - 100 :]) < 1.3


@pytest.mark.full
async def test_who_hangs_up_leaves_no_voice_behind(livekit: LiveKit) -> None:
    line = busy_line(livekit)
    async with join(livekit, "kitchen") as caller:
        holding = asyncio.create_task(line.hold("kitchen"))
        await until(lambda: speaks(caller), "the voice")
    await holding
    assert await agents(livekit, "kitchen") == []


@pytest.mark.full
async def test_of_two_workers_that_speak_in_one_room_one_stays(livekit: LiveKit) -> None:
    """The caller hears the line whole, of one voice; the other one does not come back."""
    first, second = busy_line(livekit), busy_line(livekit)
    async with join(livekit, "kitchen") as caller:
        earlier = asyncio.create_task(first.hold("kitchen"))
        await until(lambda: IDENTITY in caller.room.remote_participants, "the first voice")
        later = asyncio.create_task(second.hold("kitchen"))
        await earlier
        since = len(caller.heard.sound)
        await heard_whole(caller, since=since)
        assert await agents(livekit, "kitchen") == [IDENTITY]
        assert not first.rooms
        assert second.rooms == {"kitchen"}
        await second.aclose()
        await later


@pytest.mark.full
async def test_who_stops_in_the_instant_of_joining_leaves_no_voice_behind(livekit: LiveKit) -> None:
    """A connection that was asked for comes about, whoever has given it up meanwhile."""
    line = busy_line(livekit)
    async with join(livekit, "kitchen"):
        holding = asyncio.create_task(line.hold("kitchen"))
        await asyncio.sleep(0)  # it has begun
        holding.cancel()
        await asyncio.wait([holding])
        await until(lambda: not line.rooms, "the end")
        assert await agents(livekit, "kitchen") == []


@pytest.mark.full
async def test_a_worker_that_stops_takes_its_voice_along(livekit: LiveKit, tmp_path: Path) -> None:
    """Its own goodbye and its jobs are as they are without a caller who waits."""
    async with contextlib.AsyncExitStack() as callers:
        async with serving(livekit, tmp_path, GRANNY_MAX_CALLS="1", GRANNY_DRAIN_SECONDS="1") as running:
            assert await agent_joined(await callers.enter_async_context(join(livekit, "talking-first")))
            await running.until_health(503, "full")
            second = await callers.enter_async_context(join(livekit, "talking-second"))
            await until(lambda: IDENTITY in second.room.remote_participants, "the voice")
            await until(lambda: speaks(second), "its first word")
        assert running.worker.status == 0
        await until(lambda: IDENTITY not in second.room.remote_participants, "the voice's leave")
        (waited,) = running.lines("caller waited")
        assert (waited["room"], waited["over"]) == ("talking-second", "let-go")


@pytest.mark.full
async def test_ten_callers_are_spoken_to_at_once(livekit: LiveKit) -> None:
    line = busy_line(livekit)
    rooms = [f"room-{number}" for number in range(10)]
    async with contextlib.AsyncExitStack() as stack:
        callers = [await stack.enter_async_context(join(livekit, room)) for room in rooms]
        holding = [asyncio.create_task(line.hold(room)) for room in rooms]
        await asyncio.gather(*(heard_whole(caller) for caller in callers))
        assert line.rooms == set(rooms)
        await line.aclose()
        await asyncio.gather(*holding)
    assert line.rooms == frozenset()
