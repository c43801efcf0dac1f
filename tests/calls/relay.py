"""A relay before a LiveKit server, which can keep the room from whoever comes through it, as a slow line does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from granny.rehearsal.rig.livekit_server import LiveKit

_ROOM = b"GET /rtc"
_AT_ONCE = 65_536


@dataclass
class Relay:
    """A relay that is running.

    Attributes:
        livekit: the server, by way of the relay.
        asked: set when somebody has asked for a room.
        is_open: set while rooms can be joined.
    """

    livekit: LiveKit
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    is_open: asyncio.Event = field(default_factory=asyncio.Event)


@contextlib.asynccontextmanager
async def relay(livekit: LiveKit) -> AsyncIterator[Relay]:
    """Between the worker and its server; signalling only, for sound finds its own way."""
    _, host, port = livekit.url.replace("//", "").split(":")
    pipes: set[asyncio.Task[None]] = set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opening = await reader.read(_AT_ONCE)
        if opening.startswith(_ROOM):
            running.asked.set()
            await running.is_open.wait()
            if reader.at_eof():  # given up meanwhile; LiveKit would take its end for the job's
                writer.close()
                return
        there_reader, there_writer = await asyncio.open_connection(host, int(port))
        there_writer.write(opening)
        for one, other in ((reader, there_writer), (there_reader, writer)):
            pipe = asyncio.create_task(_pipe(one, other))
            pipes.add(pipe)
            pipe.add_done_callback(pipes.discard)

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    running = Relay(replace(livekit, url=url))
    try:
        yield running
    finally:
        server.close()
        for pipe in pipes:
            pipe.cancel()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(_AT_ONCE):
            writer.write(piece)
            await writer.drain()
    writer.close()
