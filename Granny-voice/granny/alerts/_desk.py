"""Takes what there is to tell, has it written down and sent, and says so where that does not succeed.

It runs in the worker's event loop beside the calls: the store is asked in a thread, and letters are sent by a process
of their own. What comes often is counted, and looked at once a minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from granny.alerts._aside import MOST, Aside, Shelf
from granny.alerts._figures import ALERTS
from granny.alerts._ledger import Ledger
from granny.alerts._news import Course, News
from granny.alerts._round import Round, Waiting
from granny.config.settings import Settings
from granny.net.letters import AT_ONCE, Send
from granny.store.trouble import StoreError

logger = logging.getLogger("granny.alerts")

LOOK_SECONDS = 60.0
_LEAST_SECONDS = 1.0
_MOST_KINDS = 500
_AWAY = timedelta(seconds=10)
"""So long a store that was away is not asked again."""

T = TypeVar("T")
Key = tuple[str, Course]


class Ask(Protocol):
    """Does a piece of work with the store, in the one thread that may."""

    async def __call__(self, work: Callable[[Shelf], T]) -> T:
        """What the work returns.

        Raises:
            StoreError: the store is away.
        """


def nothing_else() -> Sequence[str]:
    """Nothing else is wrong."""
    return ()


def always() -> bool:
    """Whether something waits is not known before the store is asked."""
    return True


class Desk:
    """One worker's desk; all but `take` is done in `step`, which `run` repeats.

    Attributes:
        is_away: whether the store was, when it was last asked.
        is_undelivered: whether there are alerts that could not be delivered.
    """

    def __init__(
        self,
        settings: Settings,
        ask: Ask,
        send: Send,
        *,
        besides: Callable[[], Sequence[str]] = nothing_else,
        may_wait: Callable[[], bool] = always,
    ) -> None:
        """A desk on which nothing lies.

        Args:
            settings: the addresses, the hours and the language.
            ask: does a piece of work with the store.
            send: sends letters.
            besides: the slugs of what else is wrong, to be told with the next alert.
            may_wait: whether the store may hold something of an earlier worker's; asked, in a thread, before the store
                is, so that who has nothing to tell does not need it.
        """
        self.is_away = self.is_undelivered = False
        self._settings = settings
        self._zone = ZoneInfo(settings.timezone) if settings.timezone else None
        self._ask, self._send, self._besides, self._may_wait = ask, send, besides, may_wait
        self._aside = Aside()
        self._ledger = Ledger(settings, self._aside)
        self._news: dict[Key, News] = {}
        self._lasting: dict[Key, News] = {}
        self._known: set[Key] = set()
        self._woken = asyncio.Event()
        self._is_open = False
        self._day: date | None = None
        self._ask_again_at: datetime | None = None

    def take(self, news: News) -> None:
        """There is this to tell; never waits. What comes again within a minute is only counted until that is over."""
        key = (news.key, news.course)
        if news.course is Course.LASTS:
            self._lasting[key] = news
            self._news.pop((news.key, Course.OVER), None)  # it was over while letters went, and is so no more
        elif news.course is Course.OVER:
            self._lasting.pop((news.key, Course.LASTS), None)
        if before := self._news.get(key):
            self._news[key] = replace(news, count=before.count + news.count)
        elif len(self._news) < _MOST_KINDS:
            self._news[key] = news
        if key not in self._known:
            self._known.add(key)
            self._woken.set()

    async def run(self, step: Callable[[], Awaitable[None]]) -> None:
        """Call this at once when there is something new, and else every minute; it is not to raise."""
        loop = asyncio.get_running_loop()
        while True:
            self._known.clear()
            look_at = loop.time() + LOOK_SECONDS
            while (left := look_at - loop.time()) > 0:
                self._woken.clear()
                await step()
                await asyncio.sleep(_LEAST_SECONDS)
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), max(0.0, left - _LEAST_SECONDS))

    async def step(self, now: datetime) -> None:
        """Write down what there is to tell, and send what is due."""
        taken, self._news = self._news, {}
        news = [*(self._lasting | taken).values()]
        if not (news or await self.may_hold_something()):
            return
        self._is_open = True
        try:
            lost = await self._write_down(news, now)
        except asyncio.CancelledError:
            self._news = taken | self._news  # the last step, at the worker's end, is still to come
            raise
        waiting = await self._do(lambda shelf: Waiting.seen(shelf, now), now)
        if waiting.is_due:
            sent, given_up = await self._send_some(waiting, now)
            lost += given_up
            waiting = await self._do(lambda shelf: Waiting.seen(shelf, now), now)
            if sent and waiting.is_due:
                self._woken.set()  # the rest at once, after what has come meanwhile
        self.is_undelivered = waiting.is_undelivered
        if lost:
            ALERTS.labels("given up").inc(lost)
            logger.error("alerts given up", extra={"count": lost})

    async def may_hold_something(self) -> bool:
        """Whether the store may: messages, or something that lasts."""
        return self._is_open or await asyncio.to_thread(self._may_wait)

    async def _write_down(self, news: Sequence[News], now: datetime) -> int:
        today = now.astimezone(self._zone).date()
        if not news and self._day == today:
            return 0
        self._day = today
        besides = self._besides()
        return await self._do(lambda shelf: self._ledger.take(shelf, news, now, besides), now)

    async def _send_some(self, waiting: Waiting, now: datetime) -> tuple[int, int]:
        """No more than a worker has time for before another one takes it; how many were tried, and were given up.

        What is urgent goes before the rest, which goes together.
        """
        most = min(waiting.urgent, AT_ONCE) or MOST
        due = await self._do(lambda shelf: shelf.outbox.due(now, most), now)
        going = Round.of(due, self._settings)
        outcomes = await self._send(going.letters)
        return len(due), await self._do(lambda shelf: going.book(shelf, outcomes, now), now)

    async def _do(self, work: Callable[[Shelf], T], now: datetime) -> T:
        """With the store, or in memory while it is away."""
        if self._ask_again_at is None or now >= self._ask_again_at:
            try:
                if not self._aside.is_empty:
                    await self._ask(self._aside.hand_over)
                done = await self._ask(work)
            except StoreError:
                self.is_away, self._ask_again_at = True, now + _AWAY
            else:
                self.is_away, self._ask_again_at = False, None
                return done
        return work(self._aside)
