"""A client that takes the wire as it is: JSON in, JSON out."""

import base64
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp

from granny.rehearsal.openai import standin as standin_module
from granny.rehearsal.openai.standin import StandIn

KEY = "sk-proj-" + "FAKE" * 39
MODEL = "gpt-realtime-2.1"
GUARD = 20.0  # seconds: no test waits longer for a single event
MANUAL = {"input": {"turn_detection": None}}

Event = dict[str, Any]
Socket: TypeAlias = "aiohttp.ClientWebSocketResponse[bool]"


def speech() -> bytes:
    """The greeting's own sound, as PCM16 at 24 kHz: real speech for the stand-in to hear."""
    path = Path(standin_module.__file__).with_name("greeting.wav")
    with wave.open(str(path), "rb") as file:
        return file.readframes(file.getnframes())


def silence(ms: int) -> bytes:
    return bytes(48 * ms)


class RawClient:
    """One WebSocket to the stand-in; `seen` keeps every event."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.seen: list[Event] = []

    async def send(self, kind: str, **fields: Any) -> None:
        await self.socket.send_json({"type": kind, **fields})

    async def update(self, **session: Any) -> Event:
        await self.send("session.update", session={"type": "realtime", **session})
        return await self.until("session.updated")

    async def say(self, pcm: bytes) -> None:
        """Append audio in pieces of 100 ms, as the livekit plugin does."""
        for start in range(0, len(pcm), 4800):
            await self.send("input_audio_buffer.append", audio=base64.b64encode(pcm[start : start + 4800]).decode())

    async def next(self) -> Event:
        event: Event = await self.socket.receive_json(timeout=GUARD)
        self.seen.append(event)
        return event

    async def until(self, kind: str) -> Event:
        """The next event of this type."""
        while True:
            event = await self.next()
            if event["type"] == kind:
                return event

    async def closed(self) -> int | None:
        """Read to the end; the close code."""
        while True:
            message = await self.socket.receive(timeout=GUARD)
            if message.type != aiohttp.WSMsgType.TEXT:
                return self.socket.close_code

    def heard(self) -> bytes:
        """All the audio that came."""
        deltas = (e["delta"] for e in self.seen if e["type"] == "response.output_audio.delta")
        return b"".join(base64.b64decode(delta) for delta in deltas)

    def types(self) -> list[str]:
        return [event["type"] for event in self.seen]


@asynccontextmanager
async def dial(standin: StandIn, *, key: str = KEY, model: str = MODEL) -> AsyncIterator[Socket]:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.ws_connect(f"{standin.base_url}/realtime", params={"model": model}) as socket,
    ):
        yield socket


@asynccontextmanager
async def talking_to(standin: StandIn) -> AsyncIterator[RawClient]:
    """A client whose session is open."""
    async with dial(standin) as socket:
        client = RawClient(socket)
        await client.until("session.created")
        yield client
