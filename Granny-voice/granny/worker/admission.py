"""How many calls a worker takes: decided here alone, and by their number alone.

A place is taken from the moment a call is promised one, before its process runs, until that process has ended. The CPU
makes a worker less attractive than another; it never refuses a place that is free, for LiveKit offers a call only once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

FULL_FROM = 0.7
"""The framework's threshold in `start`, and what LiveKit aims at: from this load on it offers no more calls."""
FULL = 1.0
_MOST_ATTRACTIVE_WHEN_BUSY = 0.9


class Admission:
    """The places of a worker.

    Attributes:
        places: GRANNY_MAX_CALLS.

    Args:
        running: the ids of the jobs that have a process, from the launch to the process's end.
    """

    def __init__(self, places: int, *, running: Callable[[], Iterable[str]]) -> None:
        self.places = places
        self._running = running
        self._promised: set[str] = set()
        self._freed = asyncio.Event()

    @property
    def calls(self) -> int:
        """The places that are taken: a call that is launched and not yet settled counts once."""
        return len(self._promised.union(self._running()))

    @property
    def is_full(self) -> bool:
        """Whether the next call must be refused."""
        return self.calls >= self.places

    def load(self, *, cpu: float) -> float:
        """What LiveKit is told, from 0 to 1, at a CPU load from 0 to 1."""
        if self.is_full:
            return FULL
        return FULL_FROM * max(self.calls / self.places, min(cpu, _MOST_ATTRACTIVE_WHEN_BUSY))

    def promise(self, job_id: str) -> bool:
        """Give a call a place, if one is free; `settle` it when it runs, or came to nothing."""
        if self.is_full:
            return False
        self._promised.add(job_id)
        return True

    def keep(self, job_id: str) -> None:
        """Let a call that has just lost its process keep its place, for the one that goes on with it."""
        self._promised.add(job_id)

    def settle(self, job_id: str) -> None:
        """What was promised runs, or came to nothing."""
        self._promised.discard(job_id)
        self.freed()

    def freed(self) -> None:
        """A place may be free; to be called when a process has ended."""
        self._freed.set()

    async def until_empty(self) -> None:
        """Wait until no place is taken."""
        while self.calls:
            self._freed.clear()
            await self._freed.wait()
