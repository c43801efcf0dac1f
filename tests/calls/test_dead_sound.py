"""Sound that does not get through, in a real room: begun anew, then told; and what is only quiet is left alone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from livekit import rtc

from calls.hearing_lines import record_tones, sounds
from calls.house import House, entered, house
from calls.reconnecting_agent import TOPIC
from granny.lines import Line
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.rig.livekit_server import why_missing

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
    pytest.mark.asyncio(loop_scope="module"),
]

AGENT = Path(__file__).with_name("reconnecting_agent.py")
ANEW = "no sound gets through: the connection is begun anew"
LONG_SECONDS = 18.0
"""Longer than it takes her to notice, to begin anew and to tell."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    record_tones(folder / "lines")
    async with house(AGENT, folder, PYTHONPATH=str(home), GRANNY_LINES_FOLDER=str(folder / "lines")) as here:
        yield here


def told(caller: RoomCaller) -> list[str]:
    return [json.loads(payload)["fault"] for _, topic, payload in caller.heard.data if topic == "granny.fault"]


def begun_anew(here: House, room: str) -> int:
    jobs = {line.get("job_id") for line in here.running.lines() if line.get("room") == room}
    return sum(line.get("job_id") in jobs for line in here.running.lines(ANEW))


@pytest.mark.full
async def test_a_connection_that_begins_anew_leaves_neither_deaf(here: House) -> None:
    """Twice: she answers, and is heard."""
    async with join(here.livekit, "anew") as caller:
        await here.until_greeted(caller)
        for _ in range(2):
            came: asyncio.Event = asyncio.Event()
            caller.room.once("track_subscribed", lambda *_, came=came: came.set())
            await caller.room.local_participant.publish_data(b"now", topic=TOPIC)
            await asyncio.wait_for(came.wait(), 20)
            before = caller.heard.now()
            await here.answers(caller)
            await here.until(lambda after=before: is_heard(caller, after), "the answer")  # type: ignore[misc]
            await here.until_greeted(caller)
        assert told(caller) == []
        assert begun_anew(here, "anew") == 0


@pytest.mark.full
async def test_a_caller_whose_device_listens_to_nothing_is_off_the_line_and_the_room_is_told(here: House) -> None:
    async with join(here.livekit, "unheard", hears=False) as caller:
        await asyncio.wait_for(caller.gone.wait(), 60)
        assert told(caller)[-1] == "call-unheard"
        assert caller.heard.attributes["granny.fault"] == "call-unheard"
    assert await here.end("unheard") == ("fault", "call-unheard")
    assert begun_anew(here, "unheard") == 1


@pytest.mark.full
async def test_a_caller_of_whose_open_microphone_nothing_comes_is_asked_and_the_call_goes_on(here: House) -> None:
    async with dead_microphone(here, "deaf") as caller:
        await here.until(lambda: told(caller) == ["call-deaf"], "the fault")
        await here.until(lambda: Line.ARE_YOU_STILL_THERE in [one.line for one in sounds(caller.heard.sound)], "a line")
        assert not caller.gone.is_set()
    assert begun_anew(here, "deaf") == 1


@pytest.mark.full
async def test_who_says_nothing_is_muted_or_has_no_microphone_is_left_alone(here: House) -> None:
    async with (
        join(here.livekit, "silent") as silent,
        join(here.livekit, "muted") as muted,
        entered(here.livekit, "mute") as without,
    ):
        for publication in muted.room.local_participant.track_publications.values():
            assert isinstance(publication.track, rtc.LocalAudioTrack)
            publication.track.mute()
        for one in without.remote_participants.values():
            for published in one.track_publications.values():
                published.set_subscribed(True)
        without.on("track_published", lambda publication, _: publication.set_subscribed(True))
        await asyncio.sleep(LONG_SECONDS)
        assert [told(one) for one in (silent, muted)] == [[], []]
    assert [begun_anew(here, room) for room in ("silent", "muted", "mute")] == [0, 0, 0]


@contextlib.asynccontextmanager
async def dead_microphone(here: House, room: str) -> AsyncIterator[RoomCaller]:
    """A caller whose microphone is open, and of which LiveKit lets nobody have anything."""
    async with entered(here.livekit, room, identity="caller") as entering:
        caller = RoomCaller(entering)
        caller.heard.joined_at = time.monotonic()
        caller.listen()
        me = entering.local_participant
        me.set_track_subscription_permissions(allow_all_participants=False)
        source = rtc.AudioSource(48_000, 1)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        microphone = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await me.publish_track(track, microphone)
        yield caller
        await source.aclose()


def is_heard(caller: RoomCaller, after: float) -> bool:
    return any(one.end > after for one in sounds(caller.heard.sound))
