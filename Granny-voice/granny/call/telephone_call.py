"""What becomes of a telephone in her room: whether it rings or is answered, and what the call's end is called. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from livekit import rtc

from granny.call.ending import Ending
from granny.rooms.dispatch import Way
from granny.rooms.telephones import Participant, RingOutcome, is_telephone, telephone_of

_Reason = rtc.DisconnectReason
_UNANSWERED: Mapping[int, Ending] = MappingProxyType(
    {
        _Reason.USER_REJECTED: Ending.DECLINED,
        _Reason.USER_UNAVAILABLE: Ending.NOT_ANSWERED,
        _Reason.SIP_TRUNK_FAILURE: Ending.UNREACHABLE,
        _Reason.MEDIA_FAILURE: Ending.UNREACHABLE,
    }
)
"""What LiveKit's SIP bridge makes of the network's answer (`pkg/sip/errors.go` in livekit/sip 1.11.0); busy is among
the rejected, and only whoever has dialled is told it apart."""
_TAKEN = (RingOutcome.ANSWERED, RingOutcome.NO_CONVERSATION)
_HUNG_UP = frozenset({_Reason.CLIENT_INITIATED, _Reason.PARTICIPANT_REMOVED, _Reason.ROOM_DELETED, _Reason.ROOM_CLOSED})
DEAD_SECONDS = 14.0
"""A line of which nothing has come for so long, not even silence, is dead: the bridge gives it up after 15 s."""


class TelephoneCall:
    """One call, as far as it is a telephone's.

    Attributes:
        is_expected: whether the job was told that its caller is a telephone.
        is_seen: whether one has been in the room.
        is_rung: whether she rings it.
        is_answered: whether it has been answered, whatever has become of it since.
    """

    def __init__(self, way: Way | None = None) -> None:
        self.is_expected = way is not None
        self.is_seen = False
        self.is_rung = way is Way.RING
        self.is_answered = False
        self._told: RingOutcome | None = None

    @property
    def is_one(self) -> bool:
        """Whether it is a telephone's call at all."""
        return self.is_expected or self.is_seen

    @property
    def rings(self) -> bool:
        """Whether a telephone is to be answered yet, here or at the other end."""
        return self.is_one and not self.is_answered

    def look(self, participant: Participant) -> None:
        """Somebody is in the room, or tells something new."""
        if is_telephone(participant):
            telephone = telephone_of(participant)
            self.is_seen = True
            self.is_rung = self.is_rung or (telephone.is_rung and not self.is_expected)
            self.is_answered = self.is_answered or telephone.is_answered

    def told(self, outcome: RingOutcome) -> None:
        """Whoever has dialled knows how it ended."""
        self._told = outcome

    def ending(self, reason: int, *, was_heard: bool, silent_for: float = 0.0) -> Ending:
        """What the end of a telephone's call is called.

        Args:
            reason: why it left the room, as LiveKit says; of one that never came, any.
            was_heard: whether she was to be heard before.
            silent_for: how long nothing had come of it, in seconds.
        """
        if self.is_answered:
            is_dead = reason not in _HUNG_UP or silent_for >= DEAD_SECONDS
            return Ending.LINE_DEAD if is_dead else Ending.HUNG_UP if was_heard else Ending.HUNG_UP_EARLY
        if not self.is_rung:
            return Ending.HUNG_UP_EARLY
        if self._told and self._told not in _TAKEN:
            return Ending(self._told.value)
        return _UNANSWERED.get(reason, Ending.NOT_ANSWERED) if self.is_seen else Ending.UNREACHABLE
