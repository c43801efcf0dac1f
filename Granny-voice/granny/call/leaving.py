"""How she leaves: a room that was hers and her caller's alone ends with her, any other goes on without her."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
from livekit import api, rtc
from livekit.agents import JobContext

from granny.call.floor import others
from granny.call.line_player import is_person, people
from granny.config.settings import Settings
from granny.rooms.access import Access, delete_room
from granny.rooms.occupants import PARTED

logger = logging.getLogger("granny.call")


_PARTING_SECONDS = 1.0


async def leave(ctx: JobContext, room: rtc.Room) -> None:
    """Leave the room of a job; one that she is not in any more is not hers to end."""
    if is_shared(room):
        await _part(ctx.api, room)
        await room.disconnect()
    elif room.isconnected():
        await ctx.delete_room()


async def leave_alone(ctx: JobContext, room: rtc.Room, settings: Settings) -> None:
    """The same when the job's own means are gone with its worker, which would have seen to the room."""
    access = Access.of(settings)
    if is_shared(room):
        async with api.LiveKitAPI(access.url, access.key, access.secret) as livekit:
            await _part(livekit, room)
        await room.disconnect()
    else:
        await delete_room(ctx.job.room.name, access)


def is_shared(room: rtc.Room) -> bool:
    """Whether she is in a room with more than one caller or another Granny, so that her leaving must not end it."""
    return room.isconnected() and (people(room) > 1 or bool(others(room)))


async def _part(livekit: api.LiveKitAPI, room: rtc.Room) -> None:
    """Mark who stays, so that no worker takes them for callers whom nobody has answered; another Granny has them."""
    if others(room):
        return
    marks = [
        api.UpdateParticipantRequest(room=room.name, identity=one.identity, attributes={PARTED: "yes"})
        for one in room.remote_participants.values()
        if is_person(one)
    ]
    try:
        await asyncio.wait_for(asyncio.gather(*map(livekit.room.update_participant, marks)), _PARTING_SECONDS)
    except (api.TwirpError, aiohttp.ClientError, asyncio.TimeoutError) as error:
        logger.warning("who stays is not marked", extra={"error": type(error).__name__})
