"""How she is now, as her own health page has it: the worker's, on this machine or wherever its address is."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp

from granny.config.settings import Settings
from granny.faults import CATALOGUE, LIVEKIT_UNREACHABLE
from granny.page.family._overview import Now, State

_SECONDS = 2.0
_STATES: Mapping[str, State] = {
    "ok": State.WELL,
    "full": State.BUSY,
    "starting": State.STARTING,
    "stopping": State.STOPPING,
    "fault": State.FAULT,
    "apologising": State.FAULT,
    "unregistered": State.FAULT,
}
"""The health page's words; they are a contract."""
_UNREGISTERED = "unregistered"


async def ask_worker(settings: Settings) -> Now:
    """Ask it; whatever answers in its place is not believed more than its words."""
    if not settings.health_port:  # any free one, which nobody here can know
        return Now(State.UNREACHABLE)
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as client, client.get(settings.health_address) as answer:
            told = await answer.json()
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return Now(State.UNREACHABLE)
    return now_of(told if isinstance(told, dict) else {})


def now_of(told: Mapping[str, object]) -> Now:
    """What the health page tells, as the family's page has it."""
    status, fault = (str(told.get(name)) for name in ("status", "fault"))
    if status not in _STATES:
        return Now(State.UNREACHABLE)
    unnamed = LIVEKIT_UNREACHABLE.slug if status == _UNREGISTERED else None
    return Now(_STATES[status], fault if fault in CATALOGUE else unnamed)
