"""The family's page: is she well now, how the last thirty days were, what went wrong, and what it costs.

Drawn here whole, as HTML and SVG, from figures that the store counts: nothing that was said is there to be shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from aiohttp import web

from granny.config.settings import Settings
from granny.page.family._overview import Now as Now
from granny.page.family._overview import Overview, locale_of
from granny.page.family._page import page
from granny.page.family._records import Records
from granny.page.family._well import ask_worker
from granny.page.family._well import now_of as now_of
from granny.people import People
from granny.store.link import Link

HowSheIs = Callable[[], Awaitable[Now]]


class FamilysPage:
    """Answers whoever has a link of the family's.

    Args:
        settings: the installation's.
        people: of whom there may be links.
        how_she_is: asks her; else her health page is asked.
    """

    def __init__(self, settings: Settings, people: People, how_she_is: HowSheIs | None = None) -> None:
        self._settings, self._people = settings, people
        self._records = Records(settings)
        self._how_she_is = how_she_is or (lambda: ask_worker(settings))

    async def answer(self, _: web.BaseRequest, link: Link) -> web.Response:
        """The page as it is now, for whom the link is."""
        zone = ZoneInfo(self._settings.timezone) if self._settings.timezone else None
        moment = datetime.now(timezone.utc).astimezone(zone)
        now, past = await asyncio.gather(self._how_she_is(), self._records.past(link.person, moment))
        own = self._people.settings_for(link.person or None, self._settings)
        called = own.caller_name or link.person.capitalize()
        locale = locale_of(own.language, self._settings.timezone)
        overview = Overview(locale, own.name, called, moment, now, past)
        language = {"Content-Language": locale.language}
        return web.Response(text=page(overview), content_type="text/html", charset="utf-8", headers=language)
