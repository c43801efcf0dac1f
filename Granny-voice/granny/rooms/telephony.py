"""LiveKit's telephone service, asked from outside: what it has, what it should have, and whether it is there at all."""

from __future__ import annotations

import asyncio
import secrets
from enum import Enum

from livekit import api
from livekit.protocol.sip import (
    CreateSIPDispatchRuleRequest,
    CreateSIPInboundTrunkRequest,
    CreateSIPOutboundTrunkRequest,
    CreateSIPParticipantRequest,
    ListSIPDispatchRuleRequest,
    ListSIPInboundTrunkRequest,
    ListSIPOutboundTrunkRequest,
    SIPInboundTrunkInfo,
    SIPMediaConfig,
    SIPOutboundConfig,
    SIPOutboundTrunkInfo,
)

from granny.faults import PHONE_SERVICE_MISSING, Finding
from granny.rooms.asking import LiveKitRooms, soon
from granny.rooms.trunks import Change, Info, Telephony

_NOT_CONNECTED = ("internal", "unimplemented", "bad_route")
"""LiveKit's codes where it has no redis, or is older than telephones."""
_SERVED = ("internal", "unknown", "invalid_argument")
_NOBODY_SERVES = "unavailable"
_OVERLOADED = "cpu"
"""In the message of a bridge whose CPU is busy; that there is none has the same code."""
_NOWHERE = "granny.invalid"
"""No host has such a name (RFC 2606)."""


class NoTelephonesError(Exception):
    """This LiveKit server cannot have telephones; its text is LiveKit's code for that."""

    @property
    def finding(self) -> Finding:
        """The fault that it is."""
        return PHONE_SERVICE_MISSING.found(f"LiveKit says: {self}.", variable="LIVEKIT_URL")


class Bridge(Enum):
    """What has become of LiveKit's SIP service, which connects rooms with telephones."""

    THERE = "there"
    MISSING = "missing"
    """Nobody answers for it."""
    BUSY = "busy"
    """It takes no further call, for its CPU is busy."""
    UNTOLD = "untold"
    """LiveKit does not say."""


class TelephoneService:
    """Trunks, rules and the bridge of a LiveKit project; what it raises is one of `asking.TROUBLES`, and what it names.

    Args:
        rooms: by which LiveKit is asked.
    """

    def __init__(self, rooms: LiveKitRooms) -> None:
        self.is_cloud = rooms.is_cloud
        self._sip = rooms.api.sip

    async def telephony(self) -> Telephony:
        """All that there is.

        Raises:
            NoTelephonesError: there cannot be any.
        """
        try:
            inbound, outbound, rules = await asyncio.gather(
                soon(self._sip.list_inbound_trunk(ListSIPInboundTrunkRequest())),
                soon(self._sip.list_outbound_trunk(ListSIPOutboundTrunkRequest())),
                soon(self._sip.list_dispatch_rule(ListSIPDispatchRuleRequest())),
            )
        except api.TwirpError as error:
            if error.code in _NOT_CONNECTED:
                raise NoTelephonesError(error.code) from None
            raise
        return Telephony(inbound.items, outbound.items, rules.items)

    async def make(self, change: Change) -> Info:
        """Make a piece, or bring it up to date; as LiveKit has it then."""
        return await soon(self._created(change.after) if change.before is None else self._updated(change.after))

    async def bridge(self) -> Bridge:
        """Whether somebody puts calls through, and could one more; nobody is rung for it.

        It is asked for a call without any codec, which a bridge refuses before it does anything else.
        """
        media = SIPMediaConfig(only_listed_codecs=True)
        knock = CreateSIPParticipantRequest(
            sip_number="knock",
            sip_call_to="knock",
            trunk=SIPOutboundConfig(hostname=_NOWHERE),
            room_name=f"granny-knock-{secrets.token_hex(8)}",
            media=media,
        )
        try:
            await soon(self._sip.create_sip_participant(knock))
        except api.TwirpError as error:
            return bridge_of(error)
        return Bridge.THERE

    async def _created(self, after: Info) -> Info:
        if isinstance(after, SIPInboundTrunkInfo):
            return await self._sip.create_inbound_trunk(CreateSIPInboundTrunkRequest(trunk=after))
        if isinstance(after, SIPOutboundTrunkInfo):
            return await self._sip.create_outbound_trunk(CreateSIPOutboundTrunkRequest(trunk=after))
        return await self._sip.create_dispatch_rule(CreateSIPDispatchRuleRequest(dispatch_rule=after))

    async def _updated(self, after: Info) -> Info:
        """Its id came with it from LiveKit."""
        if isinstance(after, SIPInboundTrunkInfo):
            return await self._sip.update_inbound_trunk(after.sip_trunk_id, after)
        if isinstance(after, SIPOutboundTrunkInfo):
            return await self._sip.update_outbound_trunk(after.sip_trunk_id, after)
        return await self._sip.update_dispatch_rule(after.sip_dispatch_rule_id, after)


def bridge_of(error: api.TwirpError) -> Bridge:
    """What has become of the bridge, where LiveKit says this of a call to be made."""
    if error.code == _NOBODY_SERVES:
        return Bridge.BUSY if _OVERLOADED in error.message else Bridge.MISSING
    return Bridge.THERE if error.code in _SERVED else Bridge.UNTOLD
