"""`python -m benchmarks.redis_load`: what redis does while calls are on the line, on two LiveKit nodes that share it.

The calls are those of `benchmarks.dispatch`: two participants each, without sound. Sound never passes redis, so its
share is that of real calls; LiveKit's own is not, and is not shown.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import tempfile
from pathlib import Path

import aiohttp
from livekit import api
from livekit.protocol.agent import Job

from benchmarks.dispatch import PLACES
from benchmarks.protocol_worker import Counts, ProtocolWorker
from benchmarks.signalling import listed, token
from granny.rehearsal.rig.cluster import cluster
from granny.rehearsal.rig.livekit_server import LiveKit
from granny.rehearsal.rig.redis_server import Redis

_RATE = 10
"""Calls a second, until all are there: LiveKit has them listed for a minute."""
_SETTLING_SECONDS, _MEASURED_SECONDS = 3.0, 15.0
_ROW = "{:>6} {:>9} {:>16} {:>22} {:>12}"


class Calls:
    """Calls without sound on a cluster."""

    def __init__(self, livekit: LiveKit, session: aiohttp.ClientSession) -> None:
        self._livekit, self._session = livekit, session
        self._staying: list[asyncio.Task[None]] = []
        self._leave = asyncio.Event()

    def begin(self, worker: ProtocolWorker, job: Job, access_token: str) -> None:
        """The agent comes into the room."""
        del worker, job
        self._stay(access_token)

    async def make(self, name: str) -> None:
        """A room, and its caller."""
        async with api.LiveKitAPI(
            self._livekit.url, self._livekit.key, self._livekit.secret, session=self._session
        ) as asked:
            await asked.room.create_room(api.CreateRoomRequest(name=name))
        self._stay(token(self._livekit, name, "caller"))

    def _stay(self, access_token: str) -> None:
        self._staying.append(asyncio.create_task(self._there(access_token)))

    async def _there(self, access_token: str) -> None:
        async with listed(self._livekit, self._session, access_token):
            await self._leave.wait()

    async def end(self) -> None:
        """Everybody leaves."""
        self._leave.set()
        await asyncio.gather(*self._staying, return_exceptions=True)


async def measured(number: int) -> str:
    """A row of the table."""
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="granny-redis-")))
        shared = await stack.enter_async_context(cluster(folder, persistence="yes"))
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        counts, calls = Counts(), Calls(shared.livekit, session)
        for worker_number in range(math.ceil(number / PLACES) + 2):
            worker = ProtocolWorker(PLACES, counts, begin=calls.begin)
            near = shared.livekit_first(worker_number % len(shared.nodes))
            await stack.enter_async_context(worker.registered(near, session))
        for call in range(number):
            await asyncio.gather(calls.make(f"call-{call}"), asyncio.sleep(1 / _RATE))
        await asyncio.sleep(_SETTLING_SECONDS)
        before = await _figures(shared.redis)
        await asyncio.sleep(_MEASURED_SECONDS)
        after = await _figures(shared.redis)
        await calls.end()
    cpu, commands = ((late - early) / _MEASURED_SECONDS for early, late in zip(before, after, strict=True))
    return _ROW.format(number, len(counts.assigned), f"{cpu:.4f}", f"{commands:.0f}", f"{after[1]:.0f}")


async def _figures(redis: Redis) -> tuple[float, float]:
    """CPU seconds and commands so far, as redis itself counts them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", redis.port)
    try:
        writer.write(b"INFO cpu\r\nINFO stats\r\n")
        told: dict[str, str] = {}
        for _ in range(2):
            length = int((await reader.readline())[1:])
            text = (await reader.readexactly(length + 2)).decode()
            told.update((name, value) for name, _, value in (line.partition(":") for line in text.splitlines()))
    finally:
        writer.close()
    return float(told["used_cpu_user"]) + float(told["used_cpu_sys"]), float(told["total_commands_processed"])


async def main(sizes: tuple[int, ...]) -> None:
    """Print as it goes."""
    print(_ROW.format("calls", "answered", "cores of redis", "commands a second", "in all"))
    for size in sizes:
        print(await measured(size), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=[0, 100, 300], help="calls at once")
    asyncio.run(main(tuple(parser.parse_args().sizes)))
