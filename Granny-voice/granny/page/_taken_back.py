"""Calls whose link is taken back while they go on: they end."""

from __future__ import annotations

import asyncio
import logging

from granny.page._open_calls import OpenCalls
from granny.page.lines import Who
from granny.rooms.asking import TROUBLES, LiveKitRooms
from granny.rooms.tokens import room_of
from granny.store.trouble import StoreError

_LOOK_SECONDS = 10.0

logger = logging.getLogger("granny.page")


class TakenBack:
    """Looks after the calls that were begun on this page since it was started.

    Args:
        who: whose link a secret is, now.
        calls: those that are open.
        rooms: in which they are.
    """

    def __init__(self, who: Who, calls: OpenCalls, rooms: LiveKitRooms) -> None:
        self._who, self._calls, self._rooms = who, calls, rooms
        self._secrets: dict[str, str] = {}

    def mind(self, token: str, secret: str) -> None:
        """From now on, too, the call into which this token leads, which was begun with the link of this secret."""
        self._secrets[token] = secret

    async def keep_watch(self) -> None:
        """End those whose link is good no more, again and again."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            for token, secret in list(self._secrets.items()):
                if not self._calls.has(token):
                    del self._secrets[token]
                elif not await self._is_good(secret):
                    await self._end(token)

    async def _is_good(self, secret: str) -> bool:
        """Where that cannot be told at the moment, a call goes on."""
        try:
            return await self._who(secret) is not None
        except (StoreError, OSError):
            return True

    async def _end(self, token: str) -> None:
        """Now, or at the next look if LiveKit is not there."""
        room = room_of(token)
        try:
            await self._rooms.end(room)
        except TROUBLES as error:
            logger.warning("a call could not be ended", extra={"room": room, "error": type(error).__name__})
        else:
            del self._secrets[token]
            logger.info("a call has ended, for its link was taken back", extra={"room": room})
