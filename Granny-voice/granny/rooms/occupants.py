"""Who is in a room, as LiveKit tells it from outside: who waits, who attends to them, who asks them to wait."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum

from livekit import api
from livekit.protocol.models import ParticipantInfo
from typing_extensions import Self

from granny.rooms.telephones import is_on_the_line

AGENT = "granny.agent"
"""The participant attribute that marks an agent of hers, from the moment it joins."""
CALL = "call"
"""Its value for her who holds the call."""
LEAVING = "leaving"
"""Its value for her who leaves the call to another."""
BUSY = "busy"
"""Its value for the voice that says that the line is busy; it holds no call."""
PARTED = "granny.parted"
"""The participant attribute of a caller to whom she has said goodbye: whoever stays in the room is not called back."""
COMING = "granny.coming"
"""The participant attribute of a caller to whom a worker is on its way; its value is that worker's name."""

_Kind = ParticipantInfo.Kind
_PEOPLE = (_Kind.STANDARD, _Kind.SIP, _Kind.CONNECTOR)


class Role(Enum):
    """What somebody is in a room."""

    CALLER = "caller"
    PARTED = "parted"
    """A caller to whom she has said goodbye."""
    GRANNY = "granny"
    BUSY = "busy"
    OTHER_AGENT = "other agent"
    DEVICE = "device"
    """A recorder or the like of LiveKit's, somebody who is hidden from the others or going: nobody talks with it."""


_BY_MARK = {CALL: Role.GRANNY, BUSY: Role.BUSY, LEAVING: Role.DEVICE}


@dataclass(frozen=True, slots=True)
class Occupant:
    """Somebody in a room.

    Attributes:
        sid: LiveKit's own name for this stay; whoever comes back has another.
        identity: by which others know them; it may hold a telephone number.
        role: what they are.
        joined_ms: when they came, in milliseconds since 1970, by the clock of the LiveKit node that let them in.
        coming: the worker that is, or was, on its way to them.
        is_ringing: whether it is a telephone that nobody has answered yet: it can still be told that the line is busy.
    """

    sid: str
    identity: str
    role: Role
    joined_ms: int = 0
    coming: str = ""
    is_ringing: bool = False


@dataclass(frozen=True, slots=True)
class Occupants:
    """All who are in a room."""

    everybody: tuple[Occupant, ...] = ()

    @classmethod
    def of(cls, participants: Iterable[ParticipantInfo]) -> Self:
        """Those whom LiveKit lists."""
        there = (one for one in participants if one.state != ParticipantInfo.State.DISCONNECTED)
        return cls(tuple(_occupant(one) for one in there))

    @property
    def callers(self) -> tuple[Occupant, ...]:
        """Whoever would talk with her."""
        return self._in(Role.CALLER)

    @property
    def is_attended(self) -> bool:
        """Whether an agent is there, hers or another's; the voice that asks to wait is none."""
        return bool(self._in(Role.GRANNY, Role.OTHER_AGENT))

    @property
    def is_alone(self) -> bool:
        """Whether somebody is there, and no agent."""
        return bool(self.callers) and not self.is_attended

    @property
    def rings(self) -> bool:
        """Whether all who are there are telephones that nobody has answered yet."""
        return bool(self.callers) and all(one.is_ringing for one in self.callers)

    @property
    def is_asked_to_wait(self) -> bool:
        """Whether somebody is told that the line is busy."""
        return bool(self._in(Role.BUSY))

    @property
    def hers(self) -> tuple[Occupant, ...]:
        """Her agents: those who hold the call, and those who ask to wait."""
        return self._in(Role.GRANNY, Role.BUSY)

    @property
    def first(self) -> Occupant | None:
        """The caller who came first, by LiveKit's clocks, which may differ."""
        return min(self.callers, key=lambda one: (one.joined_ms, one.sid), default=None)

    def without(self, sids: Collection[str]) -> Occupants:
        """The same without those who are listed and not there any more."""
        return Occupants(tuple(one for one in self.everybody if one.sid not in sids))

    def _in(self, *roles: Role) -> tuple[Occupant, ...]:
        return tuple(one for one in self.everybody if one.role in roles)


async def occupants(livekit: api.LiveKitAPI, room: str) -> Occupants:
    """Who is in a room now.

    Raises:
        livekit.api.TwirpError, aiohttp.ClientError, asyncio.TimeoutError: LiveKit does not say.
    """
    listed = await livekit.room.list_participants(api.ListParticipantsRequest(room=room))
    return Occupants.of(listed.participants)


def _role(one: ParticipantInfo) -> Role:
    if one.permission.hidden:
        return Role.DEVICE
    if one.kind == _Kind.AGENT:
        return _BY_MARK.get(one.attributes.get(AGENT, ""), Role.OTHER_AGENT)
    if one.kind not in _PEOPLE:
        return Role.DEVICE
    return Role.PARTED if PARTED in one.attributes else Role.CALLER


def _occupant(one: ParticipantInfo) -> Occupant:
    joined_ms = one.joined_at_ms or one.joined_at * 1000
    return Occupant(
        one.sid,
        one.identity,
        _role(one),
        joined_ms,
        one.attributes.get(COMING, ""),
        is_ringing=not is_on_the_line(one),
    )
