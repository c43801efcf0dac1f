"""LiveKit's side of a cluster fails: a node is killed, redis is away."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from typing_extensions import Self

from cluster.caller_process import Caller
from cluster.fleet import Fleet, fleet, until
from cluster.tally import TRIES, Promise, Tally, assert_kept
from granny.rehearsal.rig.cluster import why_missing

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]

HEARD_AGAIN = 10.0
ANSWERED = 6.0
SETTLING = {"node": 22.0, "redis": 16.0}
"""Seconds from the fault until all is as it will stay: LiveKit drops whoever has gone without a word after 20."""
ON_THE_LINE, NEW = 1, 2
"""So few that two cores can play everybody: it is LiveKit's and her part that is measured, not theirs."""
BETWEEN = 2.0
AWAY = 3.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is promised to those on the line and to those who come."""

    settling: float
    heard: Promise
    answered: Promise
    single: Promise

    @classmethod
    def of(cls, tally: Tally, fault: str, *, answered: float, settling: float) -> Self:
        return cls(
            settling,
            tally.promise(fault, "on the line: longest silence", HEARD_AGAIN),
            tally.promise(fault, "new calls: answered", answered),
            tally.promise(fault, "afterwards one Granny a room"),
        )

    async def look(self, here: Fleet, talking: Sequence[Caller], new: Sequence[Caller], since: float) -> None:
        """What became of everybody since the fault, when all has settled."""
        await asyncio.sleep(since + self.settling - time.monotonic())
        for caller in talking:
            was_put_off = caller.report.left is not None
            self.heard.note(None if was_put_off else caller.report.longest_silence(since, since + self.settling))
        for caller in new:
            self.answered.note(await until(caller.first_sound))
        for caller in (*talking, *new):
            self.single.note_whether(caller.report.grannys == 1 and await here.grannys(caller) == 1)
        here.note_down(*talking, *new)


async def test_a_node_is_killed(home: Path, tmp_path: Path, tally: Tally) -> None:
    fault = "LiveKit node killed"
    wanted = Wanted.of(tally, fault, answered=ANSWERED, settling=SETTLING["node"])
    async with fleet(home, tmp_path) as here:
        workers = await here.two_workers()
        for _ in range(TRIES):
            async with here.callers(ON_THE_LINE + NEW) as callers:
                talking, new = callers[:ON_THE_LINE], callers[ON_THE_LINE:]
                await here.talking(talking)
                node, _ = await here.busiest_node(talking)
                await node.kill()
                since = time.monotonic()
                await come(*(functools.partial(one.call, here.cluster.livekit) for one in new))
                await wanted.look(here, talking, new, since)
                await node.start()
            await here.until_calm(*workers)
    assert_kept(wanted.heard, wanted.answered, wanted.single)


@pytest.mark.parametrize("persistence", ["yes", "no"])
async def test_redis_is_restarted(home: Path, tmp_path: Path, tally: Tally, persistence: str) -> None:
    fault = f"redis restarted, persistence {persistence}"
    wanted = Wanted.of(tally, fault, answered=HEARD_AGAIN, settling=SETTLING["redis"])
    async with fleet(home, tmp_path, persistence=persistence) as here:
        workers = await here.two_workers()
        for _ in range(TRIES):
            async with here.callers(ON_THE_LINE + NEW) as callers:
                talking, new = callers[:ON_THE_LINE], callers[ON_THE_LINE:]
                await here.talking(talking)
                await here.cluster.redis.stop()
                since = time.monotonic()
                await asyncio.sleep(AWAY)
                await here.cluster.redis.start()
                await come(*(functools.partial(one.join, here.cluster.livekit) for one in new))
                await wanted.look(here, talking, new, since)
            await here.until_calm(*workers)
    assert_kept(wanted.heard, wanted.answered, wanted.single)


async def come(*coming: Callable[[], Awaitable[None]]) -> None:
    """New callers, one after another, the first at once."""

    async def comes(number: int) -> None:
        await asyncio.sleep(number * BETWEEN)
        await coming[number]()

    await asyncio.gather(*map(comes, range(len(coming))))
