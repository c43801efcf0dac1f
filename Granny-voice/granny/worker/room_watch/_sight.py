"""What a worker sees of LiveKit's rooms: which there are, who is in them, and who only seems to be."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection

from livekit import api
from livekit.protocol.models import Room

from granny.rooms.asking import TROUBLES, LiveKitRooms
from granny.rooms.occupants import Occupant, Occupants
from granny.worker.room_watch._knocks import Knocks
from granny.worker.room_watch._lonely_rooms import Listed, LonelyRooms

logger = logging.getLogger("granny.room_watch")

_NEARLY_SECONDS = 0.05
"""A look that comes so much too early for the list need not wait for the next one."""
_FOLLOWING_SECONDS = 0.5
"""At least so long between two questions after the same callers: the watch wakes whenever one of them is due."""
_SLOWNESS_IN_THE_CLOUD = 4.0
_GREATEST_SLOWNESS = 64.0
_TOO_MANY = "resource_exhausted"
"""Twirp's word for HTTP 429."""


class Sight:
    """The eyes of the room watch.

    Attributes:
        lonely: what is known of the rooms.

    Args:
        rooms: LiveKit's.
        seconds: GRANNY_ROOM_WATCH_SECONDS.
        places: GRANNY_MAX_CALLS.
    """

    def __init__(self, rooms: LiveKitRooms, *, seconds: float, places: int) -> None:
        self.lonely = LonelyRooms(seconds=seconds, places=places)
        self._knocks = Knocks(places=places)
        self._rooms = rooms
        self._listed: dict[str, Room] = {}
        self._knocked: set[str] = set()
        self._list_at = self._follow_at = 0.0
        self._workers = 1.0
        self._least_slowness = self._slowness = _SLOWNESS_IN_THE_CLOUD if rooms.is_cloud else 1.0
        self._is_blind = False

    def wake(self) -> None:
        """LiveKit's list is to be read at the next look, whenever that would have been."""
        self._list_at = 0.0

    async def look(self, pause: float, *, but: Collection[str]) -> None:
        """Read LiveKit's list if it is time to, and ask after rooms; what LiveKit does not answer is told once.

        Args:
            pause: the seconds until the next look.
            but: the sids of rooms that need not be asked after.
        """
        now = time.monotonic()
        try:
            if now >= self._list_at - _NEARLY_SECONDS:
                await self._list()
                self._list_at = now + pause * max(self._workers, self._slowness)
                rooms = self.lonely.to_ask(now=now, slowness=self._slowness, but=but)
            elif now < self._follow_at or not (
                rooms := self.lonely.to_follow(now=now, seldom=pause * self._workers, but=but)
            ):
                return
            self._follow_at = now + _FOLLOWING_SECONDS
            answers = await asyncio.gather(*map(self.ask, rooms), return_exceptions=True)
        except TROUBLES as error:
            self._knocks.doubt_nobody()
            self._on_trouble(error)
            return
        failed = [answer for answer in answers if isinstance(answer, Exception)]
        self._on_trouble(failed[0]) if failed else self._on_answer()

    async def ask(self, room: Listed) -> Occupants:
        """Who is in a room, without those who are gone.

        Raises:
            one of `TROUBLES`: LiveKit does not say.
        """
        listed = await self._rooms.occupants(room.name)
        self._knocks.seen(room, listed)
        there = listed.without(self._knocks.gone_from(room))
        self.lonely.seen(room, there, now=time.monotonic(), since=self._knocks.gone_since(room))
        return there

    def info(self, room: Listed) -> Room | None:
        """All that LiveKit's list has of a room; None if it is not there any more."""
        return self._listed.get(room.sid)

    def gone_from(self, room: Listed) -> Collection[str]:
        """The identities of those who are listed in a room and gone."""
        return self._knocks.gone_from(room).values()

    def doors(self, pause: float, *, but: Collection[str]) -> list[tuple[Listed, Occupant]]:
        """At whose doors to `knock` now, where so many requests are no trouble; arguments as for `look`."""
        if self._slowness > 1:
            return []
        shut_out = self._knocked.union(but)
        due = self._knocks.due(workers=self._workers, pause=pause, now=time.monotonic(), but=shut_out)
        self._knocked.update(room.sid for room, _ in due)
        return due

    async def knock(self, room: Listed, agent: Occupant) -> bool:
        """Ask one of hers for a sign of life; whether she is gone by now, and her caller seen to be alone."""
        try:
            if not self._knocks.answered(agent, await self._rooms.knock(room.name, agent.identity)):
                return False
            logger.warning("an agent is gone that LiveKit still lists", extra={"room": room.name})
            await self.ask(room)
        except TROUBLES as error:
            self._knocks.doubt_nobody()
            self._on_trouble(error)
        finally:
            self._knocked.discard(room.sid)
        return True

    async def _list(self) -> None:
        self._listed = {room.sid: room for room in await self._rooms.all()}
        listed = [Listed.of(room) for room in self._listed.values()]
        self.lonely.listed(listed, now=time.monotonic())
        self._knocks.listed(listed)
        self._workers = self.lonely.workers

    def _on_trouble(self, error: BaseException) -> None:
        if isinstance(error, api.TwirpError) and error.code == _TOO_MANY:
            self._slowness = min(2 * self._slowness, _GREATEST_SLOWNESS)
            self._list_at = time.monotonic() + self._slowness
        if not self._is_blind:
            logger.warning("the room watch cannot look", extra={"error": type(error).__name__})
        self._is_blind = True

    def _on_answer(self) -> None:
        self._slowness = max(self._least_slowness, 0.9 * self._slowness)
        if self._is_blind:
            logger.info("the room watch looks again")
        self._is_blind = False
