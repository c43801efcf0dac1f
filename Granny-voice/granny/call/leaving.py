"""How she leaves: a room that was hers and her caller's alone ends with her, any other goes on without her."""

from __future__ import annotations

from livekit import rtc
from livekit.agents import JobContext

from granny.call.floor import others
from granny.call.line_player import people
from granny.config.settings import Settings
from granny.rooms.access import Access, delete_room


async def leave(ctx: JobContext, room: rtc.Room) -> None:
    """Leave the room of a job; one that she is not in any more is not hers to end."""
    if is_shared(room):
        await room.disconnect()
    elif room.isconnected():
        await ctx.delete_room()


async def leave_alone(ctx: JobContext, room: rtc.Room, settings: Settings) -> None:
    """The same when the job's own means are gone with its worker, which would have seen to the room."""
    if is_shared(room):
        await room.disconnect()
    else:
        await delete_room(ctx.job.room.name, Access.of(settings))


def is_shared(room: rtc.Room) -> bool:
    """Whether she is in a room with more than one caller or another Granny, so that her leaving must not end it."""
    return room.isconnected() and (people(room) > 1 or bool(others(room)))
