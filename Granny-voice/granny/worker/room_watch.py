"""The room watch: whoever is alone in one of her rooms gets an agent, for whatever reason they are alone.

LiveKit offers a call once, to one of its nodes: full, absent, frozen or gone there, it is offered to nobody else. So
every worker looks, by LiveKit's own API, and goes to whom it finds; what it decides is in `lonely_rooms` and `knocks`.

It does not act twice. A worker that goes to a caller signs up first, in an attribute of that caller (`granny.coming`),
and looks a moment later whether it still stands there: of several it does for the last one, and the others let it go.
That moment is longer than another needs from its look to its own signature. Were all of it delayed, LiveKit decides: a
job of a worker's own has one identity in a room, whichever worker starts it, and the later one puts the earlier out,
which leaves in silence. Whom LiveKit itself has sent meanwhile is seen, for the room is asked twice more.

A room of others is not touched: hers are those for which LiveKit has a dispatch of her name (`meeting.her_job`).

API calls a minute, of all workers together, with 8 places each, full of calls, and nobody alone:

| rooms | workers | lists of rooms | lists of participants | knocks | all |
| --- | --- | --- | --- | --- | --- |
| 10 | 2 | 120 | 60 | 200 | 380 |
| 1,000 | 125 | 60 | 1,200 | 6,000 | 7,260 |
| 10,000 | 1,250 | 250 | 5,000 | 0 | 5,250 |

After everybody who is alone each worker that has found them asks once a look: 60 times a minute, and 90 times while it
is full or shut. LiveKit's list of rooms has some 300 bytes for each.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Coroutine
from typing import Protocol

from livekit.protocol.agent import Job
from livekit.protocol.agent_dispatch import AgentDispatch
from livekit.protocol.models import Room

from granny.rooms.asking import TROUBLES, LiveKitRooms
from granny.rooms.occupants import Occupant, Occupants
from granny.worker import metrics
from granny.worker.failover import own_id
from granny.worker.knocks import Knocks
from granny.worker.lonely_rooms import Door, Listed, LonelyRooms
from granny.worker.meeting import Host, her_job, identity_in, is_given_to_somebody

logger = logging.getLogger("granny.room_watch")

_PAUSES = {Door.OPEN: 1.0, Door.FULL: 0.7, Door.SHUT: 0.7}
"""Seconds between two looks: a caller is to hear within three that the line is busy."""
_JITTER = 0.3
_SHORTEST_PAUSE = 0.05
_HELD_AGAIN_SECONDS = 5.0
_SIGNING_SECONDS = 0.1
"""Longer than it takes to see that nobody is on the way to a caller, and to say that one is."""


class BusyLine(Protocol):
    """Who asks callers to wait."""

    async def hold(self, room: str) -> None:
        """Ask the caller in a room to wait; returns when that is over."""

    async def aclose(self) -> None:
        """Leave all rooms."""


class RoomWatch:
    """The watch of one worker.

    Args:
        rooms: LiveKit's.
        host: what it has from the worker.
        busy_line: who asks callers to wait.
    """

    def __init__(self, rooms: LiveKitRooms, host: Host, busy_line: BusyLine) -> None:
        self._rooms, self._host, self._busy_line = rooms, host, busy_line
        places = host.admission.places
        self._lonely, self._knocks = LonelyRooms(seconds=host.seconds, places=places), Knocks(places=places)
        self._listed: dict[str, Room] = {}
        self._going: set[str] = set()
        self._held_at: dict[str, float] = {}
        self._knocked: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None
        self._nudged = asyncio.Event()
        self._list_at = 0.0
        self._is_blind = self._is_closed = False

    def look(self) -> None:
        """Look now; the first time is the beginning of the watch."""
        self._list_at = 0.0
        self._nudged.set()
        if self._watching is None and not self._is_closed:
            self._watching = asyncio.create_task(self._watch())

    def act(self) -> None:
        """Go to those whose time has come, as far as there are places; ask the others to wait."""
        now = time.monotonic()
        while self._door is not Door.FULL and (due := self._due(now)) and not self._is_closed:
            self._go_to(due[0])
        if self._door is Door.FULL and not self._is_closed:
            for room in self._due(now):
                self._hold(room, now)

    def parted(self, room: str) -> None:
        """A call of this worker's has ended as it should, in the room of this sid."""
        self._lonely.parted(room, now=time.monotonic())

    async def aclose(self) -> None:
        """Look no more; who is being gone to is gone to, and who has been asked to wait is left to others."""
        self._is_closed = True
        if self._watching:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        await self._busy_line.aclose()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def _door(self) -> Door:
        if self._host.admission.is_full:
            return Door.FULL
        return Door.OPEN if self._host.is_well() else Door.SHUT

    @property
    def _seen_to(self) -> set[str]:
        """The sids of rooms in which a job of this worker is, or is about to be."""
        return self._going.union(self._host.rooms())

    def _due(self, now: float) -> list[Listed]:
        return self._lonely.due(self._door, self._host.name(), now=now, but=self._seen_to)

    async def _watch(self) -> None:
        while True:
            self._nudged.clear()
            pause = _PAUSES[self._door] * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  no secret
            try:
                await self._look(pause)
                self.act()
                self._knock(pause)
            except Exception:  # a bug must not end the watch
                logger.exception("the room watch broke")
            await self._rest(pause)

    async def _rest(self, pause: float) -> None:
        """Until the next look is due, or somebody is to be gone to, or something has happened."""
        now = time.monotonic()
        due = self._lonely.next_due(self._door, self._host.name(), now=now, but=self._seen_to)
        waiting = asyncio.ensure_future(self._nudged.wait())
        try:
            await asyncio.wait([waiting], timeout=round(max(_SHORTEST_PAUSE, min(pause, due - now)), 3))
        finally:
            waiting.cancel()

    async def _look(self, pause: float) -> None:
        now, seen_to = time.monotonic(), self._seen_to
        try:
            if now >= self._list_at:
                await self._list()
                self._list_at = now + pause * self._lonely.workers
                rooms = self._lonely.to_ask(now=now, but=seen_to)
            elif not (rooms := self._lonely.to_follow(now=now, but=seen_to)):
                return
            answers = await asyncio.gather(*map(self._ask, rooms), return_exceptions=True)
        except TROUBLES as error:
            self._on_trouble(error)
            return
        failed = [answer for answer in answers if isinstance(answer, Exception)]
        self._on_trouble(failed[0]) if failed else self._on_answer()

    async def _list(self) -> None:
        self._listed = {room.sid: room for room in await self._rooms.all()}
        listed = [Listed.of(room) for room in self._listed.values()]
        self._lonely.listed(listed, now=time.monotonic())
        self._knocks.listed(listed)
        self._held_at = {sid: at for sid, at in self._held_at.items() if sid in self._listed}

    async def _ask(self, room: Listed) -> Occupants:
        """Who is in a room, without those who are gone."""
        listed = await self._rooms.occupants(room.name)
        self._knocks.seen(room, listed)
        there = listed.without(self._knocks.gone_from(room))
        self._lonely.seen(room, there, now=time.monotonic(), since=self._knocks.gone_since(room))
        return there

    def _go_to(self, room: Listed) -> None:
        """The place is taken at once: nobody who comes later has it."""
        job_id = own_id()
        self._host.admission.promise(job_id)
        self._going.add(room.sid)
        self._spawn(self._going_to(room, job_id))

    async def _going_to(self, room: Listed, job_id: str) -> None:
        try:
            await self._meet(room, job_id)
        except Exception as error:  # noqa: BLE001  whatever it is, the others who wait are gone to
            self._refuse(room, error)
        finally:
            self._going.discard(room.sid)
            self._host.admission.settle(job_id)
            self.act()

    async def _meet(self, room: Listed, job_id: str) -> None:
        there, dispatches = await asyncio.gather(self._ask(room), self._rooms.dispatches(room.name))
        gone, name = self._knocks.gone_from(room), self._host.name()
        job = self._job(room, dispatches, job_id)
        if job is None or not there.first or there.is_attended:
            return
        is_given = is_given_to_somebody(dispatches, gone=gone.values(), agent_name=job.agent_name)
        if (is_given or there.first.coming not in ("", name)) and self._lonely.given(room):
            return
        if not await self._signs_up(room, there.first, name):
            return
        for identity in gone.values():
            await self._rooms.put_out(room.name, identity)
        logger.warning(
            "a caller was alone", extra={"room": room.name, "job_id": job_id, "is_well": self._host.is_well()}
        )
        metrics.CALLERS_MET.inc()
        await self._host.launch(job, identity_in(job.room))

    async def _signs_up(self, room: Listed, caller: Occupant, name: str) -> bool:
        """Whether it is this worker that goes: of several that say so at the same time, the last one to say it."""
        await self._rooms.sign_up(room.name, caller.identity, name)
        await asyncio.sleep(_SIGNING_SECONDS)
        there = await self._ask(room)
        if there.is_alone and there.first and there.first.coming == name:
            return True
        self._lonely.given(room)
        return False

    def _job(self, room: Listed, dispatches: list[AgentDispatch], job_id: str) -> Job | None:
        """Hers for a room; None if there is none, and the room is left alone for a while."""
        info = self._listed.get(room.sid)
        job = her_job(job_id, info, dispatches, agent_name=self._host.agent_name) if info else None
        if job is None:
            self._lonely.refused(room, now=time.monotonic())
        return job

    def _refuse(self, room: Listed, error: Exception) -> None:
        """A room whose caller cannot be gone to, as that of a node which has gone; told once."""
        if self._lonely.refused(room, now=time.monotonic()):
            logger.warning("could not go to a caller", extra={"room": room.name, "error": type(error).__name__})

    def _hold(self, room: Listed, now: float) -> None:
        if now - self._held_at.get(room.sid, -_HELD_AGAIN_SECONDS) >= _HELD_AGAIN_SECONDS:
            self._held_at[room.sid] = now
            self._spawn(self._holding(room))

    async def _holding(self, room: Listed) -> None:
        try:
            if self._job(room, await self._rooms.dispatches(room.name), job_id=""):
                await self._busy_line.hold(room.name)
        except TROUBLES as error:
            self._refuse(room, error)

    def _knock(self, pause: float) -> None:
        but = self._seen_to | self._knocked
        due = self._knocks.due(workers=self._lonely.workers, pause=pause, now=time.monotonic(), but=but)
        for room, agent in due:
            self._knocked.add(room.sid)
            self._spawn(self._knocking(room, agent))

    async def _knocking(self, room: Listed, agent: Occupant) -> None:
        try:
            answer = await self._rooms.knock(room.name, agent.identity)
            if self._knocks.answered(agent, answer):
                logger.warning("an agent is gone that LiveKit still lists", extra={"room": room.name})
                await self._ask(room)
                self.act()
        except TROUBLES as error:
            self._on_trouble(error)
        finally:
            self._knocked.discard(room.sid)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_trouble(self, error: BaseException) -> None:
        if not self._is_blind:
            logger.warning("the room watch cannot look", extra={"error": type(error).__name__})
        self._is_blind = True

    def _on_answer(self) -> None:
        if self._is_blind:
            logger.info("the room watch looks again")
        self._is_blind = False
