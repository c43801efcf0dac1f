"""LiveKit's rooms, asked from outside: each question has its patience, and fails in few ways."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar
from urllib.parse import urlsplit

import aiohttp
from google.protobuf.message import DecodeError
from livekit import api
from livekit.protocol.agent_dispatch import AgentDispatch
from livekit.protocol.models import DataPacket, ParticipantInfo, Room

from granny.rooms.access import Access
from granny.rooms.knocking import Answer, knock
from granny.rooms.occupants import COMING, Occupants, occupants
from granny.rooms.tokens import Invitation

TROUBLES = (api.TwirpError, aiohttp.ClientError, asyncio.TimeoutError, OSError)
"""All by which LiveKit may fail to answer."""
_BROKEN_OFF = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)
_PATIENCE_SECONDS = 5.0
_A_NODE_SECONDS = (1.0, 1.0, 1.5, 1.5)
"""In all as long as LiveKit takes a node for alive that has died (`AvailableSeconds` in its source)."""
_EMPTY_SECONDS = 30
"""So long a room waits that was made for somebody: longer than a slow line needs."""

Said = TypeVar("Said")


class LiveKitRooms:
    """LiveKit's rooms, asked with a patience of seconds; what it raises is one of `TROUBLES`.

    Args:
        session: by which LiveKit is reached.
        access: with which.
    """

    def __init__(self, session: aiohttp.ClientSession, access: Access) -> None:
        self.api = api.LiveKitAPI(access.url, access.key, access.secret, session=session)
        self._session, self._access = session, access

    @property
    def is_cloud(self) -> bool:
        """Whether they are LiveKit Cloud's, which allows a project a thousand requests a minute.

        Source: https://docs.livekit.io/deploy/admin/quotas-and-limits/
        """
        return (urlsplit(self._access.url).hostname or "").endswith(".livekit.cloud")

    async def all(self) -> list[Room]:
        """Every room of the project."""
        return await self._listed(api.ListRoomsRequest())

    async def still_there(self, rooms: Collection[str]) -> frozenset[str]:
        """Those of these rooms that are there."""
        return frozenset(room.name for room in await self._listed(api.ListRoomsRequest(names=rooms)))

    async def open(self, invite: Callable[[], Invitation]) -> Invitation:
        """Make the room of an invitation, and have her sent for; the invitation whose room it is.

        LiveKit gives a node that has died rooms for another five seconds, and nobody gets into these. So where a room
        is not made soon, another one is asked for, which another node may be given. One that was only slow to be made
        ends by itself. So it is where the connection breaks off, as one may that LiveKit has just given up as idle.

        Args:
            invite: makes a new invitation, asked again for each room.
        """
        for patience in _A_NODE_SECONDS:
            with contextlib.suppress(asyncio.TimeoutError, *_BROKEN_OFF):
                return await self._made(invite(), patience)
        return await self._made(invite(), _PATIENCE_SECONDS)

    async def _made(self, invitation: Invitation, patience: float) -> Invitation:
        config = invitation.config
        request = api.CreateRoomRequest(
            name=invitation.room,
            max_participants=config.max_participants,
            agents=config.agents,
            empty_timeout=_EMPTY_SECONDS,
        )
        await soon(self.api.room.create_room(request), patience)
        return invitation

    async def end(self, room: str) -> None:
        """End a room, whoever is in it; one that is not there any more is ended."""
        try:
            await soon(self.api.room.delete_room(api.DeleteRoomRequest(room=room)))
        except api.TwirpError as error:
            if error.code != api.TwirpErrorCode.NOT_FOUND:
                raise

    async def occupants(self, room: str) -> Occupants:
        """Who is in a room now."""
        return await soon(occupants(self.api, room))

    async def participants(self, room: str) -> list[ParticipantInfo]:
        """The same, each with all that LiveKit tells of them; nobody, if the room is not there any more."""
        try:
            listed = await soon(self.api.room.list_participants(api.ListParticipantsRequest(room=room)))
        except api.TwirpError as error:
            if error.code != api.TwirpErrorCode.NOT_FOUND:
                raise
            return []
        return list(listed.participants)

    async def tell(self, room: str, topic: str, data: bytes) -> None:
        """Send something to all who are in a room; it comes from no participant, as from whoever has LiveKit's key."""
        packet = api.SendDataRequest(room=room, data=data, kind=DataPacket.Kind.RELIABLE, topic=topic)
        await soon(self.api.room.send_data(packet))

    async def dispatches(self, room: str) -> list[AgentDispatch]:
        """Whom LiveKit has sent, or would have sent, into a room; only a room that a node of its has can tell."""
        return await soon(self.api.agent_dispatch.list_dispatch(room))

    async def knock(self, room: str, identity: str) -> Answer:
        """Whether a participant is there; raises nothing."""
        return await knock(self._session, self._access, room, identity)

    async def sign_up(self, room: str, identity: str, worker: str) -> None:
        """Say of a caller that a worker is on its way to them; one that only the list has cannot be said so of."""
        mark = api.UpdateParticipantRequest(room=room, identity=identity, attributes={COMING: worker})
        await soon(self.api.room.update_participant(mark))

    async def put_out(self, room: str, identity: str) -> None:
        """Take a participant out of a room; whoever is in no node's cannot be."""
        try:
            await soon(self.api.room.remove_participant(api.RoomParticipantIdentity(room=room, identity=identity)))
        except TROUBLES:
            return

    async def _listed(self, request: api.ListRoomsRequest) -> list[Room]:
        return list((await soon(self.api.room.list_rooms(request))).rooms)


async def soon(said: Awaitable[Said], patience: float | None = None) -> Said:
    """What is said, or that it is not said in time, or by somebody else than LiveKit; raises one of `TROUBLES`."""
    try:
        return await asyncio.wait_for(said, patience or _PATIENCE_SECONDS)
    except (DecodeError, AttributeError) as error:  # LiveKit's library takes for LiveKit's whatever it is sent
        msg = "this is no answer of LiveKit's"
        raise aiohttp.ClientPayloadError(msg) from error


def in_short(error: BaseException) -> str:
    """A trouble's kind; its text may hold an address with a password in it, or a telephone number."""
    return error.code if isinstance(error, api.TwirpError) else type(error).__name__
