"""Places: all taken, many callers in one instant, workers replaced under load."""

from __future__ import annotations

import asyncio
import functools
import signal
import time
from pathlib import Path

import pytest

from cluster.caller_process import Caller
from cluster.fleet import PATIENCE, busy_cpu, fleet, until
from cluster.tally import TRIES, Tally, assert_kept
from granny.rehearsal.rig.cluster import why_missing

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]

BUSY_LINE, STOPPING_LINE = "line-busy", "worker-stopping"
TOLD_BUSY = 3.0
PLACE_TAKEN = 3.0
BUSY_PATIENCE = 10.0
ON_THE_LINE, NEW = 3, 4
BETWEEN = 2.0
DRAIN_SECONDS = 8
SILENCE = 10.0


async def test_all_places_are_taken(home: Path, tmp_path: Path, tally: Tally) -> None:
    fault = "all full"
    told = tally.promise(fault, "told that the line is busy", TOLD_BUSY)
    answered = tally.promise(fault, "answered after somebody hung up", PLACE_TAKEN)
    in_turn = tally.promise(fault, "who waits longest comes first")
    single = tally.promise(fault, "one Granny a room")
    async with fleet(home, tmp_path, GRANNY_MAX_CALLS="1") as here:
        workers = await here.two_workers()
        for _ in range(TRIES):
            async with here.callers(4) as callers:
                talking, waiting = callers[:2], callers[2:]
                await here.talking(talking)
                for caller in waiting:
                    await caller.join(here.cluster.livekit)
                    await asyncio.sleep(1.0)
                for caller in waiting:
                    told.note(await until(functools.partial(caller.first_of, BUSY_LINE), BUSY_PATIENCE))
                for number, (leaving, coming) in enumerate(zip(talking, waiting, strict=True)):
                    free = time.monotonic()
                    await leaving.hang_up()
                    seconds = await until(functools.partial(coming.next_word, free))
                    answered.note(seconds)
                    later = waiting[number + 1 :]
                    in_turn.note_whether(seconds is not None and all(one.first_word() is None for one in later))
                single.note_whether(*[await here.grannys(caller) == 1 for caller in waiting])
                here.note_down(*callers)
            await here.until_calm(*workers)
    assert_kept(told, answered, in_turn, single)


@pytest.mark.parametrize("number", [2, 4])
async def test_calls_come_in_one_instant(home: Path, tmp_path: Path, tally: Tally, number: int) -> None:
    fault = f"{number} calls in one instant, CPU busy"
    answered = tally.promise(fault, "answered", PATIENCE)
    single = tally.promise(fault, "one Granny a room")
    async with fleet(home, tmp_path) as here:
        workers = await here.two_workers()
        for _ in range(TRIES):
            async with here.callers(number) as callers:
                async with busy_cpu():
                    await asyncio.sleep(3.0)  # each worker has told LiveKit how busy it is
                    for caller in callers:
                        await caller.join(here.cluster.livekit)
                    for caller in callers:
                        answered.note(await until(caller.first_word))
                single.note_whether(*[await here.grannys(caller) == 1 for caller in callers])
                here.note_down(*callers)
            await here.until_calm(*workers)
    assert_kept(answered, single)


async def test_a_worker_is_replaced_under_load(home: Path, tmp_path: Path, tally: Tally) -> None:
    fault = "rolling update under load"
    kept = tally.promise(fault, "on the line: goes on, or hears goodbye")
    answered = tally.promise(fault, "new calls: answered", PATIENCE)
    single = tally.promise(fault, "one Granny in each room that is left")
    clean = tally.promise(fault, "the old worker ends with 0")
    async with fleet(home, tmp_path, GRANNY_DRAIN_SECONDS=str(DRAIN_SECONDS)) as here:
        workers = list(await here.two_workers())
        for number in range(TRIES):
            async with here.callers(ON_THE_LINE + NEW) as callers:
                talking, new = callers[:ON_THE_LINE], callers[ON_THE_LINE:]
                await here.talking(talking)
                old, near = workers.pop(0), number % 2
                old.worker.process.send_signal(signal.SIGTERM)
                starting = asyncio.create_task(here.worker(near))
                for caller in new:
                    await caller.join(here.cluster.livekit)
                    await asyncio.sleep(BETWEEN)
                workers.append(await starting)
                clean.note_whether(await asyncio.wait_for(old.worker.process.wait(), PATIENCE) == 0)
                await asyncio.sleep(SILENCE)
                now = time.monotonic()
                kept.note_whether(*(is_kept(caller, now) for caller in talking))
                for caller in new:
                    answered.note(await until(caller.first_word) if is_kept(caller, now) else None)
                left = [caller for caller in callers if caller.report.left is None]
                single.note_whether(*[await here.grannys(caller) == 1 for caller in left])
                here.note_down(*callers)
            await here.until_calm(*workers)
    assert_kept(kept, answered, single, clean)


def is_kept(caller: Caller, now: float) -> bool:
    """Whether she still talks, or has said goodbye before the caller was put off the line."""
    report = caller.report
    if report.left is not None:
        return STOPPING_LINE in report.lines
    return report.longest_silence(now - SILENCE, now) < SILENCE
