"""Granny at work, with whoever else comes into the room."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from livekit import api, rtc
from livekit.protocol.room import RoomConfiguration

from calls.serving import HANG, KEY, Running, serving
from calls.stage import short_greeting
from granny.rehearsal.callers.caller import SENTENCE, recorded, speech
from granny.rehearsal.callers.room_caller import RoomCaller
from granny.rehearsal.callers.telephone import SAMPLE_RATE
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.record import ConnectionRecord
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.livekit_server import LiveKit, livekit_server

SAID = recorded(SENTENCE)[: int(1.5 * SAMPLE_RATE) * 2]
HEARD = "input_audio_buffer.speech_stopped"


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

    def texts(self, call: int = -1) -> list[str]:
        """What the model has in a call's conversation."""
        return self.standin.connections[call].texts

    async def end(self, room: str) -> tuple[str, str]:
        """Ending and outcome of the call in a room, once the worker has told them."""
        await self.until(lambda: bool(self._ends(room)), f"the end of {room}")
        (line,) = self._ends(room)
        return line.get("ending", "untold"), line["outcome"]

    def _ends(self, room: str) -> list[dict[str, Any]]:
        jobs = {line.get("job_id") for line in self.running.lines() if line.get("room") == room}
        return [line for line in self.running.lines("call ended") if line["job_id"] in jobs]

    async def until_logged(self, words: str) -> None:
        await self.until(lambda: words in self.running.log, words)

    async def until(self, is_so: Callable[[], bool], what: str) -> None:
        for _ in range(int(HANG * 20)):
            if is_so():
                return
            await asyncio.sleep(0.05)
        pytest.fail(f"not within {HANG:.0f} s: {what}\n{self.running.log[-6000:]}")


@contextlib.asynccontextmanager
async def house(agent: Path, folder: Path, **settings: str) -> AsyncIterator[House]:
    async with (
        livekit_server(log=folder / "livekit.log") as livekit,
        house_at(livekit, agent, folder, Manner(greeting=short_greeting()), **settings) as here,
    ):
        yield here


@contextlib.asynccontextmanager
async def house_at(
    livekit: LiveKit, agent: Path, folder: Path, manner: Manner, **settings: str
) -> AsyncIterator[House]:
    """The same at a LiveKit server that is there already."""
    async with StandIn(api_key=KEY, manner=manner) as standin:
        places = {"OPENAI_BASE_URL": standin.base_url, "XDG_CACHE_HOME": str(folder / "cache")}
        async with serving(livekit, folder, agent=agent, **places, **settings) as running:
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
