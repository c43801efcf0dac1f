"""One Granny a room: of two jobs in one room the caller hears one, and the other leaves without a word."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from livekit import api, rtc
from livekit.protocol.models import ParticipantInfo

from calls.hearing_lines import record_tones
from calls.house import SAID, House, agent_in, house
from family import RATE, record
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.callers.telephone import SAMPLE_RATE
from granny.rehearsal.openai.voice import recorded_greeting
from granny.rehearsal.rig.livekit_server import why_missing

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
    pytest.mark.asyncio(loop_scope="module"),
]

NAME = "granny"
OTHER = "other-granny"
_LOUD = 300
GREETING_SECONDS = 2.5
LONGEST_GAP = 2.0
"""Seconds, between two sentences of one greeting; nobody who is interrupted for another comes back so soon."""


five_times = pytest.mark.parametrize("number", [1, *[pytest.param(one, marks=pytest.mark.full) for one in range(2, 6)]])


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["recorded", pytest.param("the model's", marks=pytest.mark.full)]
)
async def here(
    home: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[House]:
    """A worker whose greeting is recorded, and one whose greeting is the model's."""
    folder = tmp_path_factory.mktemp("house")
    lines = folder / "lines"
    record_tones(lines)
    if request.param == "recorded":
        record_greeting(lines)
    settings = {"GRANNY_AGENT_NAME": NAME, "GRANNY_LINES_FOLDER": str(lines)}
    async with house(home / "agent.py", folder, **settings) as here:
        yield here


def record_greeting(lines: Path) -> None:
    """As a family's: the beginning of one, which lasts until a second Granny has come."""
    record(lines / "greeting.wav", recorded_greeting().pcm[: int(GREETING_SECONDS * RATE) * 2])
    (lines / "greeting.txt").write_text("Good day, dear.", encoding="utf-8")


@dataclass
class Witness:
    """Who of the agents in a caller's room was to be heard, and when who came and left.

    Attributes:
        heard: the identities of those of whom a sound was heard.
        came, left: when, in `time.monotonic`'s seconds.
    """

    caller: RoomCaller
    heard: set[str] = field(default_factory=set)
    came: dict[str, float] = field(default_factory=dict)
    left: dict[str, float] = field(default_factory=dict)
    _listening: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        room = self.caller.room
        room.on("track_subscribed", self._on_track)
        room.on("participant_connected", self._on_came)
        room.on("participant_disconnected", self._on_left)
        for one in room.remote_participants.values():
            self._on_came(one)

    @property
    def there(self) -> list[str]:
        return [one for one in self.came if one not in self.left]

    def _on_came(self, one: rtc.RemoteParticipant) -> None:
        self.came.setdefault(one.identity, time.monotonic())

    def _on_left(self, one: rtc.RemoteParticipant) -> None:
        self.left[one.identity] = time.monotonic()

    def _on_track(self, track: rtc.Track, _: rtc.RemoteTrackPublication, agent: rtc.RemoteParticipant) -> None:
        task = asyncio.create_task(self._listen(track, agent.identity))
        self._listening.add(task)
        task.add_done_callback(self._listening.discard)

    async def _listen(self, track: rtc.Track, identity: str) -> None:
        stream = rtc.AudioStream(track, sample_rate=SAMPLE_RATE, num_channels=1)
        async for event in stream:
            if np.abs(np.frombuffer(bytes(event.frame.data), dtype="<i2").astype(np.int32)).max() > _LOUD:
                self.heard.add(identity)
        await stream.aclose()


async def dispatch(here: House, room: str) -> None:
    async with api.LiveKitAPI(here.livekit.url, here.livekit.key, here.livekit.secret) as livekit:
        await livekit.agent_dispatch.create_dispatch(api.CreateAgentDispatchRequest(agent_name=NAME, room=room))


async def agents(here: House, room: str) -> list[str]:
    async with api.LiveKitAPI(here.livekit.url, here.livekit.key, here.livekit.secret) as livekit:
        listed = await livekit.room.list_participants(api.ListParticipantsRequest(room=room))
    return [one.identity for one in listed.participants if one.kind == ParticipantInfo.Kind.AGENT]


def outcomes(here: House, room: str) -> list[str]:
    """Of the calls in a room that have ended."""
    jobs = {line.get("job_id") for line in here.running.lines() if line.get("room") == room}
    return [line["outcome"] for line in here.running.lines("call ended") if line["job_id"] in jobs]


@contextlib.asynccontextmanager
async def witnessed(here: House, room: str, *, hears: bool = True, agent_name: str = "") -> AsyncIterator[Witness]:
    async with join(here.livekit, room, agent_name=agent_name, hears=hears) as caller:
        witness = Witness(caller)
        yield witness
        assert not caller.gone.is_set()
        assert caller.heard.data == [], "a fault was told"
        assert "granny.fault" not in caller.heard.attributes


async def is_answered(here: House, caller: RoomCaller) -> None:
    before = caller.heard.now()
    caller.say(SAID)
    await here.until(lambda: any(span.start > before for span in speech(caller.heard.sound)), "an answer")


def is_in_one_piece(caller: RoomCaller) -> bool:
    """Whether what was heard began once and did not break off in between."""
    spans = speech(caller.heard.sound)
    return all(after.start - before.end < LONGEST_GAP for before, after in itertools.pairwise(spans))


@five_times
async def test_of_two_that_come_at_once_one_is_heard(here: House, number: int) -> None:
    room = f"at-once-{number}"
    async with witnessed(here, room) as witness:
        await asyncio.gather(dispatch(here, room), dispatch(here, room))
        await here.until(lambda: len(witness.came) == 2, "both")
        await here.until_greeted(witness.caller)
        await here.until(lambda: outcomes(here, room) == [OTHER], "the end of one")
        assert witness.heard == set(witness.there) == set(await agents(here, room))
        assert len(witness.there) == 1
        assert is_in_one_piece(witness.caller)
        await is_answered(here, witness.caller)


@five_times
async def test_who_comes_to_a_call_that_is_held_leaves_it(here: House, number: int) -> None:
    room = f"later-{number}"
    async with witnessed(here, room, agent_name=NAME) as witness:
        await here.until(lambda: bool(witness.heard), "the greeting")
        first = agent_in(witness.caller.room)
        await dispatch(here, room)
        await here.until(lambda: outcomes(here, room) == [OTHER], "the end of the second")
        await here.until_greeted(witness.caller)
        assert witness.heard == {first} == set(await agents(here, room))
        assert is_in_one_piece(witness.caller)
        await is_answered(here, witness.caller)


@pytest.mark.full
async def test_of_two_that_nobody_hears_one_is_left_for_who_listens_later(here: House) -> None:
    """As on a line that takes long to connect."""
    async with witnessed(here, "unheard", hears=False) as witness:
        await asyncio.gather(dispatch(here, "unheard"), dispatch(here, "unheard"))
        await here.until(lambda: outcomes(here, "unheard") == [OTHER], "the end of one")
        witness.caller.listen()
        await here.until_greeted(witness.caller)
        assert witness.heard == set(witness.there) == set(await agents(here, "unheard"))
        assert len(witness.there) == 1


async def test_who_is_put_out_by_one_of_her_name_leaves_the_room_to_her(here: House) -> None:
    async with witnessed(here, "namesake", agent_name=NAME) as witness:
        await here.until_greeted(witness.caller)
        identity = agent_in(witness.caller.room)
        token = (
            api.AccessToken(here.livekit.key, here.livekit.secret)
            .with_identity(identity)
            .with_kind("agent")
            .with_grants(api.VideoGrants(room_join=True, room="namesake", agent=True))
        )
        namesake = rtc.Room()
        await namesake.connect(here.livekit.url, token.to_jwt())
        try:
            await here.until(lambda: outcomes(here, "namesake") == [OTHER], "the end of the first")
            await asyncio.sleep(1.0)
            assert await agents(here, "namesake") == [identity]
        finally:
            await namesake.disconnect()


@pytest.mark.full
async def test_a_call_whose_dispatch_is_taken_back_ends(here: House) -> None:
    """By LiveKit, which puts her out of the room: the worker does not end a job at its word."""
    async with join(here.livekit, "called-off") as caller:
        async with api.LiveKitAPI(here.livekit.url, here.livekit.key, here.livekit.secret) as livekit:
            request = api.CreateAgentDispatchRequest(agent_name=NAME, room="called-off")
            dispatched = await livekit.agent_dispatch.create_dispatch(request)
            await here.until_greeted(caller)
            await livekit.agent_dispatch.delete_dispatch(dispatched.id, "called-off")
        await here.until(lambda: outcomes(here, "called-off") == ["ok"], "the end of the call")
        assert await agents(here, "called-off") == []


@pytest.mark.full
async def test_what_the_worker_counts_of_them_is_no_fault_and_no_dead_job(here: House) -> None:
    assert await here.running.metric(f'granny_calls_total{{outcome="{OTHER}"}}') > 0
    assert await here.running.metric('granny_calls_total{outcome="job-died"}') == 0
    assert await here.running.health() == (200, "ok", None)
