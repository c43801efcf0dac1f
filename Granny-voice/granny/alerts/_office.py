"""Where a worker's desk stands: it hears of the worker's events, and tells back what is wrong with alerts."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Coroutine
from datetime import datetime, timedelta, timezone
from typing import Any

from granny import faults
from granny.alerts import _events
from granny.alerts._desk import Desk
from granny.alerts._heartbeat import Heartbeat
from granny.alerts._ledger import LASTING
from granny.alerts._looks import Looks
from granny.alerts._news import Topic
from granny.call.ending import CallEnded
from granny.call.reports import Danger
from granny.config.settings import Settings
from granny.faults import Fault, Finding
from granny.net.letters import Letter, send
from granny.store.clerk import Clerk
from granny.store.glance import may_wait
from granny.worker.hooks import Hooks

logger = logging.getLogger("granny.alerts")

_GONE = timedelta(minutes=5)
"""So long LiveKit may be away before that is told: it is restarted now and then."""
_CHECK = timedelta(minutes=1)
"""So long after the start the addresses are looked at, when nobody waits for her any more."""


def _now() -> datetime:
    return datetime.now(timezone.utc)


class Office:
    """All that a worker does for alerts."""

    def __init__(self, hooks: Hooks, settings: Settings) -> None:
        self._hooks = hooks
        self._settings = settings
        self._clerk = Clerk(settings)
        self._desk = Desk(
            settings,
            self._clerk,
            send,
            besides=lambda: hooks.warnings,
            may_wait=functools.partial(may_wait, settings, LASTING),
        )
        self._looks = Looks(settings, self._clerk, _now())
        self._warned: set[str] = set()
        self._working: list[asyncio.Task[None]] = []
        self._well: set[Topic] = set()
        self._account: str | None = None
        self._gone_since: datetime | None = None
        self._check_at = _now() + _CHECK

    def open(self) -> None:
        """Subscribe, and begin."""
        if self._settings.alerts:
            self._hooks.on_account(self._on_account)
            self._hooks.on_registered(self._on_registered)
            self._hooks.on_danger(self._on_danger)
            self._hooks.on_call_ended(self._on_call_ended)
            self._hooks.on_finding(self._on_finding)
            self._begin(self._desk.run(self._step))
        if self._settings.heartbeat_url:
            heartbeat = Heartbeat(self._settings, heard=self._on_heartbeat)
            self._hooks.on_account(heartbeat.on_account)
            self._hooks.on_registered(heartbeat.on_registered)
            self._begin(heartbeat.run())
        self._hooks.on_stop(self._on_stop)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._working.append(asyncio.get_running_loop().create_task(work))

    def _on_account(self, fault: str | None) -> None:
        self._account = fault
        self._desk.take(_events.of_account(fault, _now()))

    def _on_registered(self, is_registered: bool) -> None:  # noqa: FBT001  as the hooks tell it
        self._gone_since = None if is_registered else _now()
        if is_registered:
            self._well |= {Topic.START, Topic.LIVEKIT, Topic.ACCOUNT}

    def _on_danger(self, danger: Danger) -> None:
        self._desk.take(_events.of_danger(danger, _now()))

    def _on_call_ended(self, ended: CallEnded) -> None:
        if news := _events.of_call(ended, self._settings, _now()):
            self._desk.take(news)

    def _on_finding(self, finding: Finding) -> None:
        if news := _events.of_finding(finding, _now()):
            self._desk.take(news)

    def _on_heartbeat(self, is_heard: bool) -> None:  # noqa: FBT001  one word is all that there is to hear
        self._say(faults.HEARTBEAT_UNHEARD, is_wrong=not is_heard)

    async def _on_stop(self, _: None) -> None:
        """What has just come is written down, and sent if there is time; the next worker sends the rest."""
        for work in self._working:
            work.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        if self._settings.alerts:
            await self._step()
            await self._clerk.aclose()

    async def _step(self) -> None:
        try:
            await self._do_what_is_due(_now())
        except Exception as error:  # noqa: BLE001  the calls do not depend on it, and the next minute may
            logger.error("alerts failed", extra={"error": type(error).__name__})
        self._say(faults.ALERTS_UNDELIVERED, is_wrong=self._desk.is_undelivered)
        self._say(faults.STORE_UNAVAILABLE, is_wrong=self._desk.is_away)

    async def _do_what_is_due(self, now: datetime) -> None:
        if self._gone_since and now - self._gone_since >= _GONE:
            self._desk.take(_events.of_livekit(self._gone_since))
        if self._well and await self._desk.may_hold_something():
            for topic in self._well - ({Topic.ACCOUNT} if self._account else set()):
                self._desk.take(_events.over(topic, now))
        self._well.clear()
        for news in await self._looks.at(now):
            self._desk.take(news)
        await self._desk.step(now)
        if now >= self._check_at:
            self._check_at = datetime.max.replace(tzinfo=timezone.utc)
            outcomes = await send([Letter(address) for address in self._settings.alert_addresses])
            self._say(faults.ALERT_ADDRESS_UNUSABLE, is_wrong=not all(one.is_usable for one in outcomes))

    def _say(self, fault: Fault, *, is_wrong: bool) -> None:
        """On the health page and in the figures; another feature's word is left alone."""
        if is_wrong and fault.slug not in self._warned:
            self._warned.add(fault.slug)
            self._hooks.warn(fault)
        elif not is_wrong and fault.slug in self._warned:
            self._warned.remove(fault.slug)
            self._hooks.clear(fault)
