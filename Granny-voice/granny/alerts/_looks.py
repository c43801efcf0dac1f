"""What a look has to tell: who has not called for long, a certificate that ends soon, a budget that is spent."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from granny import faults
from granny.alerts._ledger import PREFIX
from granny.alerts._news import News, Topic
from granny.alerts._rules import morning
from granny.config.paths import HOME, PEOPLE_FOLDER
from granny.config.settings import Settings
from granny.net.http import trust
from granny.net.route import way_of
from granny.people import People
from granny.store.clerk import Clerk
from granny.store.rows import Urgency
from granny.store.spending import spending
from granny.store.trouble import StoreError

if TYPE_CHECKING:
    from granny.store.store import Store

_BEFORE = timedelta(minutes=10)
"""So long before quiet ends it is looked: what is found is told with what could wait."""
_BUDGET = timedelta(minutes=10)
_ENDS_SOON = timedelta(days=10)
_SECONDS = 5.0
_SCHEMES = ("https", "wss")
_SPENT = "budget-spent"
"""What is said where no new calls are taken for it."""
_LOOKED = f"{PREFIX}look"


class Looks:
    """When one worker looks, and what it sees; of several one looks in a morning."""

    def __init__(self, settings: Settings, ask: Clerk, now: datetime) -> None:
        self._settings = settings
        self._ask = ask
        self._zone = ZoneInfo(settings.timezone) if settings.timezone else None
        self._next = self._before_morning(now)
        self._budget_at = now + _BUDGET

    async def at(self, now: datetime) -> Sequence[News]:
        """What there is to tell now; nothing at most times."""
        seen: list[News] = []
        with contextlib.suppress(StoreError):  # the desk tells it
            if self._settings.monthly_budget and now >= self._budget_at:
                self._budget_at = now + _BUDGET
                seen += await self._ask(functools.partial(self.budget, now=now))
            if now >= self._next:
                self._next = self._before_morning(now)
                if await self._ask(functools.partial(_is_first, now=now)):
                    seen += await self._ask(functools.partial(self.missed, now=now))
                    seen += await asyncio.to_thread(self.certificates, now)
        return seen

    def missed(self, store: Store, now: datetime) -> list[News]:
        """Who has called before, and not for as many days as is allowed; each silence is told once."""
        people = People.read(HOME / PEOPLE_FOLDER)
        found = (self._missed(store, person, people, now) for person in ("", *people.known))
        return [news for news in found if news and store.told.find(f"{PREFIX}{news.key}") is None]

    def budget(self, store: Store, now: datetime) -> list[News]:
        """What the calls of this month cost, if that is most of what they may, or all; each is told once in a month."""
        spent = spending(store.calls, self._settings, now)
        if not spent.is_nearly_spent:
            return []
        slug, urgency = faults.BUDGET_NEARLY_SPENT.slug, Urgency.DIGEST
        if spent.is_spent:
            is_refused = self._settings.over_budget == "refuse"
            slug, urgency = _SPENT if is_refused else faults.BUDGET_REACHED.slug, Urgency.URGENT
        news = _rest(slug, now.astimezone(self._zone).strftime("%Y-%m"), now, urgency)
        return [] if store.told.find(f"{PREFIX}{news.key}") else [news]

    def certificates(self, now: datetime) -> list[News]:
        """Those of her page and of LiveKit that end within days; who cannot be asked is another's concern."""
        addresses = map(urlsplit, filter(None, (self._settings.page_url, self._settings.livekit_url)))
        hosts = dict.fromkeys((one.hostname, one.port or 443) for one in addresses if one.scheme in _SCHEMES)
        return [
            _rest(faults.CERTIFICATE_ENDING.slug, host, now, Urgency.DIGEST)
            for host, port in hosts
            if host
            and (end := self._end_of_certificate(host, port))
            and end - now.timestamp() < _ENDS_SOON.total_seconds()
        ]

    def _missed(self, store: Store, person: str, people: People, now: datetime) -> News | None:
        days = people.settings_for(person or None, self._settings).alert_no_call_days
        last = store.calls.last_of(person) if days else None
        if last is None or now - last < timedelta(days=days):
            return None
        return News(
            topic=Topic.PERSON,
            slug=faults.NO_CALL.slug,
            urgency=Urgency.DIGEST,
            at=now,
            person=person,
            about=last.astimezone(self._zone).date().isoformat(),
        )

    def _end_of_certificate(self, host: str, port: int) -> float | None:
        """In seconds since 1970."""
        with contextlib.suppress(OSError, ValueError):
            context = trust(way_of(self._settings))
            with (
                socket.create_connection((host, port), timeout=_SECONDS) as plain,
                context.wrap_socket(plain, server_hostname=host) as encrypted,
            ):
                return ssl.cert_time_to_seconds(str((encrypted.getpeercert() or {})["notAfter"]))
        return None

    def _before_morning(self, now: datetime) -> datetime:
        return morning(now + _BEFORE, self._settings.alert_quiet_hours, self._zone) - _BEFORE


def _is_first(store: Store, now: datetime) -> bool:
    return store.told.note_unless(_LOOKED, now, noted_since=now - timedelta(hours=12))


def _rest(slug: str, about: str, now: datetime, urgency: Urgency) -> News:
    return News(topic=Topic.REST, slug=slug, urgency=urgency, at=now, about=about)
