"""The room watch: whoever is alone in one of her rooms gets an agent, for whatever reason they are alone.

LiveKit offers a call once, to one of its nodes: full, absent, frozen or gone there, it is offered to nobody else. So
every worker looks, by LiveKit's own API, and goes to whom it finds; what it sees is in `sight`, what it decides
in `lonely_rooms` and `knocks`, and what it does in `visits`.

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

In LiveKit Cloud, where a project may ask a thousand times a minute, every worker looks four times more seldom and does
not knock: some 20 requests a minute. Where LiveKit answers that it is asked too often, it is asked ever less.

After everybody who is alone each worker that has found them asks once a look: 60 times a minute, and 90 times while it
is full or shut. After whom a busy line holds all workers together ask about so often. LiveKit's list of rooms has some
300 bytes for each.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Coroutine

from granny.rooms.asking import LiveKitRooms
from granny.rooms.occupants import Occupant
from granny.worker.lonely_rooms import Door, Listed
from granny.worker.meeting import Host
from granny.worker.sight import Sight
from granny.worker.visits import BusyLine, Visits

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
