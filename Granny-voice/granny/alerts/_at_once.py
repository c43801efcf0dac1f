"""Tells, from a process that is about to end, what no worker can: that none starts, or that nobody was reached."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timezone

from granny.alerts import _events
from granny.alerts._desk import Desk
from granny.alerts._heartbeat import said
from granny.alerts._news import News
from granny.config.settings import Settings, load_what_can_be
from granny.net.letters import send
from granny.store.clerk import Clerk
from granny.worker.hooks import Refusal

_SECONDS = 25.0
"""The longest that the end of the process waits for it; what was not sent by then the next start sends."""

logger = logging.getLogger("granny.alerts")


async def tell_refusal(refusal: Refusal) -> None:
    """That she does not start, with the gravest finding; known by whatever of the settings can be read."""
    settings = load_what_can_be(refusal.files)
    if settings is None or not refusal.findings:
        return
    if settings.heartbeat_url:
        await said(settings, "/fail")
    await tell_at_once([_events.of_start(refusal.findings[0], _now())], settings)


async def tell_not_reached(person: str, settings: Settings, why: str) -> None:
    """That somebody was rung in vain, or could not be rung."""
    await tell_at_once([_events.of_person_not_reached(person, _now(), why)], settings)


async def tell_at_once(news: Sequence[News], settings: Settings) -> None:
    """Write it down, and send what is due; both within some seconds."""
    if not settings.alerts:
        return
    clerk = Clerk(settings)
    desk = Desk(settings, clerk, send)
    for one in news:
        desk.take(one)
    try:
        await asyncio.wait_for(desk.step(_now()), _SECONDS)
    except asyncio.TimeoutError:
        logger.error("alert not sent in time")
    await clerk.aclose()


def _now() -> datetime:
    return datetime.now(timezone.utc)
