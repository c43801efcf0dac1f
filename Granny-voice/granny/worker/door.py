"""Who is let in: a call is taken, left to another worker, or answered only to be told why there is none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from livekit.agents import JobRequest

from granny.call.refused import REFUSED
from granny.call.room_doors import is_simulation
from granny.config.settings import Settings
from granny.rooms.occupants import AGENT, CALL
from granny.worker.account_breaker import AccountBreaker
from granny.worker.admission import FULL, Admission
from granny.worker.budget import Budget, store_of
from granny.worker.health import Health, Status

logger = logging.getLogger("granny.worker")


class Door:
    """Open while the account is well and a place is free.

    Args:
        settings: how many places there are, and what calls may cost.
        breaker: whether the account is well.
        running: the ids of the jobs that run now.
        refused: a caller has been left to another worker.
    """

    def __init__(
        self,
        settings: Settings,
        breaker: AccountBreaker,
        *,
        running: Callable[[], Iterable[str]],
        refused: Callable[[], None],
    ) -> None:
        self.breaker = breaker
        self.budget = Budget(store_of(settings))
        self.admission = Admission(settings.max_calls, running=running)
        self._refused = refused
        self._coming: dict[str, str] = {}

    @property
    def rooms(self) -> Iterable[str]:
        """The sids of the rooms to which jobs are on their way."""
        return self._coming.values()

    @property
    def mark(self) -> dict[str, str]:
        """Of the job of a new call that is answered only to tell why there is none."""
        return {REFUSED: fault} if (fault := self.budget.fault) else {}

    @property
    def health(self) -> Health:
        """Whether a call would be let in now."""
        if self.breaker.fault:
            status = Status.FAULT if self.breaker.was_well else Status.APOLOGISING
            return Health(status, self.breaker.fault)
        if self.budget.fault:
            return Health(Status.FAULT, self.budget.fault)
        return Health(Status.FULL if self.admission.is_full else Status.OK)

    def load(self, *, cpu: float) -> float:
        """As `Admission` and the breaker have it."""
        return self.admission.load(cpu=cpu) if self.breaker.is_open else FULL

    async def answer(self, request: JobRequest) -> None:
        """Take a call, or leave it to another worker; the framework waits for this before it ends a drain."""
        if is_simulation(request.job):
            logger.warning("simulated call refused", extra={"job_id": request.id})
            await request.reject()
        elif self.breaker.is_open and self.admission.promise(request.id):
            await self._accept(request)
        else:
            reason = self.breaker.fault or Status.FULL.value
            logger.warning("call refused", extra={"job_id": request.id, "reason": reason})
            await request.reject(terminate=False)  # another worker may take it
            self._refused()

    async def _accept(self, request: JobRequest) -> None:
        """Take a call; it runs when this returns."""
        self._coming[request.id] = request.room.sid
        try:
            await request.accept(attributes={AGENT: CALL, **self.mark})
        finally:
            del self._coming[request.id]
            self.admission.settle(request.id)

    async def aclose(self) -> None:
        """Nothing is asked any more, of OpenAI or of the store."""
        await asyncio.gather(self.breaker.aclose(), self.budget.aclose())
