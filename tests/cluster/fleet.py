"""All that a row of the table is played on: a cluster, two stand-ins for OpenAI, workers that come and go, callers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
from livekit import api
from livekit.protocol.models import ParticipantInfo

from calls.hearing_lines import record_tones
from calls.serving import Running, health_port
from cluster.caller_process import Caller, ready_callers
from cluster.one_caller import BUSY, MARK
from granny.rehearsal.rig.cluster import Cluster, Node, cluster
from granny.rehearsal.rig.standin_process import StandInProcess, standin_process
from granny.rehearsal.rig.worker import Worker, bare, descendants, worker

KEY = "sk-rehearsal-" + "FAKE" * 6
PATIENCE = 30.0
"""Seconds after which nobody waits any longer for what has not come."""
STAGGER = 0.3
_CALM_SECONDS = 60.0
_BURN = "while True: pass"
Found = TypeVar("Found")


@dataclass(slots=True)
class Fleet:
    """A running cluster and who works on it.

    Attributes:
        cluster: LiveKit's two nodes, redis and the balancer.
        standins: one OpenAI for each of two workers.
        home: the folder of agent.py.
        folder: where logs and recorded lines are.
        settings: what every worker is told.
    """

    cluster: Cluster
    standins: tuple[StandInProcess, ...]
    home: Path
    folder: Path
    settings: dict[str, str]
    _stack: contextlib.AsyncExitStack
    _workers: int = 0

    async def worker(self, near: int, **settings: str) -> Running:
        """A worker that stands nearest to one node, and has that one's OpenAI; it is registered and well."""
        self._workers += 1
        folder = self.folder / f"worker-{self._workers}"
        folder.mkdir()
        environment = {
            **bare(),
            **self.cluster.livekit_first(near).environment,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": self.standins[near].base_url,
            "GRANNY_HEALTH_PORT": "0",
            "GRANNY_OWN_VOICE": "off",  # else a second call would be greeted by a recording
            "GRANNY_LINES_FOLDER": str(self.folder / "lines"),
            "GRANNY_DRAIN_SECONDS": "2",
            "XDG_CACHE_HOME": str(folder),
            **self.settings,
            **settings,
        }
        log = folder / "worker.log"
        process = await self._stack.enter_async_context(
            worker(self.home / "agent.py", log=log, environment=environment)
        )
        self._stack.push_async_callback(_with_its_own, process)
        running = Running(process, health_port(process), self.cluster.livekit_first(near))
        await running.until_health(200, "ok")
        return running

    async def two_workers(self, **settings: str) -> tuple[Running, Running]:
        """One near each node."""
        first, second = await asyncio.gather(self.worker(0, **settings), self.worker(1, **settings))
        return first, second

    @contextlib.asynccontextmanager
    async def callers(self, number: int) -> AsyncIterator[list[Caller]]:
        """So many, ready to join."""
        async with ready_callers(number, log=self.folder / "callers.log") as callers:
            yield callers

    async def talking(self, callers: Iterable[Caller]) -> None:
        """They join one after another, and each has heard her own voice."""
        for caller in callers:
            await caller.join(self.cluster.livekit)
            await asyncio.sleep(STAGGER)
        for caller in callers:
            if await until(caller.first_word) is None:
                pytest.fail(f"the rig is at fault: a caller was not answered on a healthy cluster; see {self.folder}")

    async def busiest_node(self, callers: Iterable[Caller]) -> tuple[Node, list[Caller]]:
        """The node that holds most of the calls, and these."""
        held: dict[int, list[Caller]] = {}
        for caller in callers:
            node = await self.cluster.node_of(caller.room)
            assert node, "redis knows which node holds a room"
            held.setdefault(self.cluster.nodes.index(node), []).append(caller)
        number = max(held, key=lambda one: len(held[one]))
        return self.cluster.nodes[number], held[number]

    async def grannys(self, caller: Caller) -> int | None:
        """How many of her LiveKit says are in a caller's room; None if it does not say."""
        livekit = self.cluster.livekit
        async with api.LiveKitAPI(livekit.url, livekit.key, livekit.secret) as rooms:
            try:
                listed = await rooms.room.list_participants(api.ListParticipantsRequest(room=caller.room))
            except api.TwirpError:
                return None
        agents = [one for one in listed.participants if one.kind == ParticipantInfo.Kind.AGENT]
        return len([one for one in agents if one.attributes.get(MARK) != BUSY])

    def note_down(self, *callers: Caller) -> None:
        """Keep what they met, beside the logs."""
        with (self.folder / "callers.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(f'{{"room": "{one.room}", "report": {one.report.text()}}}\n' for one in callers)

    async def until_calm(self, *workers: Running) -> None:
        """Every worker is registered, well and without a call."""
        for running in workers:
            deadline = time.monotonic() + _CALM_SECONDS
            while not await _is_calm(running):
                if time.monotonic() > deadline:
                    pytest.fail(f"a worker does not come to rest\n{running.log[-3000:]}")
                await asyncio.sleep(0.2)


async def until(look: Callable[[], Found | None], seconds: float = PATIENCE) -> Found | None:
    """What is there at last; None if it did not come."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None and time.monotonic() < deadline:  # noqa: ASYNC110  sound has no event
        await asyncio.sleep(0.1)
    return found


def kill_all(running: Running) -> None:
    """A worker and all its jobs at once, as when their machine goes."""
    pid = running.worker.process.pid
    for one in (pid, *descendants(pid)):
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(one).kill()


@contextlib.contextmanager
def frozen(running: Running) -> Iterator[None]:
    """A worker whose main process stands still, and then goes on."""
    process = psutil.Process(running.worker.process.pid)
    process.suspend()
    try:
        yield
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.resume()


@contextlib.asynccontextmanager
async def busy_cpu() -> AsyncIterator[None]:
    """Every core works on something else as well."""
    burning = [await asyncio.create_subprocess_exec(sys.executable, "-c", _BURN) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for one in burning:
            with contextlib.suppress(ProcessLookupError):
                one.kill()
        await asyncio.gather(*(one.wait() for one in burning))


@contextlib.asynccontextmanager
async def fleet(home: Path, folder: Path, *, persistence: str = "no", **settings: str) -> AsyncIterator[Fleet]:
    """A cluster without any worker yet; all that was started on it ends with it."""
    record_tones(folder / "lines")
    (folder / "cluster").mkdir()
    async with contextlib.AsyncExitStack() as stack:
        parts = await stack.enter_async_context(cluster(folder / "cluster", persistence=persistence))
        standins = [await stack.enter_async_context(standin_process(KEY)) for _ in parts.nodes]
        yield Fleet(parts, tuple(standins), home, folder, settings, stack)


async def _is_calm(running: Running) -> bool:
    with contextlib.suppress(OSError):
        return (await running.health())[1] == "ok" and await running.metric("granny_calls_in_progress") == 0
    return False


async def _with_its_own(process: Worker) -> None:
    """End a worker that may be frozen, and whatever it has started."""
    pid = process.process.pid
    its_own = descendants(pid)
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).resume()
    await process.stop()
    for one in its_own:
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(one).kill()
