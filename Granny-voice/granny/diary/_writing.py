"""Writes calls down beside the calls that go on: none waits for it, and none is lost before there are very many."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING

from prometheus_client import Counter

from granny.call.ending import CallEnded
from granny.call.reports import Danger
from granny.config.settings import Settings
from granny.diary._entry import entry_of
from granny.faults import STORE_UNAVAILABLE
from granny.store.clerk import Clerk
from granny.store.rows import CallRow
from granny.store.trouble import StoreError, kind_of, unavailable
from granny.worker.hooks import Hooks

if TYPE_CHECKING:
    from granny.store.store import Store

logger = logging.getLogger("granny.diary")

MOST = 1000
"""So many calls are kept in memory while the store is away, some 1 MB; of more the oldest are lost."""
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0

LOST = Counter("granny_diary_lost_calls", "Calls that are not in the diary, because its database was away too long.")


class Writing:
    """What is to be written down, in order; all of it happens in the worker's event loop but the writing."""

    def __init__(self, hooks: Hooks, settings: Settings) -> None:
        self._hooks = hooks
        self._settings = settings
        self._clerk = Clerk(settings)
        self._waiting: deque[CallRow] = deque()
        self._dangers: dict[str, list[str]] = {}
        self._idle, self._ends = asyncio.Event(), asyncio.Event()
        self._idle.set()

    def mark(self, danger: Danger) -> None:
        """Danger was named in a call that goes on, by who has agreed that it is told."""
        self._dangers.setdefault(danger.job_id, []).append(danger.kind)

    async def take_down(self, ended: CallEnded) -> None:
        """Write a call down; where that cannot be done now, it is tried until it can."""
        row = entry_of(ended, self._settings, serious=self._dangers.pop(ended.job_id, ()))
        if row is None:
            return
        if len(self._waiting) == MOST:
            self._lose(self._waiting[1])  # the first is being tried
        self._waiting.append(row)
        if self._idle.is_set():
            self._idle.clear()
            try:
                await self._write()
            finally:
                self._idle.set()
                if self._ends.is_set():  # it has taken too long, and is stopped
                    self._lose(*self._waiting)

    async def finish(self, _: None = None) -> None:
        """The worker ends: what could not be written so far is tried once more."""
        self._ends.set()
        await self._idle.wait()
        await self._clerk.aclose()

    async def _write(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while self._waiting:
            is_last_try = self._ends.is_set()
            row = self._waiting[0]
            trouble = await self._try(row)
            if trouble is None:
                self._waiting.popleft()
                pause = FIRST_PAUSE_SECONDS
            elif not trouble.may_pass or is_last_try:
                self._lose(row)
            else:
                await self._wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _try(self, row: CallRow) -> StoreError | None:
        try:
            await self._clerk(functools.partial(_put_down, row=row, days=self._settings.diary_days))
        except StoreError as error:
            self._hooks.warn(STORE_UNAVAILABLE)
            return error
        except Exception as error:  # noqa: BLE001  it must not stand in the way of what comes after it
            logger.error("the diary failed", extra={"error": type(error).__name__})
            return unavailable(kind_of(error), may_pass=False)
        self._hooks.clear(STORE_UNAVAILABLE)
        return None

    def _lose(self, *rows: CallRow) -> None:
        for row in rows:
            self._waiting.remove(row)
            LOST.inc()
            logger.error("a call is not in the diary", extra={"job_id": row.job})

    async def _wait(self, seconds: float) -> None:
        """For so long, or until the worker ends."""
        try:
            await asyncio.wait_for(self._ends.wait(), seconds)
        except asyncio.TimeoutError:
            return


def _put_down(store: Store, *, row: CallRow, days: int) -> None:
    """With it goes what has become too old."""
    with store.at_once():
        store.calls.add(row)
        store.calls.prune(row.started - timedelta(days=days))
