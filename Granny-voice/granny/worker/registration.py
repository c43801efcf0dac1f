"""How a worker comes back to LiveKit: for as long as it runs, with pauses of its own, and with few words.

LiveKit is the only way by which calls come, so a worker without it is of no use, and one that has ended is of less: its
running calls go on, LiveKit comes back some time, and nobody else would start a worker again on every machine at once.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable

from granny.faults import Severity
from granny.preflight.report import Outcome

logger = logging.getLogger("granny.registration")

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
"""Short, for whoever calls meanwhile waits; a LiveKit server that starts bears a hundred workers in that time."""
_STEADY_SECONDS = 30.0
"""A connection that ends sooner has proved nothing, and the pauses grow on."""

Ask = Callable[[], Awaitable[Outcome]]


class Registration:
    """What is known of the way to LiveKit, and when it is tried again.

    Each pause is of any length up to a bound that doubles, so that workers that lost LiveKit in one instant do not come
    back in one. What keeps LiveKit away is asked of it when a try fails in a way in which the last one did not, and
    logged when it is another fault than before.

    Args:
        ask: the check-up's LiveKit probe, once.
        turned: LiveKit knows the worker from now on (True), or no longer.
    """

    def __init__(self, ask: Ask, *, turned: Callable[[bool], None]) -> None:
        self._ask = ask
        self._turned = turned
        self._longest = FIRST_PAUSE_SECONDS
        self._gone_at: float | None = None
        self._found_at: float | None = None
        self._failed_as: tuple[object, ...] = ()
        self._said: set[str | None] = set()
        self._fault: str | None = None

    @property
    def fault(self) -> str | None:
        """The slug of what keeps LiveKit away; None if it is there, or nobody knows."""
        return self._fault

    async def lost(self, error: BaseException) -> None:
        """A connection has ended, or did not come about; returns when it is time for the next."""
        if self._gone_at is None:
            if self._is_known:
                self._turned(False)  # noqa: FBT003  the two sides of one thing
            self._begin()
        await asyncio.sleep(random.uniform(0, self._longest))  # noqa: S311  no secret depends on it
        self._longest = min(2 * self._longest, LONGEST_PAUSE_SECONDS)
        if _kind(error) != self._failed_as:  # asked after the pause: a hundred workers do not ask in one instant
            self._failed_as = _kind(error)
            self._say(await self._ask(), error)

    def found(self) -> None:
        """LiveKit knows the worker."""
        was_known = self._is_known
        self._found_at = time.monotonic()
        if self._gone_at is not None:
            away = round(self._found_at - self._gone_at, 1)
            logger.warning("LiveKit is back", extra={"away_seconds": away})
        self._gone_at = self._fault = None
        if not was_known:
            self._turned(True)  # noqa: FBT003  as above

    @property
    def _is_known(self) -> bool:
        return self._found_at is not None and self._gone_at is None

    def _begin(self) -> None:
        self._gone_at = time.monotonic()
        self._failed_as = ()
        self._said.clear()
        if self._found_at is not None and self._gone_at - self._found_at > _STEADY_SECONDS:
            self._longest = FIRST_PAUSE_SECONDS

    def _say(self, outcome: Outcome, error: BaseException) -> None:
        """Name what keeps LiveKit away, once each; the first time in any case, for then it has gone."""
        seen = next((one for one in outcome.findings if one.severity is not Severity.WARNING), None)
        self._fault = seen.fault.slug if seen else None
        if self._fault in self._said or (self._said and seen is None):  # well again by now: the next try will show it
            return
        message = "LiveKit is still away" if self._said else "LiveKit has gone; it is tried until it is back"
        evidence = seen.evidence if seen else f"{type(error).__name__}; asked again, {outcome.detail}"
        logger.warning(message, extra={"fault": self._fault, "evidence": evidence})
        self._said.add(self._fault)


def _kind(error: BaseException) -> tuple[object, ...]:
    """What two failures have in common that need not both be asked after."""
    return type(error), getattr(error, "status", None), getattr(error, "errno", None)
