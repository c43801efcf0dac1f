"""A telephone without a network: one whole call through the framework's console transport, on two tracks.

The agent process dials our TCP listener and speaks length-prefixed protobuf (`AgentSessionMessage`, PCM16 mono
at 48 kHz; source: livekit-agents, `voice/remote_session.py` and `cli/tcp_console.py`). Here are the microphone,
which sends a frame every 20 ms whether somebody speaks or not, and the loudspeaker, which plays in real time and
tells the agent when a sentence has been heard.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from livekit.protocol.agent_pb import agent_session as wire

SAMPLE_RATE = 48_000
"""Hz, on the wire and in the recording."""
FRAME_SECONDS = 0.02
FRAME_BYTES = int(SAMPLE_RATE * FRAME_SECONDS) * 2
_SILENCE = bytes(FRAME_BYTES)
_HEADER = 4
_LONGEST_MESSAGE = 1 << 20


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn of the conversation as the agent session wrote it down."""

    speaker: str
    """`caller` or `agent`."""
    text: str


@dataclass(slots=True)
class Recording:
    """Both sides of a call on one clock, PCM16 mono at `SAMPLE_RATE`; a frame of each every 20 ms."""

    caller: bytearray = field(default_factory=bytearray)
    agent: bytearray = field(default_factory=bytearray)
    transcript: list[Utterance] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long the call has lasted."""
        return len(self.agent) / 2 / SAMPLE_RATE


class Telephone:
    """The caller's end of one console call; `async with pick_up() as telephone` waits at `address`."""

    def __init__(self) -> None:
        self.recording = Recording()
        self.address = ""
        self._to_say = bytearray()
        self._to_play = bytearray()
        self._flushed = False
        self._connected = asyncio.Event()
        self._ended = asyncio.Event()

    async def answered(self) -> None:
        """Wait until the agent process has dialled."""
        await self._connected.wait()

    async def ended(self) -> None:
        """Wait until the agent process has hung up."""
        await self._ended.wait()

    @property
    def is_over(self) -> bool:
        """Whether the agent process has hung up."""
        return self._ended.is_set()

    def say(self, pcm: bytes) -> None:
        """Speak into the microphone: PCM16 mono at `SAMPLE_RATE`, after what is still to be said."""
        self._to_say += pcm

    async def said(self) -> None:
        """Wait until everything has been spoken."""
        while self._to_say and not self.is_over:  # noqa: ASYNC110  a buffer has no event
            await asyncio.sleep(FRAME_SECONDS)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold the call on this connection until the agent hangs up."""
        self._connected.set()
        clock = asyncio.create_task(self._tick(writer))
        try:
            async for message in _messages(reader):
                self._take(message)
        finally:
            clock.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await clock
            writer.close()
            self._ended.set()

    def _take(self, message: wire.AgentSessionMessage) -> None:
        kind = message.WhichOneof("message")
        if kind == "audio_output":
            self._to_play += message.audio_output.data
        elif kind == "audio_playback_flush":
            self._flushed = True
        elif kind == "audio_playback_clear":
            self._to_play.clear()
        elif kind == "event" and message.event.HasField("conversation_item_added"):
            self._write_down(message.event.conversation_item_added.item)

    def _write_down(self, item: wire.ChatContext.ChatItem) -> None:
        text = " ".join(part.text for part in item.message.content if part.text).strip()
        if text:
            speaker = "caller" if item.message.role == wire.ChatRole.USER else "agent"
            self.recording.transcript.append(Utterance(speaker, text))

    async def _tick(self, writer: asyncio.StreamWriter) -> None:
        """Every 20 ms: a frame into the microphone, a frame out of the loudspeaker, both onto the tape."""
        started = time.monotonic()
        for number in itertools.count(1):
            spoken, played = _cut(self._to_say), _cut(self._to_play)
            self.recording.caller += spoken
            self.recording.agent += played
            _send(writer, _microphone(spoken))
            if self._flushed and not self._to_play:
                self._flushed = False
                _send(writer, _HEARD)
            await asyncio.sleep(started + number * FRAME_SECONDS - time.monotonic())


@contextlib.asynccontextmanager
async def pick_up() -> AsyncIterator[Telephone]:
    """A telephone waiting on 127.0.0.1 for one agent process."""
    telephone = Telephone()
    listener = await asyncio.start_server(telephone.serve, "127.0.0.1", 0)
    host, port = listener.sockets[0].getsockname()[:2]
    telephone.address = f"{host}:{port}"
    try:
        yield telephone
    finally:
        listener.close()


async def _messages(reader: asyncio.StreamReader) -> AsyncIterator[wire.AgentSessionMessage]:
    with contextlib.suppress(asyncio.IncompleteReadError, OSError):
        while True:
            length = int.from_bytes(await reader.readexactly(_HEADER), "big")
            if length > _LONGEST_MESSAGE:
                return
            message = wire.AgentSessionMessage()
            message.ParseFromString(await reader.readexactly(length))
            yield message


def _send(writer: asyncio.StreamWriter, message: wire.AgentSessionMessage) -> None:
    data = message.SerializeToString()
    writer.write(len(data).to_bytes(_HEADER, "big") + data)


def _microphone(pcm: bytes) -> wire.AgentSessionMessage:
    frame = wire.AgentSessionMessage.ConsoleIO.AudioFrame(
        data=pcm, sample_rate=SAMPLE_RATE, num_channels=1, samples_per_channel=len(pcm) // 2
    )
    return wire.AgentSessionMessage(audio_input=frame)


_HEARD = wire.AgentSessionMessage(audio_playback_finished=wire.AgentSessionMessage.ConsoleIO.AudioPlaybackFinished())


def _cut(buffer: bytearray) -> bytes:
    """Take one frame off the buffer, filled up with silence."""
    frame = bytes(buffer[:FRAME_BYTES])
    del buffer[:FRAME_BYTES]
    return frame + _SILENCE[len(frame) :]
