"""A worker process for the length of a rehearsal: started from an agent file, ready when it has registered."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_REGISTERED = b"registered worker"
_READY_SECONDS = 60.0
_STOP_SECONDS = 30.0


@dataclass(slots=True)
class Worker:
    """A running worker.

    Attributes:
        process: its main process.
        log: where its output goes.
        seconds_to_register: from its start to its registration with LiveKit.
        status: its exit status once it has been stopped.
    """

    process: asyncio.subprocess.Process
    log: Path
    seconds_to_register: float
    status: int | None = None

    @property
    def words(self) -> str:
        """All it has printed and logged so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    async def stop(self) -> None:
        """SIGTERM, and the end of the process."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            self.status = await asyncio.wait_for(self.process.wait(), _STOP_SECONDS)
        except asyncio.TimeoutError:
            self.process.kill()
            self.status = await self.process.wait()


@contextlib.asynccontextmanager
async def worker(
    agent: Path, *, log: Path, environment: Mapping[str, str], arguments: tuple[str, ...] = ("start",)
) -> AsyncIterator[Worker]:
    """`python agent.py start` in its own folder, from its registration to its stop.

    Raises:
        OSError: it did not register in time, or ended; its words are in the log.
    """
    started = time.monotonic()
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, agent.name, *arguments),
            cwd=agent.parent,
            env=environment,
            stdout=output,
            stderr=output,
        )
    running = Worker(process, log, 0.0)
    try:
        await _until_registered(running)
        running.seconds_to_register = time.monotonic() - started
        yield running
    finally:
        await running.stop()


async def _until_registered(running: Worker) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while _REGISTERED not in running.log.read_bytes():
        if running.process.returncode is not None or time.monotonic() > deadline:
            msg = f"the worker did not register; see {running.log}"
            raise OSError(msg)
        await asyncio.sleep(0.02)


def descendants(pid: int) -> list[int]:
    """The process's living children and theirs (`/proc`; empty where there is none)."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                children.setdefault(int(parent), []).append(int(stat.parent.name))
    found = list(children.get(pid, ()))
    for child in found:
        found.extend(children.get(child, ()))
    return found


def bare(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """An environment without any variable that a worker reads.

    Nor the one by which some build machines have Python compile every module anew at every start, as no user's does.
    """
    ours = ("OPENAI_", "AZURE_OPENAI_", "LIVEKIT_", "GRANNY_", "HTTP_PROXY", "HTTPS_PROXY", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in environment.items() if not name.upper().startswith(ours)}
