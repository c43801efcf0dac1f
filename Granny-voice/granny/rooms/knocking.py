"""Whether somebody whom LiveKit lists is still there: they stay listed for some 20 s after their machine has gone.

A knock is a remote call of a method that nobody has. Every LiveKit SDK acknowledges it at once, below all that a
program does with it, and says that there is no such method; LiveKit waits two seconds for that. LiveKit's library for
Python has no name for the request, which is one of its server's public ones (`RoomService.PerformRpc`).
"""

from __future__ import annotations

import asyncio
import re
from enum import Enum
from typing import Any

import aiohttp
from livekit import api
from livekit.protocol.room import PerformRpcRequest

from granny.rooms.access import Access

_METHOD = "granny.knock"
_PATH = "/twirp/livekit.RoomService/PerformRpc"
_PATIENCE = aiohttp.ClientTimeout(total=5.0)
_OK = 200


class Answer(Enum):
    """What came of a knock."""

    THERE = "there"
    SILENT = "silent"
    """LiveKit has them in the room, and nothing comes back from them."""
    UNKNOWN_TO_ALL = "unknown to all"
    """They are listed, and no LiveKit node has them: one that has gone had."""
    UNTOLD = "untold"
    """LiveKit, or what stands before it, cannot say."""


_BY_CODE = {
    "invalid_argument": Answer.THERE,  # there is no such method
    "canceled": Answer.SILENT,
    "unavailable": Answer.UNKNOWN_TO_ALL,
    "not_found": Answer.UNKNOWN_TO_ALL,
}


async def knock(session: aiohttp.ClientSession, access: Access, room: str, identity: str) -> Answer:
    """Ask whether a participant is there; raises nothing."""
    request = PerformRpcRequest(room=room, destination_identity=identity, method=_METHOD)
    grants = api.VideoGrants(room_admin=True, room=room)
    token = api.AccessToken(access.key, access.secret).with_grants(grants).to_jwt()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/protobuf"}
    url = re.sub("^ws", "http", access.url).rstrip("/") + _PATH
    try:
        async with session.post(url, data=request.SerializeToString(), headers=headers, timeout=_PATIENCE) as reply:
            return Answer.THERE if reply.status == _OK else _by_code(await reply.json(content_type=None))
    except (aiohttp.ClientError, asyncio.TimeoutError, ValueError):  # the last one: no JSON, so none of LiveKit's
        return Answer.UNTOLD


def _by_code(body: Any) -> Answer:  # noqa: ANN401  whatever somebody sends as JSON
    return _BY_CODE.get(str(body.get("code")), Answer.UNTOLD) if isinstance(body, dict) else Answer.UNTOLD
