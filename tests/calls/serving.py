"""A worker that serves calls, as the tests look at it from outside."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from calls.bare_worker import WELL_FILE
from granny.rehearsal.callers.room_caller import RoomCaller
from granny.rehearsal.rig.livekit_server import LiveKit, livekit_server
from granny.rehearsal.rig.worker import Worker, bare, worker

BARE = Path(__file__).with_name("bare_worker.py")
AGENT = Path(__file__).resolve().parents[2] / "Granny-voice" / "agent.py"
KEY = "sk-proj-" + "FAKE" * 10
HANG = 40.0
"""Seconds after which a test gives up."""


@dataclass
class Running:
    """A worker process, and what can be seen of it from outside."""

    worker: Worker
    port: int
    livekit: LiveKit
    registered_at: float = field(default_factory=time.monotonic)

    @property
    def log(self) -> str:
        return self.worker.words

    def lines(self, message: str | None = None) -> list[dict[str, Any]]:
        """The log's lines, or those of one message; in `start` each is a JSON object."""
        lines = [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
        return [line for line in lines if message in (None, line["message"])]

    async def get(self, path: str) -> str:
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"http://127.0.0.1:{self.port}{path}") as answer,
        ):
            return await answer.text()

    async def health(self) -> tuple[int, str, str | None]:
        async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{self.port}/") as answer:
            body = await answer.json()
            return answer.status, body["status"], body["fault"]

    async def until_health(self, *wanted: int | str | None) -> None:
        """The health page's status, word and fault; without a word on the fault there is none."""

        async def is_so() -> bool:
            return await self.health() == (*wanted, None)[:3]

        await until(is_so, lambda: self.log)

    async def until_logged(self, message: str) -> None:
        async def is_so() -> bool:
            return message in self.log

        await until(is_so, lambda: self.log)

    async def metric(self, sample: str) -> float:
        found = re.search(rf"^{re.escape(sample)} (\S+)$", await self.get("/metrics"), re.MULTILINE)
        return float(found[1]) if found else 0.0

    async def until_metric(self, sample: str, value: float) -> None:
        async def is_so() -> bool:
            return await self.metric(sample) == value

        await until(is_so, lambda: self.log)


async def until(is_so: Any, evidence: Any) -> None:
    """Ask ten times a second until it is so."""
    for _ in range(int(HANG * 10)):
        if await is_so():
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"it never became so\n{evidence()[-6000:]}")


@contextlib.asynccontextmanager
async def serving(
    livekit: LiveKit, folder: Path, mode: str = "start", *, agent: Path = BARE, **environment: str
) -> AsyncIterator[Running]:
    """A worker that takes calls, with a health page on a port of its own."""
    async with registered(livekit, folder, mode, agent=agent, **environment) as running:
        await running.until_health(200, "ok")
        yield running


@contextlib.asynccontextmanager
async def registered(
    livekit: LiveKit, folder: Path, mode: str = "start", *, agent: Path = BARE, **environment: str
) -> AsyncIterator[Running]:
    """The same, which may not be well."""
    variables = {
        **bare(),
        "PYTHONPATH": str(AGENT.parent),
        "OPENAI_API_KEY": KEY,
        "GRANNY_HEALTH_PORT": "0",
        "GRANNY_OWN_VOICE": "off",  # else a second call would be greeted by a recording
        WELL_FILE: str(folder / "well"),
        **livekit.environment,
        **environment,
    }
    log = folder / "worker.log"
    async with worker(agent, log=log, environment=variables, arguments=(mode,)) as process:
        yield Running(process, health_port(process), livekit)


@contextlib.asynccontextmanager
async def worker_and_livekit(folder: Path, **environment: str) -> AsyncIterator[Running]:
    """A worker that takes calls, and a LiveKit server, for several tests."""
    async with (
        livekit_server(log=folder / "livekit.log") as livekit,
        serving(livekit, folder, agent=BARE, **environment) as running,
    ):
        yield running


def health_port(process: Worker) -> int:
    """Where a registered worker has its health page."""
    found = re.search(r'health page.*?"port": (\d+)', process.words)
    assert found, process.words
    return int(found[1])


async def agent_joined(caller: RoomCaller, *, seconds: float = HANG) -> bool:
    for _ in range(int(seconds * 10)):
        if caller.room.remote_participants:
            return True
        await asyncio.sleep(0.1)
    return False
