"""A sign of life every five minutes, to a service that tells when none comes: only that notices a dead machine.

In the form of healthchecks.io: the address itself says that all is well, `/start` that she begins, `/fail` that she
takes no calls.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from granny.config.settings import Settings
from granny.net.http import TROUBLES, get, open_session
from granny.net.route import way_of

SECONDS = 300.0
TRIES = 3
_PAUSE_SECONDS = 5.0
_ANSWER_SECONDS = 10.0


class Heartbeat:
    """One worker's.

    Args:
        settings: where it goes, and the way there.
        heard: told after each sign whether the service has taken it.
    """

    def __init__(self, settings: Settings, heard: Callable[[bool], None]) -> None:
        self._settings = settings
        self._heard = heard
        self._is_registered = False
        self._fault: str | None = None
        self._changed = asyncio.Event()

    def on_registered(self, is_registered: bool) -> None:  # noqa: FBT001  as the hooks tell it
        """LiveKit knows her, or no longer; that it has gone is told with the next sign: it may be back by then."""
        if is_registered and not self._is_registered:
            self._changed.set()
        self._is_registered = is_registered

    def on_account(self, fault: str | None) -> None:
        """No calls are taken for this fault, or they are again; told at once."""
        self._fault = fault
        self._changed.set()

    async def run(self) -> None:
        """Give signs for as long as the worker runs."""
        await said(self._settings, "/start")  # not every service has a use for it
        while True:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._changed.wait(), SECONDS)
            self._changed.clear()
            await self._say("" if self._is_registered and not self._fault else "/fail")

    async def _say(self, what: str) -> None:
        is_heard = await said(self._settings, what)
        for _ in range(TRIES - 1):
            if not is_heard:
                await asyncio.sleep(_PAUSE_SECONDS)
                is_heard = await said(self._settings, what)
        self._heard(is_heard)


async def said(settings: Settings, what: str) -> bool:
    """Say it once; whether the service has taken it."""
    url = _address(settings.heartbeat_url.get_secret_value().strip() if settings.heartbeat_url else "", what)
    try:
        async with open_session(url, way_of(settings)) as session:
            reply = await get(session, url, headers={}, seconds=_ANSWER_SECONDS)
    except TROUBLES:
        return False
    return reply.status in range(200, 300)


def _address(url: str, what: str) -> str:
    """The path is longer by it; what stands behind stays."""
    scheme, host, path, query, fragment = urlsplit(url)
    return urlunsplit((scheme, host, path.rstrip("/") + what, query, fragment))
