"""Which rooms to look into, and to which caller to go: decided here from what was seen, without a clock or a network.

A caller who is alone is gone to after so long, counted from when this worker first saw it:

| this worker is | after |
| --- | --- |
| open: its account is well, a place is free | `seconds`, and a share of half a second |
| full | 1 s and that share: the caller is asked to wait |
| full, and it is a telephone that rings | `seconds` + 2 s, and that share: it hears the busy tone |
| shut: a place is free, its account is at fault | `seconds` + 2 s, and that share: the caller hears an apology |

If LiveKit has given the call to a worker who has not come yet, or one is on its way, that one has three seconds more.

The share is drawn from the worker's and the room's names: two workers seldom go at once, and it is not always the same
one that goes. Durations are this machine's own; LiveKit's times serve the order alone, for its clocks may differ.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import Enum

from livekit.protocol.models import Room
from typing_extensions import Self

from granny.rooms.occupants import Occupants, Role

ASKED_AT_ONCE = 20
"""The most rooms that one look asks after."""
MOST_WORKERS = 300
"""The most that a pause is stretched for the sake of others."""
_SETTLED_SECONDS = 6.0
"""The numbers in LiveKit's list of rooms are up to 5 s old, and those of a new room are wrong."""
_ATTENDED_SECONDS = 10.0
"""So often a room is asked after in which an agent has been seen."""
_SHARE_SECONDS = 0.5
_UNTIL_ASKED_TO_WAIT = 1.0
_BEHIND_OTHERS = 2.0
"""More than an open worker may see a caller later than a shut one, or a full one, does, its share included."""
_GIVEN_SECONDS = 3.0
"""On a busy machine a process may need so much longer to come into the room."""
_MOST_WAITED_FOR = 8
"""The names come from an attribute of the caller's, who may be allowed to write it."""
_PARTED_SECONDS = 30.0
_FIRST_BACK_OFF, _LONGEST_BACK_OFF = 5.0, 60.0


class Door(Enum):
    """What this worker can do for a caller."""

    OPEN = "open"
    FULL = "full"
    SHUT = "shut"


@dataclass(frozen=True, slots=True)
class Listed:
    """A room as LiveKit lists it.

    Attributes:
        name: its name.
        sid: LiveKit's own name for it; the next room of that name has another.
        people: how many callers it counts.
        publishers: how many of all, agents too, send something.
    """

    name: str
    sid: str
    people: int = 0
    publishers: int = 0

    @classmethod
    def of(cls, room: Room) -> Self:
        """That of LiveKit's list."""
        return cls(room.name, room.sid, room.num_participants, room.num_publishers)

    @property
    def seems_attended(self) -> bool:
        """Whether somebody speaks there who is no caller."""
        return self.publishers > self.people


@dataclass(slots=True)
class _Known:
    """What is known of one room; times are in seconds of the worker's own clock."""

    listed: Listed
    since: float
    occupants: Occupants = field(default_factory=Occupants)
    asked_at: float = -math.inf
    alone_since: float | None = None
    waited_for: set[str] = field(default_factory=set)
    left_until: float = -math.inf
    back_off: float = _FIRST_BACK_OFF
    parted_until: float = -math.inf
    parted_from: frozenset[str] | None = None
    """The sids of those who heard her goodbye, once they have been seen."""

    def without_parted(self, occupants: Occupants, now: float) -> Occupants:
        """Those who count: whoever stays after a goodbye does not for a while, and who comes later does."""
        if now >= self.parted_until:
            return occupants
        if self.parted_from is None:
            self.parted_from = frozenset(one.sid for one in occupants.callers)
        return occupants.without(self.parted_from)

    def is_due(self, now: float, slowness: float) -> bool:
        """Whether to ask who is there."""
        if now < self.left_until:
            return False
        if self.alone_since is None and self.listed.people == 0 and now - self.since > _SETTLED_SECONDS:
            return False
        return not self.occupants.is_attended or now - self.asked_at >= _ATTENDED_SECONDS * slowness

    @property
    def came_first(self) -> tuple[int, str]:
        """Less is who came sooner, by LiveKit's clocks: for the order only."""
        first = self.occupants.first
        return first.joined_ms if first else 0, self.listed.sid

    def is_to_follow(self, now: float, seldom: float) -> bool:
        """Whether to ask again about a caller who was alone."""
        return not self.occupants.is_asked_to_wait or now - self.asked_at >= seldom

    @property
    def urgency(self) -> tuple[bool, float]:
        """Less is more urgent: those in which nobody is known to attend, and who was asked after the longest ago."""
        return self.listed.seems_attended and self.alone_since is None, self.asked_at


class LonelyRooms:
    """The rooms that LiveKit lists, and who in them is alone.

    Args:
        seconds: GRANNY_ROOM_WATCH_SECONDS.
        places: GRANNY_MAX_CALLS, taken for that of every worker.
    """

    def __init__(self, *, seconds: float, places: int) -> None:
        self._seconds = seconds
        self._places = places
        self._rooms: dict[str, _Known] = {}

    def listed(self, rooms: Iterable[Listed], *, now: float) -> None:
        """LiveKit lists these; whatever was known of others is forgotten."""
        before, self._rooms = self._rooms, {}
        for room in rooms:
            known = before.get(room.sid) or _Known(room, since=now)
            if known.listed.seems_attended and not room.seems_attended:
                known.asked_at = -math.inf  # somebody who spoke there has left
            known.listed = room
            self._rooms[room.sid] = known

    def to_ask(self, *, now: float, slowness: float = 1.0, but: Collection[str] = ()) -> list[Listed]:
        """The rooms to ask after now, the most urgent first.

        Args:
            now: the time.
            slowness: how many times more seldom than usual to ask where an agent is.
            but: the sids of rooms that are seen to.
        """
        due = [known for sid, known in self._rooms.items() if sid not in but and known.is_due(now, slowness)]
        due.sort(key=lambda known: known.urgency)
        return [known.listed for known in due[:ASKED_AT_ONCE]]

    def to_follow(self, *, now: float, seldom: float = 0.0, but: Collection[str] = ()) -> list[Listed]:
        """The rooms in which a caller was alone when last asked, who was asked after the longest ago first.

        Args:
            now: the time.
            seldom: the seconds between two questions after somebody who is asked to wait: every worker without a place
                has found them, and before a place is given the room is asked once more.
            but: the sids of rooms that are seen to.
        """
        alone = [known for known in self._alone(but) if known.left_until <= now and known.is_to_follow(now, seldom)]
        alone.sort(key=lambda known: known.asked_at)
        return [known.listed for known in alone[:ASKED_AT_ONCE]]

    def seen(self, room: Listed, occupants: Occupants, *, now: float, since: float | None = None) -> None:
        """These are in a room; if a caller is alone, since then (else since now, or since it was first seen so)."""
        if known := self._rooms.get(room.sid):
            occupants = known.without_parted(occupants, now)
            known.occupants, known.asked_at = occupants, now
            if not occupants.is_alone:
                known.alone_since, known.waited_for = None, set()
            elif known.alone_since is None:
                known.alone_since = now if since is None else since
            if occupants.is_attended:
                known.back_off = _FIRST_BACK_OFF

    def rings(self, room: Listed) -> bool:
        """Whether whoever is alone there is a telephone that nobody has answered yet."""
        known = self._rooms.get(room.sid)
        return known is not None and known.occupants.rings

    def given(self, room: Listed, whom: str, *, now: float) -> bool:
        """Somebody has the call, or is on the way; whether they are waited for from now on, which they are once."""
        known = self._rooms.get(room.sid)
        if known is None or whom in known.waited_for or len(known.waited_for) >= _MOST_WAITED_FOR:
            return False
        known.waited_for.add(whom)
        known.left_until = now + _GIVEN_SECONDS
        return True

    def refused(self, room: Listed, *, now: float) -> bool:
        """It is not hers, or its caller could not be gone to: it is left alone for a while, and longer each time.

        Whether that is the first time.
        """
        known = self._rooms.get(room.sid)
        if known is None:
            return False
        is_first = known.back_off == _FIRST_BACK_OFF
        known.left_until = now + known.back_off
        known.back_off = min(2 * known.back_off, _LONGEST_BACK_OFF)
        return is_first

    def parted(self, sid: str, *, now: float) -> None:
        """Her call there has ended as it should: whoever stays is not called back at once."""
        if known := self._rooms.get(sid):
            known.parted_until, known.parted_from, known.alone_since = now + _PARTED_SECONDS, None, None

    def due(self, door: Door, worker: str, *, now: float, but: Collection[str] = ()) -> list[Listed]:
        """The rooms whose caller is to be gone to now, who has waited longest first.

        Args:
            door: what this worker can do.
            worker: its name, which no other has.
            now: the time.
            but: the sids of rooms that are seen to.
        """
        alone = self._alone(but)
        if door is Door.FULL:
            alone = [known for known in alone if not known.occupants.is_asked_to_wait]
        due = [known for known in alone if self._wait(known, door, worker) <= now]
        due.sort(key=lambda known: known.came_first)
        return [known.listed for known in due]

    def next_due(self, door: Door, worker: str, *, now: float, but: Collection[str] = ()) -> float:
        """When the next caller, after those of now, is to be gone to; infinity if there is none."""
        waits = [self._wait(known, door, worker) for known in self._alone(but)]
        return min((wait for wait in waits if wait > now), default=math.inf)

    @property
    def workers(self) -> float:
        """How many workers share the watch, as far as can be told: her rooms would fill so many; at least one.

        Of the rooms in which somebody speaks who is no caller, as many are taken for hers as among those asked after.
        """
        attended = [known.occupants for known in self._rooms.values() if known.occupants.is_attended]
        hers = sum(any(one.role is Role.GRANNY for one in there.everybody) for there in attended)
        seem = sum(known.listed.seems_attended for known in self._rooms.values())
        share = hers / len(attended) if attended else 0.0
        return min(max(1.0, share * seem / self._places), MOST_WORKERS)

    def _alone(self, but: Collection[str]) -> list[_Known]:
        return [known for sid, known in self._rooms.items() if sid not in but and known.alone_since is not None]

    def _wait(self, known: _Known, door: Door, worker: str) -> float:
        """Until when the caller of a room waits, if they are alone."""
        since = math.inf if known.alone_since is None else known.alone_since
        patience = {
            Door.OPEN: self._seconds,
            Door.FULL: self._seconds + _BEHIND_OTHERS if known.occupants.rings else _UNTIL_ASKED_TO_WAIT,
            Door.SHUT: self._seconds + _BEHIND_OTHERS,
        }[door]
        return max(since + patience + _SHARE_SECONDS * share_of(worker, known.listed.sid), known.left_until)


def share_of(worker: str, room: str) -> float:
    """From 0 to 1, for each worker and room another one, and everywhere the same."""
    digest = hashlib.blake2b(f"{worker}\n{room}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32
