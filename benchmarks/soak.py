"""Many calls one after another, a tenth of them with faults: is anything left over, does the worker grow?

Run by hand: `python -m benchmarks.soak`, with `Granny-voice` and `tests` on PYTHONPATH; 200 calls take half an hour.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import tempfile
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import psutil
from livekit import api

from benchmarks.measures import memory
from benchmarks.rig import AGENTS, GRANNY
from calls.scenes import SCENES, Scene
from calls.stage import SAID, Stage, stage
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.rig.worker import bare, descendants

FAULTS = (
    "401 at the handshake",
    "second response: no credit",
    "key revoked in mid-call",
    "torn in mid-answer, let in again",
    "second response: empty",
    "let in, then billing_not_active, for ever",
)
FAULTY_EVERY = 10
LOOK_EVERY = 10
PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = 0.5
_SETTLING_SECONDS = 6.0
"""A job's process and its room go a little after the call, and another idle process comes."""
_ROW = "{:>6} {:>10} {:>9} {:>12} {:>10} {:>6} {:>8} {:>8}"
_HEAD = _ROW.format("calls", "all MB", "main MB", "descriptors", "processes", "rooms", "sockets", "OpenAI")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a worker at rest holds.

    Attributes:
        calls: held so far.
        total_mb, main_mb: memory of all its processes (PSS), and of its main process (USS).
        descriptors: open files of the main process.
        processes: the main process and its descendants.
        rooms: on the LiveKit server.
        sockets: the main process's connections.
        openai: connections still open at the stand-in.
    """

    calls: int
    total_mb: float
    main_mb: float
    descriptors: int
    processes: int
    rooms: int
    sockets: int
    openai: int


async def main(calls: int) -> None:
    """Hold the calls, and print what is seen every now and then."""
    scenes = itertools.cycle([scene for scene in SCENES if scene.name in FAULTS])
    seen: list[Seen] = []
    heard = 0
    with tempfile.TemporaryDirectory(prefix="granny-bench-") as folder:
        async with stage(AGENTS[GRANNY].parent, Path(folder), bare()) as here:
            print(_HEAD)
            for number in range(1, calls + 1):
                heard += await _call(here, number, next(scenes) if number % FAULTY_EVERY == 0 else None)
                if number % LOOK_EVERY == 0:
                    seen.append(await _look(here, number))
                    total, mine = f"{seen[-1].total_mb:.0f}", f"{seen[-1].main_mb:.1f}"
                    print(_ROW.format(number, total, mine, *astuple(seen[-1])[3:]), flush=True)
        print(f"{heard} of {calls} calls were as they should be; the worker ended with {here.worker.status}")
    for name in ("total_mb", "main_mb", "descriptors"):
        print(f"slope of {name}: {_slope(seen, name):+.2f} for 100 calls")


async def _call(here: Stage, number: int, fault: Scene | None) -> bool:
    """One call; whether the caller heard what they should have."""
    if fault:
        met = await here.play(fault)
        return met.lines == fault.lines and met.job_is_gone
    async with join(here.livekit, f"soak-{number}") as caller:
        greeted = await _hears(caller, 0.0)
        caller.say(SAID)
        await caller.said()
        return greeted and await _hears(caller, caller.heard.now())


async def _hears(caller: RoomCaller, after: float) -> bool:
    """Whether something is heard, and then quiet."""
    while caller.heard.now() < after + PATIENCE_SECONDS:
        spans = [span for span in speech(caller.heard.sound) if span.start > after]
        if spans and caller.heard.now() - spans[-1].end > PAUSE_SECONDS:
            return True
        await asyncio.sleep(0.1)
    return False


async def _look(here: Stage, calls: int) -> Seen:
    await asyncio.sleep(_SETTLING_SECONDS)
    pid = here.worker.process.pid
    main = psutil.Process(pid)
    async with api.LiveKitAPI(here.livekit.url, here.livekit.key, here.livekit.secret) as livekit:
        rooms = await livekit.room.list_rooms(api.ListRoomsRequest())
    return Seen(
        calls,
        memory(pid),
        main.memory_full_info().uss / 1e6,
        _open_files(main),
        1 + len(descendants(pid)),
        len(rooms.rooms),
        len(main.net_connections()),
        sum(one.is_open for one in here.standin.connections),
    )


def _open_files(process: psutil.Process) -> int:
    if sys.platform == "win32":
        return process.num_handles()
    return process.num_fds()


def _slope(seen: list[Seen], name: str) -> float:
    """For 100 calls, over the second half: the first one fills caches."""
    half = seen[len(seen) // 2 :]
    slope, _ = np.polyfit([one.calls for one in half], [getattr(one, name) for one in half], 1)
    return float(slope) * 100


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    asyncio.run(main(parser.parse_args().calls))
