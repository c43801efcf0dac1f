"""`python -m benchmarks.watched`: hundreds of callers, and the room watch at work where LiveKit sends nobody.

As `benchmarks.dispatch`, with a caller in each room, to whom an agent comes. One worker in twenty is frozen: LiveKit
offers it calls and hears nothing. Each healthy worker watches as Granny does, by LiveKit's own API, whose questions are
counted. `--places` of less than 1 leaves callers waiting; `--lists` shows what one list of all rooms takes instead.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import math
import statistics
import time
from collections.abc import Collection

from benchmarks.crowd import Book, Call, CountedRooms, Fleet
from benchmarks.dispatch import PLACES, Stage, make_rooms, stage
from benchmarks.protocol_worker import Counts, FrozenWorker, ProtocolWorker
from granny.worker.room_watch import RoomWatch
from granny.worker.room_watch._lonely_rooms import Listed, LonelyRooms

_FROZEN_SHARE = 0.05
_RATE = 25
"""Callers a second; LiveKit has them listed for a minute, and all are to be there at the end."""
_PLATEAU_SECONDS = 10.0
"""While all are there: the questions to LiveKit's API are counted then."""
_LISTED = (10, 1_000, 10_000)
_TRIES = 5
_TELLING = "{:<58} {:>8}"


async def watched(number: int, *, places: float) -> None:
    """Callers, one after the other, and what has become of them when all are there.

    Args:
        number: of callers.
        places: of the healthy workers, for each caller.
    """
    book, counts = Book(), Counts()
    async with stage() as on, contextlib.AsyncExitStack() as registered:
        fleet = Fleet(on, book)
        workers = max(2, round(number * places / PLACES))
        healthy = [ProtocolWorker(PLACES, counts, begin=fleet.begin) for _ in range(workers)]
        frozen = [
            FrozenWorker(PLACES, counts, begin=fleet.begin) for _ in range(int(len(healthy) * _FROZEN_SHARE) or 1)
        ]
        for worker in (*healthy, *frozen):
            await registered.enter_async_context(worker.registered(on.livekit, on.session))
        watches = [_watching(fleet, worker) for worker in healthy]
        await _ring(on, fleet, number)
        before = book.asked.copy()
        await asyncio.sleep(_PLATEAU_SECONDS)
        asked = book.asked - before
        await asyncio.gather(*(watch.aclose() for watch in watches))
        _tell(
            book.calls.values(), places=len(healthy) * PLACES, frozen=len(frozen), refused=sum(counts.refused.values())
        )
        await fleet.end()
    for kind, times in sorted(asked.items()):
        print(_TELLING.format(f"{kind} a minute, all workers together", round(times * 60 / _PLATEAU_SECONDS)))


def _watching(fleet: Fleet, worker: ProtocolWorker) -> RoomWatch:
    watch = fleet.watch_of(worker)
    worker.on_refused = watch.look
    watch.look()
    return watch


async def _ring(on: Stage, fleet: Fleet, number: int) -> None:
    """A room and its caller, so many a second."""
    began, ringing = time.monotonic(), []
    for call in range(number):
        ringing.append(asyncio.create_task(_call(on, fleet, f"call-{call}")))
        await asyncio.sleep(max(0.0, began + call / _RATE - time.monotonic()))
    await asyncio.gather(*ringing)


async def _call(on: Stage, fleet: Fleet, room: str) -> None:
    await make_rooms(on, [room], rate=0)
    fleet.ring(room)


def _tell(calls: Collection[Call], *, places: int, frozen: int, refused: int) -> None:
    by_livekit = [call for call in calls if call.agents and not call.by_watch]
    by_watch = [call for call in calls if call.agents and call.by_watch]
    waiting = [call for call in calls if not call.agents and call.waits_since < math.inf]
    silent = [call for call in calls if not call.agents and call.waits_since == math.inf]
    told = {
        "callers": len(calls),
        "places of healthy workers": places,
        "frozen workers": frozen,
        "answered by LiveKit's dispatch": len(by_livekit),
        "offers that a worker had to refuse": refused,
        "answered by the room watch": len(by_watch),
        "asked to wait, with every place taken": len(waiting),
        "in silence at the end": len(silent),
        "with two agents at the end": sum(call.agents > 1 for call in calls),
    }
    for name, value in told.items():
        print(_TELLING.format(name, value))
    _tell_seconds("seconds until the room watch came", [call.answered - call.rang for call in by_watch])
    _tell_seconds("seconds until asked to wait", [call.waits_since - call.rang for call in waiting])


def _tell_seconds(name: str, seconds: list[float]) -> None:
    if seconds:
        print(_TELLING.format(f"{name}: half of them", f"{statistics.median(seconds):.1f}"))
        print(_TELLING.format(f"{name}: the last", f"{max(seconds):.1f}"))


async def lists() -> None:
    """What one list of all rooms takes: on the wire, and of a worker's main loop."""
    row = "{:>8} {:>12} {:>16} {:>18}"
    print(row.format("rooms", "MB a list", "s until it is read", "s to look through it"))
    for number in _LISTED:
        async with stage() as on:
            for start in range(0, number, 100):
                await make_rooms(on, [f"room-{each}" for each in range(start, min(start + 100, number))], rate=0)
            rooms, took, looked = CountedRooms(on, Book()), [], []
            lonely = LonelyRooms(seconds=2.0, places=PLACES)
            for _ in range(_TRIES):
                began = time.monotonic()
                listed = await rooms.all()
                took.append(time.monotonic() - began)
                began = time.monotonic()
                lonely.listed(map(Listed.of, listed), now=began)
                lonely.to_ask(now=began)
                looked.append(time.monotonic() - began)
            size = sum(room.ByteSize() for room in listed) / 1e6
        print(
            row.format(number, f"{size:.2f}", f"{statistics.median(took):.3f}", f"{statistics.median(looked):.3f}"),
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("callers", type=int, nargs="?", default=300)
    parser.add_argument("--places", type=float, default=1.2, help="of healthy workers, for each caller")
    parser.add_argument("--lists", action="store_true", help="what one list of all rooms takes")
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # each caller who was alone is told
    asyncio.run(lists() if given.lists else watched(given.callers, places=given.places))
