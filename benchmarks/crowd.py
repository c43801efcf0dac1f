"""Callers and agents who are in LiveKit's rooms without a sound, and workers that watch; what becomes of all is noted.

A knock of the room watch is counted and not sent, for nobody here could hear it; its busy line has no sound either.
"""

from __future__ import annotations

import asyncio
import collections
import math
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field

from livekit import api
from livekit.protocol.agent import Job
from livekit.protocol.agent_dispatch import AgentDispatch
from livekit.protocol.models import Room

from benchmarks.dispatch import Stage
from benchmarks.protocol_worker import ProtocolWorker
from benchmarks.signalling import listed, token
from granny.config.settings import Settings
from granny.rooms.access import Access
from granny.rooms.asking import LiveKitRooms
from granny.rooms.knocking import Answer
from granny.rooms.occupants import AGENT, BUSY, CALL, Occupants
from granny.worker.room_watch import Host, RoomWatch

_WATCH_SECONDS: float = Settings.model_fields["room_watch_seconds"].default


@dataclass(slots=True)
class Call:
    """What became of one caller; times by this machine's clock.

    Attributes:
        rang: when she was in the room.
        answered: when an agent was.
        by_watch: whether a worker had gone to her by itself.
        waits_since: when she was asked to wait.
        agents: how many are with her now.
    """

    rang: float = math.inf
    answered: float = math.inf
    by_watch: bool = False
    waits_since: float = math.inf
    agents: int = 0


@dataclass(slots=True)
class Book:
    """All calls by their rooms, and every question to LiveKit's API by its kind."""

    calls: dict[str, Call] = field(default_factory=lambda: collections.defaultdict(Call))
    asked: collections.Counter[str] = field(default_factory=collections.Counter)


class CountedRooms(LiveKitRooms):
    """LiveKit's rooms; what is asked of them is counted."""

    def __init__(self, on: Stage, book: Book) -> None:
        super().__init__(on.session, Access(on.livekit.url, on.livekit.key, on.livekit.secret))
        self._asked = book.asked

    async def all(self) -> list[Room]:
        """Counted."""
        self._asked["lists of rooms"] += 1
        return await super().all()

    async def occupants(self, room: str) -> Occupants:
        """Counted."""
        self._asked["lists of participants"] += 1
        return await super().occupants(room)

    async def dispatches(self, room: str) -> list[AgentDispatch]:
        """Counted."""
        self._asked["lists of dispatches"] += 1
        return await super().dispatches(room)

    async def knock(self, room: str, identity: str) -> Answer:
        """Counted, and not sent."""
        del room, identity
        self._asked["knocks"] += 1
        return Answer.THERE


class SilentBusyLine:
    """A voice that is in the room, and says nothing; and since when."""

    def __init__(self, fleet: Fleet, book: Book) -> None:
        self._fleet, self._book = fleet, book

    async def hold(self, room: str, _: str) -> None:
        """The caller is asked to wait."""
        call = self._book.calls[room]
        call.waits_since = min(call.waits_since, time.monotonic())
        self._fleet.ask_to_wait(room)

    async def aclose(self) -> None:
        """Nothing to leave: everybody leaves at the end."""


class Fleet:
    """The workers, and everybody who is in a room."""

    def __init__(self, on: Stage, book: Book) -> None:
        self._on, self._book = on, book
        self._there: set[asyncio.Task[None]] = set()
        self._leave = asyncio.Event()

    def ring(self, room: str) -> None:
        """A caller comes."""
        self._stay(self._caller(room))

    def ask_to_wait(self, room: str) -> None:
        """A busy voice comes; LiveKit lets one in."""
        self._stay(self._busy(room))

    def begin(self, worker: ProtocolWorker, job: Job, access_token: str) -> None:
        """LiveKit has given a worker a call."""
        del worker
        self._stay(self._agent(job.room.name, access_token, by_watch=False))

    def watch_of(self, worker: ProtocolWorker) -> RoomWatch:
        """The watch of one worker."""

        async def launch(job: Job, identity: str) -> None:
            worker.rooms[job.id] = job.room.sid
            self._stay(self._agent(job.room.name, self._own_token(job.room.name, identity, CALL), by_watch=True))
            await worker.tell()

        host = Host(
            seconds=_WATCH_SECONDS,
            admission=worker.admission,
            name=lambda: worker.id,
            agent_name="",
            is_well=lambda: True,
            rooms=lambda: set(worker.rooms.values()),
            launch=launch,
        )
        return RoomWatch(CountedRooms(self._on, self._book), host, SilentBusyLine(self, self._book))

    async def end(self) -> None:
        """Everybody leaves."""
        self._leave.set()
        await asyncio.gather(*self._there, return_exceptions=True)

    async def _caller(self, room: str) -> None:
        async with listed(self._on.livekit, self._on.session, token(self._on.livekit, room, "caller")):
            self._book.calls[room].rang = time.monotonic()
            await self._leave.wait()

    async def _agent(self, room: str, access_token: str, *, by_watch: bool) -> None:
        call = self._book.calls[room]
        async with listed(self._on.livekit, self._on.session, access_token) as gone:
            if call.answered == math.inf:
                call.answered, call.by_watch = time.monotonic(), by_watch
            call.agents += 1
            await asyncio.wait([gone, asyncio.ensure_future(self._leave.wait())], return_when=asyncio.FIRST_COMPLETED)
            call.agents -= not self._leave.is_set()

    async def _busy(self, room: str) -> None:
        async with listed(self._on.livekit, self._on.session, self._own_token(room, f"busy-{room}", BUSY)) as gone:
            await asyncio.wait([gone, asyncio.ensure_future(self._leave.wait())], return_when=asyncio.FIRST_COMPLETED)

    def _own_token(self, room: str, identity: str, role: str) -> str:
        grants = api.VideoGrants(room_join=True, room=room, agent=True, can_subscribe=False)
        made = api.AccessToken(self._on.livekit.key, self._on.livekit.secret).with_identity(identity)
        return made.with_kind("agent").with_attributes({AGENT: role}).with_grants(grants).to_jwt()

    def _stay(self, staying: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(staying)
        self._there.add(task)
        task.add_done_callback(self._there.discard)
