"""Who is in the room with her: whether anybody came, how the last one left, and how the room went."""

from __future__ import annotations

from livekit import rtc

from granny import faults
from granny.call_end import CallEnd, Ending
from granny.call_record import CallRecord
from granny.loudspeaker import people

_Reason = rtc.DisconnectReason
_WISHED = frozenset(
    {
        _Reason.CLIENT_INITIATED,
        _Reason.DUPLICATE_IDENTITY,
        _Reason.PARTICIPANT_REMOVED,
        _Reason.ROOM_DELETED,
        _Reason.ROOM_CLOSED,
        _Reason.USER_UNAVAILABLE,
        _Reason.USER_REJECTED,
    }
)
"""Somebody wanted it so; with any other reason a connection broke."""


class Presence:
    """The comings and goings in one room, as LiveKit tells them.

    Attributes:
        is_room_gone: whether the connection to the room has ended for good, by whomever.
    """

    def __init__(self, room: rtc.Room) -> None:
        self.is_room_gone = False
        self._room = room
        self._room_went = self._caller_left = _Reason.UNKNOWN_REASON
        self._has_anybody_left = False
        room.on("participant_disconnected", self._on_left)
        room.on("disconnected", self._on_room_gone)

    def end(self, record: CallRecord) -> CallEnd:
        """How the call ended, now that the caller or the whole room has gone."""
        if self.is_room_gone and self._room_went not in _WISHED:
            return CallEnd.by(faults.LIVEKIT_CONNECTION_LOST.found(_Reason.Name(self._room_went)))
        if not self._has_anybody_left and not people(self._room):
            return CallEnd(Ending.NOBODY_CAME)
        if self._has_anybody_left and self._caller_left not in _WISHED:
            return CallEnd(Ending.LINE_LOST)
        return CallEnd(Ending.HUNG_UP_EARLY if record.first_word is None else Ending.HUNG_UP)

    def _on_left(self, participant: rtc.RemoteParticipant) -> None:
        if participant.kind != rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
            self._has_anybody_left = True
            self._caller_left = participant.disconnect_reason or _Reason.UNKNOWN_REASON

    def _on_room_gone(self, reason: rtc.DisconnectReason.ValueType) -> None:
        self.is_room_gone, self._room_went = True, reason
