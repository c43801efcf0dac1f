"""What a telephone is, seen from a room: LiveKit's SIP bridge is a participant that tells of its call by attributes.

Source of the attributes: https://docs.livekit.io/sip/sip-participant/. What `phone` and a call tell each other when she
rings stands here as well, for neither knows the other's module.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from livekit.protocol.models import ParticipantInfo

CALL_STATUS = "sip.callStatus"
NUMBER = "sip.phoneNumber"
"""The other side's number, as the provider writes it; missing where the bridge hides it."""
CALLED = "sip.trunkPhoneNumber"
"""Her own number: that was called, or by which she calls."""
RULE = "sip.ruleID"
"""Of a call that has come in; whoever is rung has come by no rule."""

RING = "granny.ring"
"""The attribute of hers by which a job tells what it has found at the other end, and the topic of what it is told."""
_OUTCOME = "outcome"


class CallStatus(str, Enum):
    """How far a telephone call has come; the value is the bridge's word."""

    DIALING = "dialing"
    RINGING = "ringing"
    AUTOMATION = "automation"
    """It has been answered, and the bridge is pressing keys."""
    ACTIVE = "active"
    HANGUP = "hangup"
    UNKNOWN = ""
    """The bridge says nothing of it, or a word that is not known here."""


class RingOutcome(str, Enum):
    """What became of a call of hers; the value is its slug, and that of the `Ending` where it is one."""

    ANSWERED = "answered"
    NO_CONVERSATION = "no-conversation"
    """Somebody has answered, or something, and she has talked with nobody: she could not, or nothing was said."""
    MACHINE = "machine"
    BUSY = "busy"
    DECLINED = "declined"
    NOT_ANSWERED = "not-answered"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Telephone:
    """One telephone on the line.

    Attributes:
        number: the other side's, as the bridge writes it; empty where it is withheld or hidden.
        called: hers.
        status: how far the call has come.
        is_rung: whether she called it.
    """

    number: str = field(repr=False)
    called: str = field(repr=False)
    status: CallStatus
    is_rung: bool

    @property
    def is_answered(self) -> bool:
        """Whether somebody is there to hear and to be heard; where the bridge does not say, nobody waits in silence."""
        return self.status in (CallStatus.ACTIVE, CallStatus.UNKNOWN)


class Participant(Protocol):
    """Of a room: LiveKit's SDK and its API have each their own."""

    @property
    def kind(self) -> int: ...  # noqa: D102  what it is

    @property
    def attributes(self) -> Mapping[str, str]: ...  # noqa: D102  what it tells of itself


def is_telephone(participant: Participant) -> bool:
    """Whether it is LiveKit's SIP bridge, and so somebody's telephone."""
    return participant.kind == ParticipantInfo.Kind.SIP


def telephone_of(participant: Participant) -> Telephone:
    """What the bridge tells of a telephone."""
    told = participant.attributes
    word = told.get(CALL_STATUS, "")
    status = CallStatus(word) if word in tuple(CallStatus) else CallStatus.UNKNOWN
    is_rung = RULE not in told and status is not CallStatus.UNKNOWN
    return Telephone(told.get(NUMBER, ""), told.get(CALLED, ""), status, is_rung=is_rung)


def is_on_the_line(participant: Participant) -> bool:
    """Whether whoever it is can be spoken to: a telephone only once it is answered."""
    return not is_telephone(participant) or telephone_of(participant).is_answered


def outcome_told(outcome: RingOutcome) -> bytes:
    """What a job is told, by the topic `RING`, of a call that nobody has taken."""
    return json.dumps({_OUTCOME: outcome.value}).encode()


def outcome_heard(data: bytes) -> RingOutcome | None:
    """What `outcome_told` has written; None if it is anything else."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return None
    outcome = told.get(_OUTCOME) if isinstance(told, dict) else None
    return RingOutcome(outcome) if isinstance(outcome, str) and outcome in tuple(RingOutcome) else None
