"""Who is in the room with her: she hears whoever is there, and knows how the last one left and how the room went."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice.room_io import RoomIO

from granny import faults
from granny.call.ending import CallEnd, Caller, CameBy, Ending
from granny.call.line_player import is_person, people
from granny.call.record import CallRecord

_Reason = rtc.DisconnectReason
_HUNG_UP = frozenset(
    {
        _Reason.CLIENT_INITIATED,
        _Reason.PARTICIPANT_REMOVED,
        _Reason.ROOM_DELETED,
        _Reason.ROOM_CLOSED,
        _Reason.USER_UNAVAILABLE,
        _Reason.USER_REJECTED,
    }
)
"""Somebody wanted it so; with any other reason a connection broke, and the caller may come back."""

_BY_PHONE = (rtc.ParticipantKind.PARTICIPANT_KIND_SIP, rtc.ParticipantKind.PARTICIPANT_KIND_CONNECTOR)

_COMING_SECONDS = 1.0
"""Somebody may be on the way in while the last one leaves; LiveKit tells of a newcomer a little later."""


class Presence:
    """The comings and goings in one room, as LiveKit tells them.

    The agent session hears one person. When that one leaves, she goes on with somebody who is still there, and a
    caller whose line broke is heard again after coming back, under whatever identity.

    Attributes:
        is_room_gone: whether the connection to the room has ended for good, by whomever.
        caller: the first who came; None until somebody has.
    """

    def __init__(self, room: rtc.Room) -> None:
        self.is_room_gone = False
        self.caller: Caller | None = None
        self._room = room
        self._room_went = self._last_left = _Reason.UNKNOWN_REASON
        self._has_anybody_left = self._is_line_lost = False
        self._session: AgentSession[Any] | None = None
        self._met: Callable[[], None] | None = None
        self._deserted: Callable[[], None] | None = None
        self._returned: Callable[[], None] | None = None
        room.on("connection_state_changed", self._on_connection)
        room.on("participant_connected", self._on_came)
        room.on("participant_disconnected", self._on_left)
        room.on("disconnected", self._on_room_gone)

    def lend_ear(
        self,
        session: AgentSession[Any],
        *,
        met: Callable[[], None],
        returned: Callable[[], None],
        deserted: Callable[[], None],
    ) -> None:
        """Have the agent session hear whoever is there.

        Args:
            session: the agent session.
            met: called once, when she and a caller are both in the room.
            returned: called when both are there again, after the line of either was lost.
            deserted: called when the last one has hung up.
        """
        self._session, self._met, self._returned, self._deserted = session, met, returned, deserted
        self._look_round()

    def end(self, record: CallRecord) -> CallEnd:
        """How the call ended, now that the caller or the whole room has gone."""
        if self.is_room_gone and self._room_went == _Reason.DUPLICATE_IDENTITY:
            return CallEnd(Ending.OTHER_GRANNY)  # nobody else has such a name
        if self.is_room_gone and self._room_went not in _HUNG_UP:
            return CallEnd.by(faults.LIVEKIT_CONNECTION_LOST.found(_Reason.Name(self._room_went)))
        if not self._has_anybody_left and not people(self._room):
            return CallEnd(Ending.NOBODY_CAME)
        if self._has_anybody_left and self._last_left not in _HUNG_UP:
            return CallEnd(Ending.LINE_LOST)
        return CallEnd(Ending.HUNG_UP_EARLY if record.first_word is None else Ending.HUNG_UP)

    def _on_connection(self, _: rtc.ConnectionState.ValueType) -> None:
        self._look_round()

    def _on_came(self, participant: rtc.RemoteParticipant) -> None:
        self._look_round()
        if self._is_line_lost and self._returned and is_person(participant):
            self._is_line_lost = False
            self._returned()

    def _on_left(self, participant: rtc.RemoteParticipant) -> None:
        if is_person(participant):
            self._has_anybody_left = True
            self._last_left = participant.disconnect_reason or _Reason.UNKNOWN_REASON
            self._is_line_lost = self._last_left not in _HUNG_UP
            self._look_round()

    def _look_round(self) -> None:
        there = [one for one in self._room.remote_participants.values() if is_person(one)]
        if there and self.caller is None:
            self.caller = _caller(there[0])
        if there and (met := self._met):
            self._met = None
            met()
        if self._has_anybody_left:
            self._hear_somebody([one.identity for one in there])

    def _hear_somebody(self, there: list[str]) -> None:
        """When somebody has left; the framework has seen to the first one."""
        room_io = self._room_io
        if room_io and there and _linked(room_io) not in there:
            room_io.set_participant(there[0])
        if not there and self._last_left in _HUNG_UP:
            asyncio.get_running_loop().call_later(_COMING_SECONDS, self._give_up)

    def _give_up(self) -> None:
        if self._deserted and not people(self._room):
            self._deserted()

    @property
    def _room_io(self) -> RoomIO | None:
        try:
            return self._session.room_io if self._session else None
        except RuntimeError:  # the agent session has not started, or is over
            return None

    def _on_room_gone(self, reason: rtc.DisconnectReason.ValueType) -> None:
        self.is_room_gone, self._room_went = True, reason


def _linked(room_io: RoomIO) -> str | None:
    return room_io.linked_participant.identity if room_io.linked_participant else None


def _caller(participant: rtc.Participant) -> Caller:
    return Caller(CameBy.PHONE if participant.kind in _BY_PHONE else CameBy.WEB, participant.identity)
