"""A call that nobody looks after is answered all the same, so that the caller does not wait in an empty room.

LiveKit offers a call to one worker after another, and never again. A worker whose account is at fault, or whose places
were taken a moment before, refuses, so that another can have the call; if there is none, it answers. And when a job
dies, another goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from livekit import api
from livekit.agents import utils
from livekit.agents.job import JobAcceptArguments, RunningJobInfo
from livekit.protocol.agent import Job
from livekit.protocol.models import DataPacket, ParticipantInfo

from granny import faults
from granny.call.announcer import FAULT
from granny.config.settings import Settings
from granny.net.http import open_session
from granny.net.route import way_of
from granny.rooms.access import Access
from granny.rooms.occupants import AGENT, CALL
from granny.worker.admission import Admission

logger = logging.getLogger("granny.failover")

OTHERS_SECONDS = 1.5
"""How long another worker has to appear in the room; the fastest of them need about half a second."""
PATIENCE_SECONDS = 60.0
"""How long a caller waits for a place before the call is ended: some eight apologies."""
TOO_SOON_SECONDS = 10.0
"""A job that died before would die again; its caller is off the line rather than called back for ever."""
_AGAIN = "agent-again-"
"""The identity of a job that goes on for another one; if it dies too, the call is ended."""
_PEOPLE = (ParticipantInfo.Kind.STANDARD, ParticipantInfo.Kind.SIP, ParticipantInfo.Kind.CONNECTOR)

Launch = Callable[[Job, str], Awaitable[None]]
"""Starts a job of this worker's own in the place of another, with the identity that it has in the room."""


@contextlib.asynccontextmanager
async def livekit_api(settings: Settings) -> AsyncIterator[api.LiveKitAPI]:
    """LiveKit's API, reached as the worker reaches LiveKit, for the length of the `async with`."""
    access = Access.of(settings)
    async with open_session(access.url, way_of(settings)) as session:
        yield api.LiveKitAPI(access.url, access.key, access.secret, session=session)


def again(job: Job, identity: str, *, settings: Settings, worker_id: str) -> RunningJobInfo:
    """A job of this worker's own in the place of another, with all that its dispatch told."""
    copy = Job()
    copy.CopyFrom(job)
    copy.id = utils.shortuuid("job-")
    copy.ClearField("state")
    access = Access.of(settings)
    token = api.AccessToken(access.key, access.secret)
    grants = api.VideoGrants(room_join=True, room=job.room.name, agent=True, can_update_own_metadata=True)
    attributes = {AGENT: CALL}
    return RunningJobInfo(
        accept_arguments=JobAcceptArguments(identity=identity, name="", metadata="", attributes=attributes),
        job=copy,
        url=access.url,
        token=token.with_identity(identity).with_kind("agent").with_attributes(attributes).with_grants(grants).to_jwt(),
        worker_id=worker_id,
        fake_job=False,
    )


async def step_in(refused: Job, livekit: api.LiveKitAPI, *, admission: Admission, launch: Launch) -> None:
    """Wait for another worker; if somebody is still alone in the room, answer here, as soon as there is a place."""
    await asyncio.sleep(OTHERS_SECONDS)
    room = refused.room.name
    try:
        if not await _is_alone(livekit, room):
            return
        logger.warning("nobody else took the call", extra={"job_id": refused.id})
        has_place = await admission.wait(refused.id, seconds=PATIENCE_SECONDS)
        if not await _is_alone(livekit, room):  # hung up, or answered by another worker that was free sooner
            return
        if has_place:
            await launch(refused, utils.shortuuid("agent-"))
        else:
            logger.warning("nobody could take the call", extra={"job_id": refused.id})
            await livekit.room.delete_room(api.DeleteRoomRequest(room=room))
    except Exception:  # LiveKit is gone or the room is: there is nobody left to speak to
        logger.exception("could not look after a refused call", extra={"job_id": refused.id})
    finally:
        admission.settle(refused.id)


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
        if not await _is_alone(livekit, room):
            return
        if seconds >= TOO_SOON_SECONDS and not identity.startswith(_AGAIN):
            await launch(dead.job, utils.shortuuid(_AGAIN))
        else:
            await livekit.room.delete_room(api.DeleteRoomRequest(room=room))
    except Exception:  # as above
        logger.exception("could not look after the caller of a dead job", extra={"job_id": dead.job.id})
    finally:
        admission.settle(dead.job.id)


async def _is_alone(livekit: api.LiveKitAPI, room: str) -> bool:
    listed = await livekit.room.list_participants(api.ListParticipantsRequest(room=room))
    kinds = [one.kind for one in listed.participants]
    return ParticipantInfo.Kind.AGENT not in kinds and any(kind in _PEOPLE for kind in kinds)
