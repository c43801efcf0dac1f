"""The calls that are open by way of the page: how many there may be, and who may come into their rooms."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from granny.rooms.asking import TROUBLES, LiveKitRooms
from granny.rooms.tokens import Invitation, room_of
from granny.store.link import Link

A_LINK = 2
"""So many calls of one link may be open. A tablet that was switched off in mid-call leaves one behind that LiveKit ends
half a minute later; whoever is there must not be refused for it, so the oldest one ends for the newest."""
A_MINUTE = 20
"""So many calls may be begun with one link in a minute. Nobody taps so often; but a trembling hand touches the button
more than it taps, and she is sent for at a touch."""
IN_ALL = 200
"""So many calls of all links may be open."""
_MINUTE_SECONDS = 60.0
_LOOK_SECONDS = 10.0
_NEW_SECONDS = 15.0
"""LiveKit's list may lack a room that is so new."""
_SOCKETS = 3
"""A browser that loses its connection opens another before the first is seen to be gone."""

logger = logging.getLogger("granny.page")


class TooManyCallsError(Exception):
    """No further call may be begun now."""


@dataclass(slots=True)
class OpenCall:
    """A call that may still go on.

    Attributes:
        room: its room.
        since: when it was begun, by `time.monotonic`.
        link: the id of the link that it was begun with; empty: its room is not made yet, or another page began it, or
            this one before it stopped.
        token: of its caller's invitation.
        sockets: how many connections to LiveKit its caller has through the page.
        is_entered: whether LiveKit has let the caller in.
    """

    room: str
    since: float
    link: str = ""
    token: str = field(default="", repr=False)
    sockets: int = 0
    is_entered: bool = False


class OpenCalls:
    """All of them.

    Args:
        rooms: LiveKit's.
        secret: with which it signs its tokens, too.
    """

    def __init__(self, rooms: LiveKitRooms, secret: str) -> None:
        self._rooms, self._secret = rooms, secret
        self._open: dict[str, OpenCall] = {}
        self._begun: dict[str, deque[float]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def begin(self, link: Link, invite: Callable[[], Invitation]) -> Invitation:
        """A new call, whose room is made and to which she has been sent for.

        Raises:
            TooManyCallsError: with this link, or in all.
            livekit.api.TwirpError, aiohttp.ClientError, asyncio.TimeoutError, OSError: LiveKit does not make the room.
        """
        self._count(link)
        if len(self._open) >= IN_ALL:
            raise TooManyCallsError
        asked: list[str] = []

        def invited() -> Invitation:
            self._forget(asked)
            invitation = invite()
            call = OpenCall(room=invitation.room, since=time.monotonic(), token=invitation.token)
            self._open[call.room] = call
            asked.append(call.room)
            return invitation

        try:
            invitation = await self._rooms.open(invited)
        except BaseException:
            self._forget(asked)
            raise
        self._open[invitation.room].link = link.id  # from now on it counts: several may have been asked for at once
        for older in [call for call in self._open.values() if call.link == link.id][:-A_LINK]:
            self._end(older)
        return invitation

    async def entered_with(self, token: str) -> OpenCall | None:
        """The call into which this token leads, if somebody may come in with it now.

        The token of an invitation is good for one entrance: LiveKit gives who is in another one, with which a browser
        comes back. So whoever has got hold of it neither puts the caller off the line nor has a call of their own
        after it. A call that was begun before this page was started goes on, as long as its room is there.

        Raises:
            livekit.api.TwirpError, aiohttp.ClientError, asyncio.TimeoutError, OSError: LiveKit does not tell.
        """
        call = self._open.get(room_of(token)) or await self._found(room_of(token, signed_with=self._secret))
        if call is None or call.sockets >= _SOCKETS:
            return None
        is_spent = token == call.token and (call.is_entered or call.sockets)
        return None if is_spent else call

    def has(self, token: str) -> bool:
        """Whether this token leads into an open call, now or not any more."""
        return room_of(token) in self._open

    async def keep_watch(self) -> None:
        """Strike off those whose room LiveKit has not any more, again and again."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self._strike_off()
            except TROUBLES as error:
                logger.warning("it cannot be told which calls are open", extra={"error": type(error).__name__})

    async def _strike_off(self) -> None:
        now = time.monotonic()
        old = [room for room, call in self._open.items() if now - call.since > _NEW_SECONDS and not call.sockets]
        if old:
            there = await self._rooms.still_there(old)
            for room in old:
                if room not in there and (call := self._open.get(room)) and not call.sockets:
                    del self._open[room]

    def _forget(self, rooms: Iterable[str]) -> None:
        """These are not made."""
        for room in rooms:
            self._open.pop(room, None)

    def _count(self, link: Link) -> None:
        now = time.monotonic()
        begun = self._begun.setdefault(link.id, deque(maxlen=A_MINUTE))
        if len(begun) == A_MINUTE and now - begun[0] < _MINUTE_SECONDS:
            raise TooManyCallsError
        begun.append(now)

    async def _found(self, room: str) -> OpenCall | None:
        if not room or room not in await self._rooms.still_there([room]):
            return None
        return self._open.setdefault(room, OpenCall(room, time.monotonic()))

    def _end(self, call: OpenCall) -> None:
        """Beside all else: the new call does not wait for it."""
        self._open.pop(call.room, None)
        task = asyncio.create_task(self._ended(call.room))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _ended(self, room: str) -> None:
        logger.info("a call ends for a newer one of its link", extra={"room": room})
        try:
            await self._rooms.end(room)
        except TROUBLES as error:
            logger.warning("a call could not be ended", extra={"room": room, "error": type(error).__name__})
