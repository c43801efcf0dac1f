"""What the busy line costs a worker's main process: `python -m benchmarks.busy_line`.

A process that has imported what a worker has asks callers to wait, first one, then more; the callers are elsewhere, ten
in a process. The lag is by how much its event loop is late for what is due every hundredth of a second.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from granny.config.settings import Settings
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.rig.livekit_server import LiveKit, livekit_server

SECONDS = 24.0
"""The whole line, and a pause."""
_SPEAKING_SECONDS = 8.0
_TOGETHER = 10
_TICK = 0.01
_ROW = "{:>8} {:>6} {:>9} {:>13} {:>12} {:>9} {:>11} {:>11}"
_HEAD = _ROW.format("callers", "heard", "first s", "cores at once", "cores pause", "USS MB", "lag p99 ms", "lag max ms")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process that speaks has used.

    Attributes:
        began: when it was told to speak, in `time.monotonic`'s seconds.
        speaking, pausing: cores while all are spoken to, and in the pause after it.
        megabytes: memory of its own (USS) more than before.
        lags: of its event loop, in seconds, sorted.
    """

    began: float
    speaking: float
    pausing: float
    megabytes: float
    lags: list[float]


def main(sizes: tuple[int, ...]) -> None:
    """Measure, and print as it goes."""
    print(_HEAD)
    for size in sizes:
        asyncio.run(_crowd(size))


async def _crowd(size: int) -> None:
    spawn, loop = multiprocessing.get_context("spawn"), asyncio.get_running_loop()
    rooms = [f"busy-{number}" for number in range(size)]
    groups = [rooms[start : start + _TOGETHER] for start in range(0, size, _TOGETHER)]
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(len(groups) + 1, spawn) as processes:
        async with livekit_server(log=Path(folder) / "livekit.log") as livekit:
            waiting = [loop.run_in_executor(processes, _wait, livekit, group) for group in groups]
            await asyncio.sleep(6.0)
            cost = await loop.run_in_executor(processes, _speak, livekit, rooms)
            firsts = [first - cost.began for group in await asyncio.gather(*waiting) for first in group]
    p99, most = (1000 * cost.lags[int(share * (len(cost.lags) - 1))] for share in (0.99, 1.0))
    cells = (f"{max(firsts, default=0):.2f}", f"{cost.speaking:.3f}", f"{cost.pausing:.3f}", f"{cost.megabytes:.1f}")
    print(_ROW.format(size, len(firsts), *cells, f"{p99:.0f}", f"{most:.0f}"), flush=True)


def _wait(livekit: LiveKit, rooms: list[str]) -> list[float]:
    """Callers who wait; when each heard the first word."""

    async def wait() -> list[float]:
        async with contextlib.AsyncExitStack() as stack:
            joining = [stack.enter_async_context(join(livekit, room)) for room in rooms]
            callers = await asyncio.gather(*joining)
            await asyncio.sleep(SECONDS + 8.0)
            return [first for caller in callers if (first := _first_word(caller))]

    return asyncio.run(wait())


def _first_word(caller: RoomCaller) -> float | None:
    spans = speech(caller.heard.sound)
    return caller.heard.joined_at + spans[0].start if spans else None


def _speak(livekit: LiveKit, rooms: list[str]) -> Cost:
    import granny.worker.server  # noqa: F401, PLC0415  the callers' processes need not; as a worker's memory is
    from granny.worker.busy_line import BusyLine  # noqa: PLC0415  as above

    async def speak() -> Cost:
        process = psutil.Process()
        lags: list[float] = []
        line = BusyLine(Settings.model_validate({"OPENAI_API_KEY": "sk-FAKE", **livekit.environment}))
        lagging = asyncio.create_task(_lag(lags))
        await asyncio.sleep(0.5)
        before, began = process.memory_full_info().uss, time.monotonic()
        holding = [asyncio.create_task(line.hold(room)) for room in rooms]
        speaking = await _cores(process, _SPEAKING_SECONDS)
        await asyncio.sleep(3.0)
        pausing = await _cores(process, SECONDS - _SPEAKING_SECONDS - 3.0)
        megabytes = (process.memory_full_info().uss - before) / 2**20
        await line.aclose()
        lagging.cancel()
        await asyncio.gather(*holding)
        return Cost(began, speaking, pausing, megabytes, sorted(lags))

    return asyncio.run(speak())


async def _cores(process: psutil.Process, seconds: float) -> float:
    before, since = process.cpu_times(), time.monotonic()
    await asyncio.sleep(seconds)
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / (time.monotonic() - since)


async def _lag(lags: list[float]) -> None:
    while True:
        due = time.monotonic() + _TICK
        await asyncio.sleep(_TICK)
        lags.append(time.monotonic() - due)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 20, 50])
    main(tuple(parser.parse_args().sizes))
