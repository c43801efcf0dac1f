"""Granny on the telephone: a SIP service, a worker and a stand-in for OpenAI, and lines that ring her or are rung."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from livekit import api
from livekit.protocol.room import RoomConfiguration

from calls.hearing_lines import record_tones
from calls.house import House
from calls.serving import HANG, KEY, serving
from calls.stage import short_greeting
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.telephone_line import Account, Call, DialledCall, TelephoneLine, telephone_line
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.livekit_server import LiveKit
from granny.rehearsal.rig.sip_bridge import SipBridge, sip_bridge

HERS = "+493012345678"
"""Her number, as the provider of these tests writes it."""
CALLER = "+493087654321"
AGENT = "granny"
"""The name that the dispatch rule wakes."""
_RINGING_SECONDS = 20
T = TypeVar("T")


@dataclass
class Exchange(House):
    """A house with a telephone.

    Attributes:
        bridge: the SIP service.
    """

    bridge: SipBridge

    @contextlib.asynccontextmanager
    async def telephone(self, number: str = CALLER, *, account: Account | None = None) -> AsyncIterator[TelephoneLine]:
        """Somebody's telephone."""
        async with telephone_line(self.bridge.address, number=number, account=account) as line:
            yield line

    @contextlib.asynccontextmanager
    async def ringing(self, number: str = CALLER, *, called: str = HERS) -> AsyncIterator[DialledCall]:
        """Somebody who has dialled her number, and hangs up at the end."""
        async with self.telephone(number) as line:
            yield await line.ring(called)

    @contextlib.asynccontextmanager
    async def answered(self, number: str = CALLER) -> AsyncIterator[DialledCall]:
        """The same, once she has picked up."""
        async with self.ringing(number) as call:
            assert await within(call.answered()), f"refused: {call.status}\n{self.running.log[-4000:]}"
            yield call

    async def until_quiet(self, call: Call, after: float = 0.0) -> None:
        """She has spoken, later than `after` on the ear's clock, and then paused."""
        await self.until(lambda: is_quiet(call, after), "a word of hers")

    async def until_over(self, call: Call) -> None:
        """The line is free again."""
        await self.until(call.gone.is_set, "the end of the call")


@contextlib.asynccontextmanager
async def exchange(
    home: Path, folder: Path, *, manner: Manner | None = None, **settings: str
) -> AsyncIterator[Exchange]:
    """All of it: her number known to the SIP service, a worker under the name that its rule wakes."""
    record_tones(folder / "lines")
    manner = manner or Manner(greeting=short_greeting())
    async with (
        sip_bridge(folder) as bridge,
        StandIn(api_key=KEY, manner=manner) as standin,
        serving(
            bridge.livekit,
            folder,
            agent=home / "agent.py",
            OPENAI_BASE_URL=standin.base_url,
            XDG_CACHE_HOME=str(folder / "cache"),
            GRANNY_AGENT_NAME=AGENT,
            GRANNY_LINES_FOLDER=str(folder / "lines"),
            **settings,
        ) as running,
    ):
        await wire(bridge.livekit)
        yield Exchange(bridge.livekit, standin, running, bridge)


async def wire(livekit: LiveKit, *, number: str = HERS, agent: str = AGENT) -> None:
    """Have the SIP service take calls to her number, each into a room of its own to which she is sent for."""
    async with api.LiveKitAPI(livekit.url, livekit.key, livekit.secret) as admin:
        trunk = await admin.sip.create_inbound_trunk(
            api.CreateSIPInboundTrunkRequest(trunk=_trunk(number)),
        )
        rule = api.SIPDispatchRuleInfo(
            rule=api.SIPDispatchRule(
                dispatch_rule_callee=api.SIPDispatchRuleCallee(room_prefix="phone", randomize=True)
            ),
            trunk_ids=[trunk.sip_trunk_id],
            room_config=RoomConfiguration(agents=[api.RoomAgentDispatch(agent_name=agent)]),
        )
        await admin.sip.create_dispatch_rule(api.CreateSIPDispatchRuleRequest(dispatch_rule=rule))


def _trunk(number: str) -> api.SIPInboundTrunkInfo:
    trunk = api.SIPInboundTrunkInfo(name="a test's", numbers=[number])
    trunk.ringing_timeout.FromSeconds(_RINGING_SECONDS)
    return trunk


def is_quiet(call: Call, after: float = 0.0) -> bool:
    spans = [span for span in speech(call.heard.sound) if span.start >= after]
    return bool(spans) and call.heard.now() - spans[-1].end > 1.0


async def within(awaitable: Awaitable[T], seconds: float = HANG) -> T:
    """What is waited for, or a failure."""
    return await asyncio.wait_for(awaitable, seconds)
