"""Granny at work, with whoever else comes into the room."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from livekit import api, rtc
from livekit.protocol.room import RoomConfiguration

from calls.serving import KEY, Running, serving
from calls.stage import short_greeting
from granny.rehearsal.caller import SENTENCE, recorded, speech
from granny.rehearsal.livekit_server import LiveKit, livekit_server
from granny.rehearsal.manner import Manner
from granny.rehearsal.record import ConnectionRecord
from granny.rehearsal.room_caller import RoomCaller
from granny.rehearsal.standin import StandIn
from granny.rehearsal.telephone import SAMPLE_RATE

SAID = recorded(SENTENCE)[: int(1.5 * SAMPLE_RATE) * 2]
HEARD = "input_audio_buffer.speech_stopped"
_HANG = 25.0


@dataclass
class House:
    """A LiveKit server, a stand-in for OpenAI, and a worker that joins every room."""

    livekit: LiveKit
    standin: StandIn
    running: Running

    @property
    def line(self) -> ConnectionRecord:
        """The last call's connection to OpenAI."""
        return self.standin.connections[-1]

    async def until_greeted(self, caller: RoomCaller) -> None:
        """She has greeted, and waits for an answer."""
        await self.until(functools.partial(_is_quiet, caller), "the greeting")

    async def answers(self, caller: RoomCaller) -> None:
        """The caller says something, and she answers."""
        before = len(self.line.responses)
        caller.say(SAID)
        await self.until(lambda: len(self.line.responses) > before, "an answer")

    async def until_logged(self, words: str) -> None:
        await self.until(lambda: words in self.running.log, words)

    async def until(self, is_so: Callable[[], bool], what: str) -> None:
        for _ in range(int(_HANG * 20)):
            if is_so():
                return
            await asyncio.sleep(0.05)
        pytest.fail(f"not within {_HANG:.0f} s: {what}\n{self.running.log[-6000:]}")


@contextlib.asynccontextmanager
async def house(agent: Path, folder: Path, **settings: str) -> AsyncIterator[House]:
    async with (
        livekit_server(log=folder / "livekit.log") as livekit,
        StandIn(api_key=KEY, manner=Manner(greeting=short_greeting())) as standin,
        serving(
            livekit,
            folder,
            agent=agent,
            OPENAI_BASE_URL=standin.base_url,
            GRANNY_OWN_VOICE="off",
            XDG_CACHE_HOME=str(folder / "cache"),
            **settings,
        ) as running,
    ):
        yield House(livekit, standin, running)


@contextlib.asynccontextmanager
async def entered(
    livekit: LiveKit,
    room_name: str,
    *,
    identity: str = "stranger",
    attributes: dict[str, str] | None = None,
    config: RoomConfiguration | None = None,
) -> AsyncIterator[rtc.Room]:
    """A second participant with an ordinary token, who neither speaks nor hears."""
    token = (
        api.AccessToken(livekit.key, livekit.secret)
        .with_identity(identity)
        .with_attributes(attributes or {})
        .with_grants(api.VideoGrants(room_join=True, room=room_name))
    )
    if config:
        token = token.with_room_config(config)
    room = rtc.Room()
    await room.connect(livekit.url, token.to_jwt(), rtc.RoomOptions(auto_subscribe=False))
    try:
        yield room
    finally:
        await room.disconnect()


def agent_in(room: rtc.Room) -> str:
    """Her identity."""
    (found,) = (
        one.identity
        for one in room.remote_participants.values()
        if one.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    )
    return found


def _is_quiet(caller: RoomCaller) -> bool:
    spans = speech(caller.heard.sound)
    return bool(spans) and caller.heard.now() - spans[-1].end > 1.0
