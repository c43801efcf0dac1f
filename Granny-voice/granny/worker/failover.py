"""A call whose job died goes on with another one, so that the caller does not wait in an empty room.

Whoever has never been answered is found by `room_watch`; so are the callers of a machine that is gone.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from livekit import api
from livekit.agents import utils
from livekit.agents.job import JobAcceptArguments, RunningJobInfo
from livekit.protocol.agent import Job
from livekit.protocol.models import DataPacket

from granny import faults
from granny.call.announcer import FAULT
from granny.config.settings import Settings
from granny.net.http import open_session
from granny.net.route import way_of
from granny.rooms.access import Access
from granny.rooms.asking import LiveKitRooms
from granny.rooms.occupants import AGENT, CALL, occupants
from granny.worker.admission import Admission

logger = logging.getLogger("granny.failover")

TOO_SOON_SECONDS = 10.0
"""A job that died before would die again; its caller is off the line rather than called back for ever."""
_AGAIN = "agent-again-"
"""The identity of a job that goes on for another one; if it dies too, the call is ended."""

Launch = Callable[[Job, str], Awaitable[None]]
"""Starts a job of this worker's own, with the identity that it has in the room."""


@contextlib.asynccontextmanager
async def livekit_rooms(settings: Settings) -> AsyncIterator[LiveKitRooms]:
    """LiveKit's rooms, reached as the worker reaches LiveKit, for the length of the `async with`."""
    access = Access.of(settings)
    async with open_session(access.url, way_of(settings)) as session:
        yield LiveKitRooms(session, access)


def again(job: Job) -> Job:
    """The same job once more, with all that its dispatch told; for LiveKit it is another one."""
    copy = Job()
    copy.CopyFrom(job)
    copy.id = own_id()
    copy.ClearField("state")
    return copy


def own_id() -> str:
    """A name for a job that LiveKit has not given."""
    return utils.shortuuid("job-")


def own(job: Job, identity: str, mark: Mapping[str, str], *, settings: Settings, worker_id: str) -> RunningJobInfo:
    """A job of this worker's own, which has that identity in its room, and this mark beside that of a call."""
    access = Access.of(settings)
    token = api.AccessToken(access.key, access.secret)
    grants = api.VideoGrants(room_join=True, room=job.room.name, agent=True, can_update_own_metadata=True)
    attributes = {AGENT: CALL, **mark}
    return RunningJobInfo(
        accept_arguments=JobAcceptArguments(identity=identity, name="", metadata="", attributes=attributes),
        job=job,
        url=access.url,
        token=token.with_identity(identity).with_kind("agent").with_attributes(attributes).with_grants(grants).to_jwt(),
        worker_id=worker_id,
        fake_job=False,
    )


async def take_over(
    dead: RunningJobInfo, seconds: float, livekit: api.LiveKitAPI, *, admission: Admission, launch: Launch
) -> None:
    """Tell the room that a job died after so many seconds, and go on with another job, or end the call.

    The place is the dead job's, which is to have been kept.
    """
    room, identity = dead.job.room.name, dead.accept_arguments.identity
    told = json.dumps({"fault": faults.JOB_DIED.slug}).encode()
    packet = api.SendDataRequest(room=room, data=told, kind=DataPacket.Kind.RELIABLE, topic=FAULT)
    try:
        with contextlib.suppress(api.TwirpError):
            await livekit.room.send_data(packet)
        with contextlib.suppress(api.TwirpError):  # it may not have been there
            await livekit.room.remove_participant(api.RoomParticipantIdentity(room=room, identity=identity))
        if not (await occupants(livekit, room)).is_alone:
            return
        if seconds >= TOO_SOON_SECONDS and not identity.startswith(_AGAIN):
            await launch(again(dead.job), utils.shortuuid(_AGAIN))
        else:
            await livekit.room.delete_room(api.DeleteRoomRequest(room=room))
    except Exception:  # LiveKit is gone or the room is: there is nobody left to speak to
        logger.exception("could not look after the caller of a dead job", extra={"job_id": dead.job.id})
    finally:
        admission.settle(dead.job.id)
