"""A caller's process as the test sees it: told to join, looked at, told to hang up."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
from livekit import api
from livekit.protocol.room import RoomConfiguration

from cluster.report import Report
from granny.rehearsal.rig.livekit_server import LiveKit
from granny.rooms.access import Access
from granny.rooms.asking import LiveKitRooms
from granny.rooms.tokens import Invitation

TESTS = Path(__file__).resolve().parents[1]
_PATH = os.pathsep.join((str(TESTS.parent / "Granny-voice"), str(TESTS)))
_READY_SECONDS = 60.0
_LEAVING_SECONDS = 8.0
_LONGEST_REPORT = 1 << 22
_numbers = itertools.count(1)


@dataclass(slots=True)
class Caller:
    """One caller; `ready_callers` makes them.

    Attributes:
        room: where the call takes place.
        report: what it has met so far.
    """

    room: str
    report: Report
    _process: asyncio.subprocess.Process
    _reading: asyncio.Task[None] | None = None

    def first_sound(self) -> float | None:
        """As its report has it by now."""
        return self.report.first_sound()

    def first_word(self) -> float | None:
        """As above."""
        return self.report.first_word()

    def first_of(self, line: str) -> float | None:
        """As above."""
        return self.report.first_of(line)

    def next_word(self, after: float) -> float | None:
        """As above."""
        return self.report.next_word(after)

    def next_sound(self, after: float) -> float | None:
        """As above."""
        return self.report.next_sound(after)

    async def join(self, livekit: LiveKit) -> None:
        """Ask to be let in, now, as any client of LiveKit's does."""
        self._go(livekit, time.monotonic(), _token(livekit, self.room))

    async def call(self, livekit: LiveKit) -> None:
        """Ask for a room and to be let in, now, as whoever calls from her page."""
        asked = time.monotonic()
        async with aiohttp.ClientSession() as session:
            rooms = LiveKitRooms(session, Access(livekit.url, livekit.key, livekit.secret))
            invitation = await rooms.open(functools.partial(_invitation, livekit, self.room, itertools.count(1)))
        self.room = invitation.room
        self._go(livekit, asked, invitation.token)

    def _go(self, livekit: LiveKit, asked: float, token: str) -> None:
        self._stdin.write(json.dumps({"url": livekit.url, "token": token, "asked": asked}).encode() + b"\n")

    async def hang_up(self) -> None:
        """Leave; the process ends."""
        self._stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), _LEAVING_SECONDS)
        except asyncio.TimeoutError:
            self._process.kill()
            await self._process.wait()
        if self._reading:
            await self._reading

    async def until_ready(self) -> None:
        """It has imported all that it needs."""
        await asyncio.wait_for(self._stdout.readline(), _READY_SECONDS)
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while line := await self._stdout.readline():
            self.report = Report.of(line.decode())

    @property
    def _stdin(self) -> asyncio.StreamWriter:
        assert self._process.stdin
        return self._process.stdin

    @property
    def _stdout(self) -> asyncio.StreamReader:
        assert self._process.stdout
        return self._process.stdout


def _token(livekit: LiveKit, room: str) -> str:
    return (
        api.AccessToken(livekit.key, livekit.secret)
        .with_identity(f"caller-{room}")
        .with_ttl(timedelta(hours=1))
        .with_grants(api.VideoGrants(room_join=True, room=room))
        .to_jwt()
    )


def _invitation(livekit: LiveKit, name: str, tries: Iterator[int]) -> Invitation:
    room = f"{name}-{next(tries)}"
    return Invitation(room, _token(livekit, room), RoomConfiguration(max_participants=1))


@contextlib.asynccontextmanager
async def ready_callers(number: int, *, log: Path) -> AsyncIterator[list[Caller]]:
    """So many, each about to join a room of its own; whoever has not hung up does so at the end."""
    callers = [await _caller(log) for _ in range(number)]
    try:
        await asyncio.gather(*(one.until_ready() for one in callers))
        yield callers
    finally:
        await asyncio.gather(*(one.hang_up() for one in callers))


async def _caller(log: Path) -> Caller:
    with log.open("ab") as complaints:  # LiveKit's SDK tells much of a line that breaks
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cluster.one_caller"),
            env={**os.environ, "PYTHONPATH": _PATH},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=complaints,
            limit=_LONGEST_REPORT,
        )
    return Caller(f"cluster-{os.getpid()}-{next(_numbers)}", Report(), process)
