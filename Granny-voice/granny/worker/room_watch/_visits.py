"""What a worker does for callers who are alone: it goes to them, has them asked to wait, or turns a telephone away.

To ask a telephone to wait would be to pick up: while it rings its caller hears that all places are taken from the
telephone network, as of any other number. One that has been answered is asked to wait like everybody.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Protocol

from livekit.protocol.agent import Job
from livekit.protocol.agent_dispatch import AgentDispatch

from granny.rooms.asking import TROUBLES, LiveKitRooms
from granny.rooms.occupants import Occupant, Occupants
from granny.worker import metrics
from granny.worker.failover import own_id
from granny.worker.room_watch._lonely_rooms import Door, Listed
from granny.worker.room_watch._meeting import Host, her_job, identity_in, is_given_to_somebody
from granny.worker.room_watch._sight import Sight

logger = logging.getLogger("granny.room_watch")

_HELD_AGAIN_SECONDS = 5.0
_LIVEKITS = "of LiveKit's choice"
_SIGNING_SECONDS = 0.1
"""Longer than it takes to see that nobody is on the way to a caller, and to say that one is."""


class BusyLine(Protocol):
    """Who asks callers to wait."""

    async def hold(self, room: str, metadata: str) -> None:
        """Ask the caller in a room to wait, whose job would have this metadata; returns when that is over."""

    async def aclose(self) -> None:
        """Leave all rooms."""


class Visits:
    """The ways of one worker to its callers.

    Args:
        rooms: LiveKit's.
        host: what it has from the worker.
        busy_line: who asks callers to wait.
        sight: what it sees.
        spawn: does something beside all else.
    """

    def __init__(
        self,
        rooms: LiveKitRooms,
        host: Host,
        busy_line: BusyLine,
        sight: Sight,
        *,
        spawn: Callable[[Coroutine[None, None, None]], None],
    ) -> None:
        self._rooms, self._host, self._busy_line, self._sight = rooms, host, busy_line, sight
        self._spawn = spawn
        self._going: set[str] = set()
        self._held_at: dict[str, float] = {}
        self._is_closed = False

    @property
    def door(self) -> Door:
        """What the worker can do for a caller now."""
        if self._host.admission.is_full:
            return Door.FULL
        return Door.OPEN if self._host.is_well() else Door.SHUT

    @property
    def rooms(self) -> set[str]:
        """The sids of rooms in which a job of this worker is, or is about to be."""
        return self._going.union(self._host.rooms())

    @property
    def next_due(self) -> float:
        """When the next caller is to be gone to, by `time.monotonic`."""
        lonely = self._sight.lonely
        return lonely.next_due(self.door, self._host.name(), now=time.monotonic(), but=self.rooms)

    def act(self) -> None:
        """Go to those whose time has come, as far as there are places; have the others wait, or ring another time."""
        while not self._is_closed and self.door is not Door.FULL and (due := self._due):
            self._go_to(due[0])
        if not self._is_closed and self.door is Door.FULL:
            for room in self._due:
                self._hold(room)

    async def aclose(self) -> None:
        """Begin no more; who has been asked to wait is left to others."""
        self._is_closed = True
        await self._busy_line.aclose()

    @property
    def _due(self) -> list[Listed]:
        return self._sight.lonely.due(self.door, self._host.name(), now=time.monotonic(), but=self.rooms)

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
        there, dispatches = await asyncio.gather(self._sight.ask(room), self._rooms.dispatches(room.name))
        job, gone = self._job(room, dispatches, job_id), self._sight.gone_from(room)
        if job is None or not there.first or there.is_attended or self._is_left_to_another(room, there, dispatches):
            return
        if not await self._signs_up(room, there.first, self._host.name()):
            return
        for identity in gone:
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
        there = await self._sight.ask(room)
        if not there.first or there.is_attended:
            return False
        if there.first.coming == name:
            return True
        if not self._waits_for(room, there.first.coming):
            self._sight.lonely.refused(room, now=time.monotonic())  # nor is a caller obeyed who signs for others
        return False

    def _is_left_to_another(self, room: Listed, there: Occupants, dispatches: list[AgentDispatch]) -> bool:
        """Whether a worker of LiveKit's choice, or one that has signed up, has the call for the time being."""
        gone, agent_name = self._sight.gone_from(room), self._host.agent_name
        if is_given_to_somebody(dispatches, gone=gone, agent_name=agent_name) and self._waits_for(room, _LIVEKITS):
            return True
        coming = there.first.coming if there.first else ""
        return coming not in ("", self._host.name()) and self._waits_for(room, coming)

    def _waits_for(self, room: Listed, whom: str) -> bool:
        return self._sight.lonely.given(room, whom, now=time.monotonic())

    def _job(self, room: Listed, dispatches: list[AgentDispatch], job_id: str) -> Job | None:
        """Hers for a room; None if there is none, and the room is left alone for a while."""
        info = self._sight.info(room)
        job = her_job(job_id, info, dispatches, agent_name=self._host.agent_name) if info else None
        if job is None:
            self._sight.lonely.refused(room, now=time.monotonic())
        return job

    def _refuse(self, room: Listed, error: Exception) -> None:
        """A room whose caller cannot be gone to, as that of a node which has gone; told once."""
        if self._sight.lonely.refused(room, now=time.monotonic()):
            logger.warning("could not go to a caller", extra={"room": room.name, "error": type(error).__name__})

    def _hold(self, room: Listed) -> None:
        """Have a caller wait; not so soon again where it could not be done."""
        now = time.monotonic()
        self._held_at = {sid: at for sid, at in self._held_at.items() if now - at < _HELD_AGAIN_SECONDS}
        if room.sid not in self._held_at:
            self._held_at[room.sid] = now
            self._spawn(self._holding(room))

    async def _holding(self, room: Listed) -> None:
        try:
            dispatches = await self._rooms.dispatches(room.name)
            if job := self._job(room, dispatches, job_id=""):
                rings = self._sight.lonely.rings(room)
                waiting = self._turn_away(room, dispatches) if rings else self._busy_line.hold(room.name, job.metadata)
                await waiting
        except TROUBLES as error:
            self._refuse(room, error)

    async def _turn_away(self, room: Listed, dispatches: list[AgentDispatch]) -> None:
        """End the room of a telephone that rings, which tells it so, unless there is a place for it meanwhile."""
        there = await self._sight.ask(room)
        if not (there.is_alone and there.rings) or self._is_left_to_another(room, there, dispatches):
            return
        if self.door is Door.FULL:
            logger.warning("a telephone is told that all places are taken", extra={"room": room.name})
            metrics.CALLERS_TURNED_AWAY.inc()
            await self._rooms.end(room.name)
