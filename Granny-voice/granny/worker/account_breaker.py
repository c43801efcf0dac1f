"""Whether this worker takes calls: not while OpenAI refuses the account; it asks again until all is well.

A call that failed raises an alarm, and OpenAI is asked at once. Only what the worker's own question confirms shuts the
door: a call that fails of something peculiar to it costs nobody else theirs.

| known | alarm: account | alarm: passing | answer: account | answer: passing | answer: well |
| --- | --- | --- | --- | --- | --- |
| well | suspected | passing | shut | passing | well |
| passing | suspected | passing | shut | passing | well |
| suspected (open) | suspected | suspected | shut | suspected | well |
| shut | shut | shut | shut | shut | well |

An answer "well" to a question that was asked before the last alarm changes nothing: it is older than the fault.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from granny.faults import CATALOGUE, Severity
from granny.preflight.report import Crashed, Outcome

logger = logging.getLogger("granny.account_breaker")
_SHUT = "taking no calls until OpenAI accepts the account again"

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


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of OpenAI.

    Attributes:
        fault: the slug of what it was last seen to fail of; None if it was last seen well.
        is_shut: whether a question of our own has confirmed an account fault.
        alarms: how many calls have failed of OpenAI so far.
        was_well: whether it has been well since the worker began.
    """

    fault: str | None = None
    is_shut: bool = False
    alarms: int = 0
    was_well: bool = True

    def after_alarm(self, fault: str) -> Known:
        """A call failed of it."""
        return replace(self, fault=self.fault if self._outweighs(fault) else fault, alarms=self.alarms + 1)

    def after_fault(self, fault: str) -> Known:
        """OpenAI, asked, fails of it."""
        if is_account_fault(fault):
            return replace(self, fault=fault, is_shut=True)
        return self if self._outweighs(fault) else replace(self, fault=fault)

    def after_well(self, *, alarms: int) -> Known:
        """OpenAI is well, says the answer to a question that was asked after so many alarms."""
        return self if alarms < self.alarms else Known(alarms=self.alarms)

    def _outweighs(self, fault: str) -> bool:
        """An account fault is not forgotten for a passing one, nor a confirmed one for a call's."""
        return self.is_shut or (self.fault is not None and is_account_fault(self.fault) > is_account_fault(fault))


class AccountBreaker:
    """The door: shut while an account fault is confirmed, and asked after until OpenAI is well.

    The first question follows an alarm at once; the pauses between the others double up to a minute, each shortened
    at random so that many workers do not ask in step, and are short again once OpenAI is well.

    Args:
        ask: the probes, once; without any finding that blocks, OpenAI is well. Where nothing may be asked, the next
            call is the proof.
        turned: called when the door has just been shut, or opened again.
    """

    def __init__(self, ask: Ask, *, turned: Callable[[], Awaitable[None]]) -> None:
        self._known = Known()
        self._ask = ask
        self._turned = turned
        self._asking: asyncio.Task[None] | None = None

    @property
    def fault(self) -> str | None:
        """The slug of what OpenAI was last seen to fail of; None if it was last seen well."""
        return self._known.fault

    @property
    def is_open(self) -> bool:
        """Whether calls are taken."""
        return not self._known.is_shut

    @property
    def was_well(self) -> bool:
        """Whether OpenAI has been well since the worker began: it may have begun with the door shut."""
        return self._known.was_well

    def failed(self, fault: str) -> None:
        """A call ends by this fault, or is about to."""
        if not is_openai_fault(fault):
            return
        self._known = self._known.after_alarm(fault)
        self._begin_to_ask()

    def shut(self, fault: str) -> None:
        """The check-up has found OpenAI to fail of this: begin with the door shut, and ask until all is well."""
        self._known = Known(fault=fault, is_shut=True, was_well=False)
        logger.error(_SHUT, extra={"fault": fault})
        self._begin_to_ask()

    async def aclose(self) -> None:
        """Ask no more."""
        if self._asking:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    def _begin_to_ask(self) -> None:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._ask_until_well())

    async def _ask_until_well(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            alarms = self._known.alarms
            await self._learn(self._weighed(await self._ask(), alarms=alarms))
            if self._known.fault is None:
                return
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  no secret depends on it
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _weighed(self, outcomes: tuple[Outcome, ...], *, alarms: int) -> Known:
        """What is known after these answers to a question that was asked after so many alarms."""
        findings = [finding for outcome in outcomes for finding in outcome.findings]
        faults = [finding.fault.slug for finding in findings if finding.severity in _BLOCKING]
        if faults:
            return self._known.after_fault(faults[0])
        if any(isinstance(outcome, Crashed) for outcome in outcomes):  # a probe that broke proves nothing
            return self._known
        return self._known.after_well(alarms=alarms)

    async def _learn(self, known: Known) -> None:
        before, self._known = self._known, known
        if known.is_shut != before.is_shut:
            await self._turned()
        if known.is_shut and not before.is_shut:
            logger.error(_SHUT, extra={"fault": known.fault})
        if before.is_shut and not known.is_shut:
            logger.warning("taking calls again", extra={"after": before.fault})
