"""A call without a room, in its job: the wire is taken up before all else, and the agent session is put on it."""

from __future__ import annotations

import asyncio
import itertools

from livekit.agents import JobContext
from livekit.agents.cli.tcp_console import TcpAudioInput, TcpAudioOutput
from livekit.agents.voice.io import AudioOutput, TextOutput
from livekit.agents.voice.remote_session import TcpSessionTransport
from livekit.agents.voice.transcription import TranscriptSynchronizer
from livekit.protocol.agent_pb import agent_session as wire
from typing_extensions import override

from granny.call.wire import give
from granny.rooms.roomless import ADDRESS, CAPTION, Address, messages, packed, telling
from granny.worker.framework import Console, Entry

_GONE = "the caller's page is gone"


async def answer(entry: Entry, ctx: JobContext) -> None:
    """Answer a call with what the worker was given for it, on its wire if it comes over one."""
    if address := ctx.job.attributes.get(ADDRESS):
        await take_up(ctx, Address.read(address))
    await entry(ctx)


async def take_up(ctx: JobContext, address: Address) -> None:
    """Take up the wire.

    Raises:
        OSError: nobody holds its other end any more.
    """
    transport = Transport(ctx, *await address.dial())
    ctx.add_shutdown_callback(transport.hang_up)
    plays = TcpAudioOutput(transport)
    voice = TranscriptSynchronizer(next_in_chain_audio=plays, next_in_chain_text=Captions(transport))
    give(ctx, OneWire(transport, voice.audio_output, voice.text_output))
    Console(transport, TcpAudioInput(), plays, audio=voice.audio_output, text=voice.text_output).take_over()


class Transport(TcpSessionTransport):
    """The framework's, on a connection that is there already: what is said before the agent session is not lost."""

    def __init__(self, ctx: JobContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ctx = ctx
        self._messages = messages(reader)
        self._out = writer
        self._here = asyncio.get_running_loop()

    @override
    async def start(self) -> None:
        """It has begun."""

    @override
    async def send_message(self, msg: wire.AgentSessionMessage) -> None:
        self._write(packed(msg))

    @override
    def send_message_threadsafe(self, msg: wire.AgentSessionMessage) -> None:
        self._here.call_soon_threadsafe(self._write, packed(msg))

    def _write(self, data: bytes) -> None:
        """The other end always listens: nothing piles up; and what is said to one that has gone is not missed."""
        if not self._out.is_closing():
            self._out.write(data)

    @override
    async def close(self) -> None:
        """The agent session is over; the call may not be, as when a fault has ended it and is yet to be said."""

    async def hang_up(self) -> None:
        """The call is over."""
        self._out.close()

    @override
    async def __anext__(self) -> wire.AgentSessionMessage:
        """The next message; a caller who has hung up ends the call."""
        try:
            return await anext(self._messages)
        except StopAsyncIteration:
            self._ctx.shutdown(reason=_GONE)
            raise


class OneWire:
    """As `granny.call.wire.Wire` has it."""

    def __init__(self, transport: Transport, output: AudioOutput, words: TextOutput) -> None:
        self.output = output
        self.words = words
        self._transport = transport

    def tell(self, what: str, **words: str | bool) -> None:
        """Beside the sound."""
        self._transport.send_message_threadsafe(telling(what, **words))


class Captions(TextOutput):
    """What the model says, as far as it has been heard: each time the whole turn, for a page may have missed some."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(label="captions", next_in_chain=None)
        self._transport = transport
        self._numbers = itertools.count(1)
        self._turn = ""
        self._text = ""

    @override
    async def capture_text(self, text: str) -> None:
        self._turn = self._turn or f"turn-{next(self._numbers)}"
        self._text += text
        self._tell(is_final=False)

    @override
    def flush(self) -> None:
        if self._turn:
            self._tell(is_final=True)
        self._turn = self._text = ""

    def _tell(self, *, is_final: bool) -> None:
        words = {"id": self._turn, "text": self._text}
        self._transport.send_message_threadsafe(telling(CAPTION, **words, final=is_final))
