"""Can alerts be sent where they are to go, and were the last ones delivered? Nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from granny.config.settings import Settings
from granny.faults import ALERT_ADDRESS_UNUSABLE, ALERTS_UNDELIVERED, Finding
from granny.net.answer import Answer, Unasked
from granny.net.letters import Letter, Outcome, send
from granny.store.glance import undelivered

_VARIABLE = "GRANNY_ALERTS"
_SECONDS = 8.0
"""Shorter than a probe may take: a machine on which it takes longer is slow, and nothing is wrong with alerts."""


async def ask(settings: Settings) -> Answer | Unasked:
    """Have each address looked at by Apprise, which contacts nobody for it."""
    try:
        outcomes = await asyncio.wait_for(send([Letter(one) for one in settings.alert_addresses]), _SECONDS)
    except asyncio.TimeoutError:
        return Unasked("not looked at: it took too long")
    waiting = await asyncio.to_thread(undelivered, settings)
    services = ", ".join(outcome.service for outcome in outcomes if outcome.service) or "nobody"
    return Answer(f"sent to {services}", (*_unusable(outcomes), *_undelivered(waiting)))


def _unusable(outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    """Each by its place alone: what does not look like an address may be the secret itself."""
    for number, outcome in enumerate(outcomes, start=1):
        if not outcome.is_usable:
            evidence = f"Address {number} of {len(outcomes)}."
            yield ALERT_ADDRESS_UNUSABLE.found(evidence, variable=_VARIABLE)


def _undelivered(waiting: int) -> Iterator[Finding]:
    if waiting:
        yield ALERTS_UNDELIVERED.found(f"So many could not be delivered so far: {waiting}.", variable=_VARIABLE)
