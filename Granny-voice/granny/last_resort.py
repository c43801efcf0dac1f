"""A call that nobody looks after is answered all the same, so that the caller does not wait in an empty room.

LiveKit offers a call to one worker after another, and never again. A worker whose account is at fault refuses, so
that a healthy one can have the call; if there is none, it answers. And when a job dies, another goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging

from livekit import api
from livekit.agents import AgentServer, JobRequest, utils
from livekit.agents.job import RunningJobInfo
from livekit.protocol.models import DataPacket, ParticipantInfo, Room

from granny import faults
from granny.announcer import FAULT

logger = logging.getLogger("granny.last_resort")

OTHERS_SECONDS = 1.5
"""How long another worker has to appear in the room; the fastest of them need about half a second."""
TOO_SOON_SECONDS = 10.0
"""A job that died before would die again; its caller is off the line rather than called back for ever."""
_ANSWER_SECONDS = 5.0
_AGAIN = "agent-again-"
"""The identity of a job that goes on for another one; if it dies too, the call is ended."""
_PEOPLE = (ParticipantInfo.Kind.STANDARD, ParticipantInfo.Kind.SIP, ParticipantInfo.Kind.CONNECTOR)


async def step_in(server: AgentServer, request: JobRequest, livekit: api.LiveKitAPI) -> None:
    """Wait for another worker; answer the call here if somebody is still alone in the room."""
    await asyncio.sleep(OTHERS_SECONDS)
    try:
        if await _is_alone(livekit, request.room.name):
            logger.warning("nobody else took the call", extra={"job_id": request.id})
            await _answer(server, request.room, identity=utils.shortuuid("agent-"))
    except Exception:  # LiveKit is gone or the room is: there is nobody left to speak to
        logger.exception("could not look after a refused call", extra={"job_id": request.id})


async def take_over(server: AgentServer, dead: RunningJobInfo, seconds: float, livekit: api.LiveKitAPI) -> None:
    """Tell the room that a job died after so many seconds, and go on with another job, or end the call."""
    room, identity = dead.job.room, dead.accept_arguments.identity
    told = json.dumps({"fault": faults.JOB_DIED.slug}).encode()
    packet = api.SendDataRequest(room=room.name, data=told, kind=DataPacket.Kind.RELIABLE, topic=FAULT)
    try:
        with contextlib.suppress(api.TwirpError):
            await livekit.room.send_data(packet)
        with contextlib.suppress(api.TwirpError):  # it may not have been there
            await livekit.room.remove_participant(api.RoomParticipantIdentity(room=room.name, identity=identity))
        if not await _is_alone(livekit, room.name):
            return
        if seconds >= TOO_SOON_SECONDS and not identity.startswith(_AGAIN):
            with contextlib.suppress(asyncio.TimeoutError):
                await _answer(server, room, identity=utils.shortuuid(_AGAIN))
                return
        await livekit.room.delete_room(api.DeleteRoomRequest(room=room.name))
    except Exception:  # as above
        logger.exception("could not look after the caller of a dead job", extra={"job_id": dead.job.id})


async def _answer(server: AgentServer, room: Room, *, identity: str) -> None:
    """A worker that is just being stopped keeps its lock.

    Raises:
        asyncio.TimeoutError: it will not answer.
    """
    job = server.simulate_job(room.name, agent_identity=identity, room_info=room)
    await asyncio.wait_for(job, _ANSWER_SECONDS)


async def _is_alone(livekit: api.LiveKitAPI, room: str) -> bool:
    listed = await livekit.room.list_participants(api.ListParticipantsRequest(room=room))
    kinds = [one.kind for one in listed.participants]
    return ParticipantInfo.Kind.AGENT not in kinds and any(kind in _PEOPLE for kind in kinds)
