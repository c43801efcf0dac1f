"""Whether this worker takes calls: not while OpenAI refuses the account; it asks again until all is well."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from granny.call_record import ENDED_WELL
from granny.faults import CATALOGUE, Severity
from granny.report import Crashed, Outcome

logger = logging.getLogger("granny.intake")

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
_BLOCKING = (Severity.FATAL, Severity.TRANSIENT)

Ask = Callable[[], Awaitable[tuple[Outcome, ...]]]


def is_openai_fault(slug: str) -> bool:
    """Whether it is OpenAI that a call has failed of."""
    return slug.startswith("openai-") and slug in CATALOGUE


def is_account_fault(slug: str) -> bool:
    """Whether the next call would fail of it too: a rejected key, no credit, a model that is not there."""
    return is_openai_fault(slug) and CATALOGUE[slug].severity is Severity.FATAL


class Intake:
    """The door: closed from the first call that met an account fault until the probes pass again.

    A passing fault leaves the door open, but is asked after in the same way, so that the health page does not
    tell yesterday's weather. The pauses between questions double up to a minute, each shortened at random so
    that many workers do not ask in step; a call that ended well makes the next pause short again.

    Args:
        ask: the probes, once; without any finding that blocks, OpenAI is well.
        reopened: called when the door has just been opened again.

    Attributes:
        fault: the slug of what OpenAI was last seen to fail of; None if it was last seen well.
    """

    def __init__(self, ask: Ask, *, reopened: Callable[[], Awaitable[None]]) -> None:
        self.fault: str | None = None
        self._ask = ask
        self._reopened = reopened
        self._pause = FIRST_PAUSE_SECONDS
        self._asking: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls are taken."""
        return self.fault is None or not is_account_fault(self.fault)

    def saw(self, outcome: str) -> None:
        """A call ended so, or is about to."""
        if outcome == ENDED_WELL:
            self._pause = FIRST_PAUSE_SECONDS
        elif is_openai_fault(outcome):
            self._worsen(outcome)
            if self._asking is None or self._asking.done():
                self._asking = asyncio.get_running_loop().create_task(self._ask_until_well())

    async def aclose(self) -> None:
        """Ask no more."""
        if self._asking:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask_until_well(self) -> None:
        while self.fault:
            await asyncio.sleep(self._pause * random.uniform(0.5, 1.0))  # noqa: S311  no secret depends on it
            self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
            await self._weigh(await self._ask())

    async def _weigh(self, outcomes: tuple[Outcome, ...]) -> None:
        findings = [finding for outcome in outcomes for finding in outcome.findings]
        faults = [finding.fault.slug for finding in findings if finding.severity in _BLOCKING]
        if faults:
            self._worsen(faults[0])
        elif not any(isinstance(outcome, Crashed) for outcome in outcomes):  # a probe that broke proves nothing
            await self._recover()

    def _worsen(self, fault: str) -> None:
        """Take note of a fault; an account fault is not forgotten for a passing one."""
        was_open = self.is_open
        if was_open or is_account_fault(fault):
            self.fault = fault
        if was_open and not self.is_open:
            logger.error("taking no calls until OpenAI accepts the account again", extra={"fault": fault})

    async def _recover(self) -> None:
        was_open, fault, self.fault = self.is_open, self.fault, None
        if not was_open:
            await self._reopened()
            logger.warning("taking calls again", extra={"after": fault})
