"""A worker fails while another is there, or comes: it is frozen, its account is dead, its machine goes."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from calls.serving import Running
from cluster.caller_process import Caller
from cluster.fleet import PATIENCE, Fleet, fleet, frozen, kill_all, until
from cluster.tally import TRIES, Promise, Tally, assert_kept
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.rig.cluster import why_missing

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]

NEW = 4
FROZEN_ANSWERED = 15.0
MET_AGAIN = 10.0
AFTER_REGISTRATION = 5.0
SETTLING = 12.0
WAITING = 6.0
THAWING = 5.0
REFUSED = {"status": 401, "body": WireError("invalid_api_key").body()}


async def test_no_worker_is_there_and_then_one(home: Path, tmp_path: Path, tally: Tally) -> None:
    fault = "no worker, then one"
    answered = tally.promise(fault, "answered after it registered", AFTER_REGISTRATION)
    single = tally.promise(fault, "one Granny a room")
    async with fleet(home, tmp_path) as here:
        for number in range(TRIES):
            async with here.callers(2) as callers:
                await come(here, callers)
                await asyncio.sleep(WAITING)
                running = await here.worker(number % 2)
                await note_answers(callers, answered, since=running.registered_at)
                await note_company(here, callers, single)
            await here.until_calm(running)
            await running.worker.stop()
    assert_kept(answered, single)


async def test_a_main_process_stands_still(home: Path, tmp_path: Path, tally: Tally) -> None:
    """When it goes on it finds the calls that it was offered meanwhile."""
    fault = "worker's main process frozen"
    answered = tally.promise(fault, "new calls: answered", FROZEN_ANSWERED)
    single = tally.promise(fault, "one Granny a room, when it goes on too")
    async with fleet(home, tmp_path) as here:
        workers = await here.two_workers()
        for number in range(TRIES):
            async with here.callers(NEW) as callers:
                with frozen(workers[number % 2]):
                    await come(here, callers)
                    await note_answers(callers, answered)
                await asyncio.sleep(THAWING)
                await note_company(here, callers, single)
            await here.until_calm(*workers)
    assert_kept(answered, single)


async def test_an_account_is_dead_and_another_worker_is_well(home: Path, tmp_path: Path, tally: Tally) -> None:
    fault = "dead account on one node, a healthy worker"
    answered = tally.promise(fault, "answered", PATIENCE)
    spared = tally.promise(fault, "no apology")
    single = tally.promise(fault, "one Granny a room")
    async with fleet(home, tmp_path) as here:
        dead = await here.worker(0)
        await here.standins[0].script(handshakes=[REFUSED], models=[REFUSED])
        async with here.callers(1) as (first,):
            await first.join(here.cluster.livekit)
            await dead.until_health(503, "fault", "openai-key-rejected")
        await here.worker(1)
        for _ in range(TRIES):
            async with here.callers(NEW) as callers:
                await come(here, callers)
                await note_answers(callers, answered)
                await note_company(here, callers, single)
                spared.note_whether(*(not caller.report.lines for caller in callers))
            await asyncio.sleep(2.0)
    assert_kept(answered, spared, single)


async def test_a_whole_machine_goes(home: Path, tmp_path: Path, tally: Tally) -> None:
    fault = "whole machine, another is there"
    met = tally.promise(fault, "its callers hear something again", MET_AGAIN)
    single = tally.promise(fault, "one Granny a room afterwards")
    async with fleet(home, tmp_path) as here:
        workers = list(await here.two_workers())
        for _ in range(TRIES):
            async with here.callers(2) as callers:
                await here.talking(callers)
                number = max((0, 1), key=lambda one: len(held_by(workers[one], callers)))
                orphans = held_by(workers[number], callers)
                kill_all(workers[number])
                await note_orphans(here, orphans, time.monotonic(), met=met, single=single)
                workers[number] = await here.worker(number)
            await here.until_calm(*workers)
    assert_kept(met, single)


async def test_the_only_machine_goes_and_is_back(home: Path, tmp_path: Path, tally: Tally) -> None:
    fault = "the only machine, and it is back"
    met = tally.promise(fault, "its callers hear something again", MET_AGAIN)
    single = tally.promise(fault, "one Granny a room afterwards")
    async with fleet(home, tmp_path) as here:
        running = await here.worker(0)
        for _ in range(TRIES):
            async with here.callers(2) as callers:
                await here.talking(callers)
                kill_all(running)
                running = await here.worker(0)
                await note_orphans(here, callers, running.registered_at, met=met, single=single)
            await here.until_calm(running)
    assert_kept(met, single)


async def come(here: Fleet, callers: Sequence[Caller]) -> None:
    for caller in callers:
        await caller.join(here.cluster.livekit)
        await asyncio.sleep(0.5)


async def note_answers(callers: Sequence[Caller], answered: Promise, *, since: float | None = None) -> None:
    """Her own voice, seconds from a moment or from each caller's asking."""
    for caller in callers:
        if since is None:
            answered.note(await until(caller.first_word))
        else:
            answered.note(await until(functools.partial(caller.next_word, since)))


async def note_company(here: Fleet, callers: Sequence[Caller], single: Promise) -> None:
    single.note_whether(*[await here.grannys(caller) == 1 for caller in callers])
    here.note_down(*callers)


async def note_orphans(here: Fleet, callers: Sequence[Caller], since: float, *, met: Promise, single: Promise) -> None:
    await asyncio.sleep(since + SETTLING - time.monotonic())
    for caller in callers:
        met.note(caller.next_sound(since))
    await note_company(here, callers, single)


def held_by(running: Running, callers: Sequence[Caller]) -> list[Caller]:
    """Those whose rooms the worker's log names."""
    return [caller for caller in callers if caller.room in running.log]
