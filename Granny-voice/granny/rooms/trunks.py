"""LiveKit's trunks, and the rule by which a telephone call comes to her: what there is, what there should be.

A call is matched with a trunk by the number that was called, then with a rule of that trunk, which names the room and
sends for her. Source: https://docs.livekit.io/reference/telephony/sip-api/; the matching is `protocol/sip/sip.go`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias, TypeVar

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from livekit.protocol.agent_dispatch import RoomAgentDispatch
from livekit.protocol.sip import (
    SIPDispatchRule,
    SIPDispatchRuleCallee,
    SIPDispatchRuleInfo,
    SIPInboundTrunkInfo,
    SIPMediaConfig,
    SIPOutboundTrunkInfo,
)

from granny.config.settings import Settings
from granny.rooms.dispatch import Way, job_metadata

RINGING_SECONDS = 40
"""So long a telephone rings when she does not pick up; LiveKit's own three minutes nobody waits for."""
ROOM_PREFIX = "phone"
"""A room's name is this, her own number and something random: of the caller's number it holds nothing."""
_NAME = "granny"
_HD = "G722"
_BETWEEN_DIGITS = re.compile(r"[ ()-]")
_DIGITS = re.compile(r"\+?[\d ()-]+")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")

Inbound: TypeAlias = SIPInboundTrunkInfo
Outbound: TypeAlias = SIPOutboundTrunkInfo
Rule: TypeAlias = SIPDispatchRuleInfo
Trunk = TypeVar("Trunk", Inbound, Outbound)
Copied = TypeVar("Copied", bound=Message)
Info: TypeAlias = Inbound | Outbound | Rule


class Piece(Enum):
    """What a telephone needs of LiveKit; the value is its name for a person."""

    INBOUND = "trunk for calls to her"
    RULE = "rule that sends for her"
    OUTBOUND = "trunk for calls from her"


@dataclass(frozen=True, slots=True)
class Telephony:
    """What a LiveKit project has of telephones; it holds numbers and passwords, and is not shown."""

    inbound: Sequence[Inbound] = field(default=(), repr=False)
    outbound: Sequence[Outbound] = field(default=(), repr=False)
    rules: Sequence[Rule] = field(default=(), repr=False)

    def inbound_of(self, settings: Settings) -> Inbound | None:
        """The trunk that takes the calls to her number, else the one that has her name."""
        return _of(settings, self.inbound)

    def outbound_of(self, settings: Settings) -> Outbound | None:
        """The trunk by which she rings, likewise."""
        return _of(settings, self.outbound)

    def rules_for(self, trunk: Inbound) -> list[Rule]:
        """Those that take the calls of a trunk: its own, else those of every trunk."""
        own = [rule for rule in self.rules if trunk.sip_trunk_id in rule.trunk_ids]
        return own or [rule for rule in self.rules if not rule.trunk_ids]

    def rule_of(self, settings: Settings, trunk: Inbound | None) -> Rule | None:
        """The rule that is hers to change: the one with her name, else one of her trunk's alone."""
        alone = [trunk.sip_trunk_id] if trunk else None
        named = [rule for rule in self.rules if rule.name == name_of(settings)]
        of_trunk = [rule for rule in self.rules if list(rule.trunk_ids) == alone and not rule.inbound_numbers]
        return next(iter(named + of_trunk), None)


@dataclass(frozen=True, slots=True)
class Change:
    """One piece as it is, and as it should be.

    Attributes:
        piece: which.
        before: as LiveKit has it; None where it has none.
        after: as it should be.
    """

    piece: Piece
    before: Info | None = field(repr=False)
    after: Info = field(repr=False)

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do."""
        return self.before != self.after

    @property
    def differs(self) -> tuple[str, ...]:
        """LiveKit's names for what is not as it should be."""
        names = (each.name for each in self.after.DESCRIPTOR.fields)
        return tuple(name for name in names if getattr(self.before, name, None) != getattr(self.after, name))


def name_of(settings: Settings) -> str:
    """The name that her trunks and her rule have in a project, where another agent may have its own."""
    return settings.agent_name or _NAME


def inbound(settings: Settings, there: Telephony) -> Change:
    """The trunk that takes the calls to her number; of what the settings leave open nothing is changed."""
    before = there.inbound_of(settings)
    after = _copied(before, Inbound(name=name_of(settings)))
    after.numbers[:] = [settings.phone_number or ""]
    if settings.phone_networks:
        after.allowed_addresses[:] = settings.phone_networks
    if settings.phone_in_user:
        after.auth_username = settings.phone_in_user
    if settings.phone_in_password:
        after.auth_password = settings.phone_in_password.get_secret_value()
    after.ringing_timeout.CopyFrom(Duration(seconds=RINGING_SECONDS))
    _offer_hd(after.media)
    return Change(Piece.INBOUND, before, after)


def outbound(settings: Settings, there: Telephony) -> Change | None:
    """The trunk by which she rings; None where the settings name nobody who puts her calls through."""
    if not settings.phone_out_address:
        return None
    before = there.outbound_of(settings)
    after = _copied(before, Outbound(name=name_of(settings)))
    after.address = settings.phone_out_address
    after.numbers[:] = [settings.phone_number or ""]
    if settings.phone_out_user:
        after.auth_username = settings.phone_out_user
    if settings.phone_out_password:
        after.auth_password = settings.phone_out_password.get_secret_value()
    _offer_hd(after.media)
    return Change(Piece.OUTBOUND, before, after)


def rule(settings: Settings, there: Telephony, trunk: Inbound | None) -> Change:
    """The rule that sends for her and gives each call a room of its own; without a trunk yet, for none."""
    before = there.rule_of(settings, trunk)
    after = _copied(before, Rule(name=name_of(settings)))
    after.trunk_ids[:] = [trunk.sip_trunk_id] if trunk else []
    callee = SIPDispatchRuleCallee(room_prefix=ROOM_PREFIX, randomize=True)
    after.rule.CopyFrom(SIPDispatchRule(dispatch_rule_callee=callee))
    after.hide_phone_number = False  # by it she knows who calls
    dispatch = RoomAgentDispatch(agent_name=settings.agent_name, metadata=job_metadata(way=Way.PHONE))
    del after.room_config.agents[:]
    after.room_config.agents.append(dispatch)
    _offer_hd(after.media)
    return Change(Piece.RULE, before, after)


def has_number(trunk: Inbound | Outbound, settings: Settings) -> bool:
    """Whether her number is among those of a trunk, however it is written."""
    return settings.phone_number in {normal(number) for number in trunk.numbers}


def is_shared(change: Change, settings: Settings) -> bool:
    """Whether a trunk is somebody else's as well: it has other numbers than hers, and another name than hers."""
    before = change.before
    if not isinstance(before, Inbound | Outbound) or before.name == name_of(settings):
        return False
    return len({normal(number) for number in before.numbers}) > 1


def sends_for(rule: Rule, agent_name: str) -> bool:
    """Whether a rule sends for the agent of this name; without one she comes where no other is asked for."""
    asked = [agent.agent_name for agent in rule.room_config.agents]
    return agent_name in asked or (not agent_name and not asked)


def offers_hd(media: SIPMediaConfig) -> bool:
    """Whether a trunk or a rule lets a call be in HD, if the telephone can."""
    return not media.only_listed_codecs or any(codec.name.upper() == _HD for codec in media.codecs)


def is_open(trunk: Inbound) -> bool:
    """Whether anybody on the internet may ring a trunk's number, past the telephone network."""
    return not (trunk.allowed_addresses or trunk.auth_username or trunk.allowed_numbers)


def is_odd(number: str) -> bool:
    """Whether a number is in a form that no call has; a user's name of a PBX is no number."""
    return bool(_DIGITS.fullmatch(number)) and not _E164.fullmatch(number)


def normal(number: str) -> str:
    """A number as LiveKit compares it."""
    if not _DIGITS.fullmatch(number):
        return number
    return "+" + _BETWEEN_DIGITS.sub("", number).removeprefix("+")


def _of(settings: Settings, trunks: Sequence[Trunk]) -> Trunk | None:
    """The one with her number, else the one with her name."""
    with_number = [trunk for trunk in trunks if has_number(trunk, settings)]
    with_name = [trunk for trunk in trunks if trunk.name == name_of(settings)]
    return next(iter(with_number + with_name), None)


def _copied(before: Copied | None, new: Copied) -> Copied:
    """To be changed without changing what it was."""
    if before is not None:
        new.CopyFrom(before)
    return new


def _offer_hd(media: SIPMediaConfig) -> None:
    if not offers_hd(media):
        media.only_listed_codecs = False
