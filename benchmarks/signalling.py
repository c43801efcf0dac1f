"""Somebody in a room by signalling alone: LiveKit lists them, and no sound ever comes from them or reaches them.

LiveKit puts whoever has not connected their sound out of the room after a minute (`rtc/room.go`, `Join`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import aiohttp
from livekit import api
from livekit.protocol.rtc import PublishDataTrackRequest, SignalRequest

from granny.rehearsal.rig.livekit_server import LiveKit

LISTED_SECONDS = 60.0
_PING_SECONDS = 10.0
_SOUND = PublishDataTrackRequest(pub_handle=1, name="sound")
_SENDS = SignalRequest(publish_data_track_request=_SOUND).SerializeToString()
"""LiveKit counts among those who send something whoever has announced it, a track of data too."""
_QUERY = {"protocol": "15", "sdk": "python", "version": "1.0.0", "auto_subscribe": "0"}


def token(livekit: LiveKit, room: str, identity: str) -> str:
    """That of a caller. Who may not subscribe is sent no offer, which nobody here would answer."""
    grants = api.VideoGrants(room_join=True, room=room, can_subscribe=False)
    return api.AccessToken(livekit.key, livekit.secret).with_identity(identity).with_grants(grants).to_jwt()


@contextlib.asynccontextmanager
async def listed(
    livekit: LiveKit, session: aiohttp.ClientSession, access_token: str
) -> AsyncIterator[asyncio.Task[None]]:
    """In the room of this token for the length of a `with`, which gives what is done when LiveKit puts them out."""
    query = urlencode({"access_token": access_token, **_QUERY})
    async with session.ws_connect(f"{livekit.url}/rtc?{query}") as ws:
        await ws.receive()  # the join response: from now on others see them
        await ws.send_bytes(_SENDS)
        listening = asyncio.create_task(_listen(ws))
        try:
            yield listening
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def _listen(ws: aiohttp.ClientWebSocketResponse[bool]) -> None:
    """Take what comes, and say now and then that somebody is there."""
    while True:
        await ws.send_bytes(SignalRequest(ping=1).SerializeToString())
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(_until_closed(ws), _PING_SECONDS)
            return


async def _until_closed(ws: aiohttp.ClientWebSocketResponse[bool]) -> None:
    async for _ in ws:
        pass
