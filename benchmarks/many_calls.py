"""Many calls at once on one worker: `python -m benchmarks.many_calls`; Granny and the plain agent in turn.

Every caller hears the greeting, asks, hears the answer and interrupts it, in a process of its own: LiveKit's SDK gives
each event of a process to all its rooms, so that ten callers in one process would be what is measured. Callers, LiveKit
and the stand-in are on the same machine; the numbers are a floor for what a worker alone can hold. Both agents have
their default settings: beyond GRANNY_MAX_CALLS Granny refuses a call, beyond a load of 0.7 the plain agent does.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import statistics
import time
from concurrent.futures import ProcessPoolExecutor

from benchmarks.measures import Figures, cpu_seconds, memory, talk
from benchmarks.rig import GRANNY, NAMES, PLAIN, Rig, new_room, rig
from granny.rehearsal.callers.room_caller import join
from granny.rehearsal.rig.livekit_server import LiveKit

_ROW = "{:<8} {:>6} {:>7} {:>12} {:>12} {:>12} {:>12} {:>12} {:>8} {:>14}"
_HEAD = _ROW.format(
    *("agent", "calls", "heard", "first p50 s", "first p95 s", "answer p50", "answer p95", "pause p95 s"),
    *("cores", "MB a call held"),
)
_BETWEEN_SECONDS = 0.5
"""From one caller to the next; a call lasts some ten seconds."""
_TALKING_SECONDS = 5.0
"""After the last has come, all are talking."""


async def main(sizes: tuple[int, ...]) -> None:
    """Measure, and print as it goes."""
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(max(sizes))
    with ProcessPoolExecutor(max(sizes), spawn, initializer=together.wait) as callers:
        list(callers.map(abs, range(max(sizes))))  # each process is there, and has imported what it needs
        async with rig((GRANNY, PLAIN)) as one:
            print(_HEAD)
            for size in sizes:
                for agent in (GRANNY, PLAIN):
                    await _crowd(one, agent, size, callers)
                    await one.at_rest()


async def _crowd(one: Rig, agent: str, size: int, callers: ProcessPoolExecutor) -> None:
    pid, loop = one.workers[agent].process.pid, asyncio.get_running_loop()
    at_rest, cpu, since = memory(pid), cpu_seconds(pid), time.monotonic()
    calls, rooms = [], [new_room() for _ in range(size)]
    for room in rooms:
        calls.append(loop.run_in_executor(callers, _call, one.livekits[agent], room, NAMES.get(agent, "")))
        await asyncio.sleep(_BETWEEN_SECONDS)
    await asyncio.sleep(_TALKING_SECONDS)
    busy = memory(pid)
    figures = await asyncio.gather(*calls)
    cores = (cpu_seconds(pid) - cpu) / (time.monotonic() - since)
    for room in rooms:
        await one.end(agent, room)
    heard = sum(one.first_sound is not None and one.answer is not None for one in figures)
    cells = (*_at(figures, "first_sound"), *_at(figures, "answer"), _at(figures, "pause")[1])
    print(
        _ROW.format(agent, size, heard, *cells, f"{cores:.2f}", f"{(busy - at_rest) / max(heard, 1):.0f}"), flush=True
    )


def _call(livekit: LiveKit, room: str, name: str) -> Figures:
    async def call() -> Figures:
        async with join(livekit, room, agent_name=name) as caller:
            return await talk(caller)

    return asyncio.run(call())


def _at(figures: list[Figures], name: str) -> tuple[str, str]:
    values = sorted(value for one in figures if (value := getattr(one, name)) is not None)
    if not values:
        return "-", "-"
    return f"{statistics.median(values):.2f}", f"{values[int(0.95 * (len(values) - 1))]:.2f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=[1, 5, 8], help="calls at once")
    asyncio.run(main(tuple(parser.parse_args().sizes)))
