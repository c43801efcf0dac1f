"""`python -m benchmarks.dispatch`: a thousand calls at once, as far as LiveKit's dispatch and the room watch go.

What is real: one livekit-server, its dispatch, its API, its signalling, and Granny's own decisions (`Admission`,
`RoomWatch`). What is simulated: the workers speak the agent protocol and nothing else, a call is two participants who
have no sound, and all of them live in one process. So it counts who is offered, taken, refused and found; how long
that takes is an upper bound, for one machine plays everybody.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from livekit import api
from livekit.protocol.agent import Job

from benchmarks.protocol_worker import Counts, ProtocolWorker
from granny.config.settings import Settings
from granny.rehearsal.rig.livekit_server import LiveKit, livekit_server

PLACES: int = Settings.model_fields["max_calls"].default
PAIR = ("benchmarkkey", "invented-for-a-benchmark-and-for-nothing-else")
_SETTLING_SECONDS = 12.0
"""After the last room: a LiveKit node works on 50 offers at once, each of which takes 200 ms and more, and another one
where a worker refuses."""
_EMPTY_SECONDS = 600
"""A room without anybody is kept for so long."""
_ROW = "{:>7} {:>8} {:>7} {:>9} {:>9} {:>8} {:>9} {:>8} {:>9} {:>14}"
_HEAD = (
    "rooms",
    "workers",
    "places",
    "a second",
    "made in s",
    "offers",
    "refusals",
    "taken",
    "last at s",
    "never offered",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Rooms that are made one after the other.

    Attributes:
        rooms: how many.
        workers: how many there are, with PLACES each.
        rate: rooms a second; 0 for all in one instant.
    """

    rooms: int
    workers: int
    rate: int


WAVES = (
    Wave(rooms=1000, workers=125, rate=20),
    Wave(rooms=1000, workers=125, rate=50),
    Wave(rooms=1000, workers=125, rate=0),
    Wave(rooms=1000, workers=157, rate=50),
    Wave(rooms=1000, workers=157, rate=0),
    Wave(rooms=1050, workers=125, rate=50),
)
"""As many places as calls, a quarter more, and too few."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where it takes place: a LiveKit server, and one way to reach it for everybody."""

    livekit: LiveKit
    session: aiohttp.ClientSession
    api: api.LiveKitAPI


@contextlib.asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """A LiveKit server of its own for the length of a `with`."""
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="granny-dispatch-")))
        livekit = await stack.enter_async_context(livekit_server(log=folder / "livekit.log", pair=PAIR))
        unbounded = aiohttp.TCPConnector(limit=0)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=unbounded))
        asked = api.LiveKitAPI(livekit.url, livekit.key, livekit.secret, session=session)
        yield Stage(livekit, session, asked)


async def make_rooms(on: Stage, names: Sequence[str], *, rate: int) -> float:
    """Make rooms by the API, so many a second; how many seconds it took."""
    began, making = time.monotonic(), []
    for number, name in enumerate(names):
        request = api.CreateRoomRequest(name=name, empty_timeout=_EMPTY_SECONDS)
        making.append(asyncio.create_task(on.api.room.create_room(request)))
        if rate:
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
    await asyncio.gather(*making)
    return time.monotonic() - began


async def dispatched(wave: Wave) -> str:
    """What came of a wave of rooms in which nobody is: LiveKit's own dispatch alone. A row of the table."""
    counts = Counts()
    async with stage() as on, contextlib.AsyncExitStack() as registered:
        for _ in range(wave.workers):
            worker = ProtocolWorker(PLACES, counts, begin=_hold)
            await registered.enter_async_context(worker.registered(on.livekit, on.session))
        names, began = [f"room-{number}" for number in range(wave.rooms)], time.monotonic()
        took = await make_rooms(on, names, rate=wave.rate)
        await asyncio.sleep(_SETTLING_SECONDS)
    never = sum(name not in counts.offered for name in names)
    offers, refusals = sum(counts.offered.values()), sum(counts.refused.values())
    places = wave.workers * PLACES
    numbers = (wave.rooms, wave.workers, places, wave.rate or "at once", f"{took:.1f}", offers, refusals)
    return _ROW.format(*numbers, len(counts.assigned), f"{counts.last_at - began:.1f}", never)


def _hold(worker: ProtocolWorker, job: Job, token: str) -> None:
    """A call that lasts: nobody is in the room."""


async def main() -> None:
    """Print as it goes."""
    print(_ROW.format(*_HEAD))
    for wave in WAVES:
        print(await dispatched(wave), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    asyncio.run(main())
