"""A relay before a LiveKit server: it can keep back whoever wants to a room, as a slow line does, and lose a worker."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from granny.rehearsal.rig.livekit_server import LiveKit

_ROOM, _WORKER = b"GET /rtc", b"GET /agent"
_AT_ONCE = 65_536


@dataclass
class Relay:
    """A relay that is running.

    Attributes:
        livekit: the server, by way of the relay.
        asked: set when somebody has asked for a room.
        is_open: set while rooms can be joined.
        loses_workers: whether a worker that knocks is hung up on.
    """

    livekit: LiveKit
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    loses_workers: bool = False
    _workers: list[asyncio.StreamWriter] = field(default_factory=list)

    def lose_workers(self) -> None:
        """Hang up on the workers that are registered, and on those that want to be; rooms go on."""
        self.loses_workers = True
        for worker in self._workers:
            worker.close()


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
        if opening.startswith(_WORKER):
            running._workers.append(writer)
            if running.loses_workers:
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
