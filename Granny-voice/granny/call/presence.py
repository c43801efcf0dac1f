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
from granny.call.opening import there
from granny.call.record import CallRecord
from granny.call.telephone_call import TelephoneCall
from granny.rooms.telephones import RING, is_telephone, outcome_heard

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
_DIALLING_SECONDS = 10.0
"""So long whoever rings for her may take to have the telephone in the room."""


class Presence:
    """The comings and goings in one room, as LiveKit tells them.

    The agent session hears one person. When that one leaves, she goes on with somebody who is still there, and a
    caller whose line broke is heard again after coming back, under whatever identity.

    Attributes:
        is_room_gone: whether the connection to the room has ended for good, by whomever.
        caller: the first who came; None until somebody has.
    """

    def __init__(self, room: rtc.Room, telephone: TelephoneCall | None = None) -> None:
        """The room, and what the job was told of its telephone."""
        self.is_room_gone = False
        self.caller: Caller | None = None
        self._room = room
        self._telephone = telephone or TelephoneCall()
        self._room_went = self._last_left = _Reason.UNKNOWN_REASON
        self._has_anybody_left = self._has_hung_up = self._is_line_lost = False
        self._session: AgentSession[Any] | None = None
        self._coming: asyncio.TimerHandle | None = None
        self._met: Callable[[], None] | None = None
        self._deserted: Callable[[], None] | None = None
        self._returned: Callable[[], None] | None = None
        room.on("connection_state_changed", self._on_connection)
        room.on("participant_connected", self._on_came)
        room.on("participant_attributes_changed", self._on_told)
        room.on("participant_disconnected", self._on_left)
        room.on("data_received", self._on_data)
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
            met: called once, when she and a caller are both in the room, and a caller's telephone is answered.
            returned: called when both are there again, after the line of either was lost.
            deserted: called when the last one has hung up.
        """
        self._session, self._met, self._returned, self._deserted = session, met, returned, deserted
        self._look_round()

    def end(self, record: CallRecord, *, silent_for: float = 0.0) -> CallEnd:
        """How the call ended, now that the caller or the whole room has gone.

        Args:
            record: whether she was heard.
            silent_for: how long nothing had come of a telephone, in seconds.
        """
        if self.is_room_gone and self._room_went == _Reason.DUPLICATE_IDENTITY:
            return CallEnd(Ending.OTHER_GRANNY)  # nobody else has such a name
        if self.is_room_gone and self._room_went not in _HUNG_UP:
            return CallEnd.by(faults.LIVEKIT_CONNECTION_LOST.found(_Reason.Name(self._room_went)))
        if self._is_by_telephone:
            was_heard = record.first_word is not None
            return CallEnd(self._telephone.ending(self._last_left, was_heard=was_heard, silent_for=silent_for))
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
            self._is_line_lost = self._last_left not in _HUNG_UP and not is_telephone(participant)
            self._has_hung_up = not self._is_line_lost
            self._look_round()

    def _on_told(self, _: dict[str, str], participant: rtc.Participant) -> None:
        if is_telephone(participant):
            self._look_round()

    def _on_data(self, packet: rtc.DataPacket) -> None:
        """Whoever rings for her tells how it ended; nobody in the room could."""
        outcome = outcome_heard(packet.data) if packet.topic == RING and packet.participant is None else None
        if outcome:
            self._telephone.told(outcome)
            self._give_up_ringing()

    def _look_round(self) -> None:
        people_there = [one for one in self._room.remote_participants.values() if is_person(one)]
        for one in people_there:
            self._telephone.look(one)
        if people_there and self.caller is None:
            self.caller = _caller(people_there[0], is_rung=self._telephone.is_rung)
        if self._met and there(self._room):
            met, self._met = self._met, None
            met()
        if self._has_anybody_left:
            self._hear_somebody([one.identity for one in people_there])
        self._wait_for_telephone()

    def _wait_for_telephone(self) -> None:
        """One that the job was told of, and that is not there when she comes, has gone, or is yet to be dialled."""
        if self._coming or not self._telephone.is_expected or not self._deserted or not self._room.isconnected():
            return
        patience = _DIALLING_SECONDS if self._telephone.is_rung else _COMING_SECONDS
        self._coming = asyncio.get_running_loop().call_later(patience, self._give_up)

    def _hear_somebody(self, identities: list[str]) -> None:
        """When somebody has left; the framework has seen to the first one."""
        room_io = self._room_io
        if room_io and identities and _linked(room_io) not in identities:
            room_io.set_participant(identities[0])
        if not identities and self._has_hung_up:
            asyncio.get_running_loop().call_later(_COMING_SECONDS, self._give_up)

    def _give_up(self) -> None:
        if self._deserted and not people(self._room):
            self._deserted()

    def _give_up_ringing(self) -> None:
        if self._deserted and self._telephone.rings and not there(self._room):
            self._deserted()

    @property
    def _is_by_telephone(self) -> bool:
        return self._telephone.is_one and (self.caller is None or self.caller.came_by is not CameBy.WEB)

    @property
    def is_ringing_out(self) -> bool:
        """Whether a telephone that she rings is yet to be answered, and nobody else is there to be told anything."""
        return self._telephone.is_rung and self._telephone.rings and not there(self._room)

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


def _caller(participant: rtc.Participant, *, is_rung: bool) -> Caller:
    """Of a telephone without its identity, which is its number: what is told of a call goes into logs and files."""
    if participant.kind in _BY_PHONE:
        return Caller(CameBy.RING if is_rung else CameBy.PHONE)
    return Caller(CameBy.WEB, participant.identity)
