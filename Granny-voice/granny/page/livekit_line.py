"""The line by LiveKit: at the tap the room is made and she is sent for; meanwhile the browser comes with its token."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import aiohttp
from aiohttp import web

from granny.config.settings import Settings
from granny.net.http import open_session
from granny.net.route import way_of
from granny.page._asking import LIVEKIT_UNREACHABLE, TOO_MANY_CALLS, bearer, by_link, door, refusal
from granny.page._crowd import Tally
from granny.page._open_calls import OpenCalls, TooManyCallsError
from granny.page._signalling import Signalling
from granny.page._taken_back import TakenBack
from granny.page.lines import Route, Who
from granny.rooms.access import Access
from granny.rooms.asking import TROUBLES, LiveKitRooms, in_short
from granny.rooms.tokens import Invitation
from granny.store.link import Link

_GOOD_FOR = timedelta(minutes=2)
"""For joining, which comes at once; less than a minute a browser's client would not keep."""
_SIGNALLING = "/lk"

logger = logging.getLogger("granny.page")


@contextlib.asynccontextmanager
async def livekit_line(settings: Settings, who: Who) -> AsyncIterator[LiveKitLine]:
    """The line to the LiveKit server of these settings, for the length of the `async with`.

    Raises:
        ValueError: LiveKit's URL, key or secret is not set.
        OSError: the file or folder named in SSL_CERT_FILE or SSL_CERT_DIR cannot be read.
    """
    access = Access.of(settings)
    async with open_session(access.url, way_of(settings)) as session:
        line = LiveKitLine(settings, who, LiveKitRooms(session, access), session)
        watching = [asyncio.create_task(watch()) for watch in (line.calls.keep_watch, line.taken_back.keep_watch)]
        try:
            yield line
        finally:
            for task in watching:
                task.cancel()


class LiveKitLine:
    """Calls in LiveKit's rooms.

    Attributes:
        name: by which the site knows what to load.
        calls: those that are open.
        taken_back: those that are not to go on.
    """

    name = "livekit"

    def __init__(self, settings: Settings, who: Who, rooms: LiveKitRooms, session: aiohttp.ClientSession) -> None:
        access = Access.of(settings)
        self.calls = OpenCalls(rooms, access.secret)
        self.to_cloud = rooms.is_cloud
        self.taken_back = TakenBack(who, self.calls, rooms)
        self._settings = settings
        self._refused = Tally("too many calls")
        self._url = access.url
        calling = {("POST", "/call"): by_link(who, self._call)}
        signalling = {} if self.to_cloud else Signalling(session, access.url, self.calls).routes(_SIGNALLING)
        self.routes: Mapping[tuple[str, str], Route] = {**calling, **signalling}

    def expect(self, link: Link) -> None:
        """She needs no more than a tap."""

    async def _call(self, request: web.BaseRequest, link: Link) -> web.Response:
        """The room is made and she is sent for; then the browser is told where to come."""
        try:
            invitation = await self.calls.begin(link, lambda: self._invitation(link))
        except TooManyCallsError:
            self._refused.count(link=link.id)
            return refusal(TOO_MANY_CALLS)
        except TROUBLES as error:
            logger.warning("LiveKit makes no room", extra={"error": in_short(error)})
            return refusal(LIVEKIT_UNREACHABLE)
        self.taken_back.mind(invitation.token, bearer(request))
        logger.info("a call begins", extra={"link": link.id, "room": invitation.room})
        return door(request, invitation.token, path=_SIGNALLING, elsewhere=self._url if self.to_cloud else "")

    def _invitation(self, link: Link) -> Invitation:
        return Invitation.write(self._settings, link.person, good_for=_GOOD_FOR)
