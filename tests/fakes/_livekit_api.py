"""LiveKit's API without LiveKit: each method answers as it is told to, on a port of 127.0.0.1."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from aiohttp import web
from google.protobuf.message import Message
from livekit import api
from livekit.protocol.models import ParticipantInfo, Room
from livekit.protocol.room import SendDataResponse
from livekit.protocol.sip import (
    ListSIPDispatchRuleResponse,
    ListSIPInboundTrunkResponse,
    ListSIPOutboundTrunkResponse,
    SIPDispatchRuleInfo,
    SIPInboundTrunkInfo,
    SIPOutboundTrunkInfo,
    SIPParticipantInfo,
)

from granny.rooms.occupants import AGENT, CALL

KEY, SECRET = "APIfakefake", "FAKE" * 9


@dataclass(frozen=True)
class Refusal:
    """An error, as LiveKit tells it."""

    code: str
    message: str = "no"
    status: int = 500
    meta: dict[str, str] = field(default_factory=dict)

    @classmethod
    def by_telephone(cls, status: int) -> Refusal:
        """What a SIP bridge makes of an answer of a telephone's, or of the network before it."""
        return cls("resource_exhausted", meta={"sip_status_code": str(status), "sip_status": "+493023125042"})


Said = Message | Refusal
Answer = Said | Callable[[], Said]

NO_CODEC = Refusal("internal", "no codecs specified")
"""What a bridge answers to a call without any codec."""


@dataclass
class LiveKitApi:
    """The server; `answers` by method, and what was asked of it as method and body."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, bytes]] = field(default_factory=list)
    port: int = 0
    hangs: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a method has been asked that does not answer."""

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LIVEKIT_URL": f"ws://127.0.0.1:{self.port}",
            "LIVEKIT_API_KEY": KEY,
            "LIVEKIT_API_SECRET": SECRET,
        }

    def has(
        self,
        inbound: list[SIPInboundTrunkInfo] | None = None,
        rules: list[SIPDispatchRuleInfo] | None = None,
        outbound: list[SIPOutboundTrunkInfo] | None = None,
    ) -> None:
        """These trunks and rules are there."""
        self.answers["ListSIPInboundTrunk"] = ListSIPInboundTrunkResponse(items=inbound)
        self.answers["ListSIPDispatchRule"] = ListSIPDispatchRuleResponse(items=rules)
        self.answers["ListSIPOutboundTrunk"] = ListSIPOutboundTrunkResponse(items=outbound)

    def bodies(self, method: str) -> list[bytes]:
        """What was asked of a method, each time."""
        return [body for asked, body in self.asked if asked == method]

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/agent":
            registering = web.WebSocketResponse()
            await registering.prepare(request)
            return registering
        if not request.path.startswith("/twirp/"):
            return web.Response(text="OK")
        method = request.path.rpartition("/")[2]
        self.asked.append((method, await request.read()))
        said = self.answers.get(method)
        if said is None:
            self.hangs.set()
            await asyncio.Event().wait()
        if callable(said):
            said = said()
        if isinstance(said, Refusal):
            return web.json_response({"code": said.code, "msg": said.message, "meta": said.meta}, status=said.status)
        assert isinstance(said, Message)
        return web.Response(body=said.SerializeToString(), content_type="application/protobuf")


@contextlib.asynccontextmanager
async def livekit_api() -> AsyncIterator[LiveKitApi]:
    """One that has nothing yet, and whose bridge is there."""
    made = LiveKitApi()
    made.has()
    made.answers["CreateSIPParticipant"] = NO_CODEC
    runner = web.ServerRunner(web.Server(made.answer), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.port = runner.addresses[0][1]
    try:
        yield made
    finally:
        await runner.cleanup()


def she(**attributes: str) -> ParticipantInfo:
    """She holds the call, and tells this besides."""
    return ParticipantInfo(
        sid="PA_her", identity="agent", kind=ParticipantInfo.Kind.AGENT, attributes={AGENT: CALL, **attributes}
    )


def in_the_room(*looks: list[ParticipantInfo]) -> Callable[[], Said]:
    """Who is in a room at each look; at the last of them and from then on nobody, unless there is but one."""
    remaining = list(looks)

    def look() -> Said:
        now = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        return api.ListParticipantsResponse(participants=now)

    return look


def that_rings(livekit: LiveKitApi, *, dialled: Answer | None = None, looks: tuple[list[ParticipantInfo], ...]) -> None:
    """A room can be made, somebody rung, and the call followed."""
    livekit.answers["CreateRoom"] = Room(name="made")
    livekit.answers["DeleteRoom"] = api.DeleteRoomResponse()
    livekit.answers["SendData"] = SendDataResponse()
    livekit.answers["ListParticipants"] = in_the_room(*looks)
    if dialled is None:
        livekit.answers["CreateSIPParticipant"] = SIPParticipantInfo(participant_identity="callee")
    else:
        livekit.answers["CreateSIPParticipant"] = dialled
