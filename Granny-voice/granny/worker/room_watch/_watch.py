"""The watch of one worker: looks, goes to whom it finds, and rests until there is something to do."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Coroutine

from granny.rooms.asking import LiveKitRooms
from granny.rooms.occupants import Occupant
from granny.worker.room_watch._lonely_rooms import Door, Listed
from granny.worker.room_watch._meeting import Host
from granny.worker.room_watch._sight import Sight
from granny.worker.room_watch._visits import BusyLine, Visits

logger = logging.getLogger("granny.room_watch")

_PAUSES = {Door.OPEN: 1.0, Door.FULL: 0.7, Door.SHUT: 0.7}
"""Seconds between two looks: a caller is to hear within three that the line is busy."""
_JITTER = 0.3
_SHORTEST_PAUSE = 0.05


class RoomWatch:
    """The watch of one worker.

    Args:
        rooms: LiveKit's.
        host: what it has from the worker.
        busy_line: who asks callers to wait.
    """

    def __init__(self, rooms: LiveKitRooms, host: Host, busy_line: BusyLine) -> None:
        self._sight = Sight(rooms, seconds=host.seconds, places=host.admission.places)
        self._visits = Visits(rooms, host, busy_line, self._sight, spawn=self._visit)
        self._visiting: set[asyncio.Task[None]] = set()
        self._knocking: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None
        self._nudged = asyncio.Event()
        self._is_closed = False

    def look(self) -> None:
        """Look now; the first time is the beginning of the watch."""
        self._sight.wake()
        self._nudged.set()
        if self._watching is None and not self._is_closed:
            self._watching = asyncio.create_task(self._watch())

    def act(self) -> None:
        """Go to those whose time has come, as far as there are places; ask the others to wait."""
        if not self._is_closed:
            self._visits.act()

    def parted(self, room: str) -> None:
        """A call of this worker's has ended as it should, in the room of this sid."""
        self._sight.lonely.parted(room, now=time.monotonic())

    async def aclose(self) -> None:
        """Look no more; who is being gone to is gone to, and who has been asked to wait is left to others."""
        self._is_closed = True
        looking = [task for task in (self._watching, *self._knocking) if task]
        for task in looking:
            task.cancel()
        await self._visits.aclose()
        await asyncio.gather(*looking, *self._visiting, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            self._nudged.clear()
            pause = _PAUSES[self._visits.door] * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  no secret
            try:
                await self._sight.look(pause, but=self._visits.rooms)
                self.act()
                for room, agent in self._sight.doors(pause, but=self._visits.rooms):
                    self._begin(self._knock(room, agent), among=self._knocking)
            except Exception:  # a bug must not end the watch
                logger.exception("the room watch broke")
            await self._rest(pause)

    async def _knock(self, room: Listed, agent: Occupant) -> None:
        if await self._sight.knock(room, agent):
            self.act()

    async def _rest(self, pause: float) -> None:
        """Until the next look is due, or somebody is to be gone to, or something has happened."""
        waiting = asyncio.ensure_future(self._nudged.wait())
        seconds = max(_SHORTEST_PAUSE, min(pause, self._visits.next_due - time.monotonic()))
        try:
            await asyncio.wait([waiting], timeout=round(seconds, 3))
        finally:
            waiting.cancel()

    def _visit(self, work: Coroutine[None, None, None]) -> None:
        self._begin(work, among=self._visiting)

    @staticmethod
    def _begin(work: Coroutine[None, None, None], *, among: set[asyncio.Task[None]]) -> None:
        task = asyncio.create_task(work)
        among.add(task)
        task.add_done_callback(among.discard)
