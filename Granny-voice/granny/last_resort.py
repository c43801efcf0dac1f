"""A call that no worker took: it is answered all the same, so that the caller hears why instead of nothing.

LiveKit offers a call to one worker after another, and never again. A worker whose account is at fault refuses, so
that a healthy one can have the call; if there is none, the caller would wait in an empty room.
"""

from __future__ import annotations

import asyncio
import logging

from livekit import api
from livekit.agents import AgentServer, JobRequest, utils
from livekit.protocol.models import ParticipantInfo

logger = logging.getLogger("granny.last_resort")

OTHERS_SECONDS = 1.5
"""How long another worker has to appear in the room; the fastest of them need about half a second."""
_PEOPLE = (ParticipantInfo.Kind.STANDARD, ParticipantInfo.Kind.SIP)


async def step_in(server: AgentServer, request: JobRequest, livekit: api.LiveKitAPI) -> None:
    """Wait for another worker; answer the call here if somebody is still alone in the room."""
    await asyncio.sleep(OTHERS_SECONDS)
    try:
        if await _is_alone(livekit, request.room.name):
            logger.warning("nobody else took the call", extra={"job_id": request.id})
            identity = utils.shortuuid("agent-")
            await server.simulate_job(request.room.name, agent_identity=identity, room_info=request.room)
    except Exception:  # LiveKit is gone or the room is: there is nobody left to speak to
        logger.exception("could not look after a refused call", extra={"job_id": request.id})


async def _is_alone(livekit: api.LiveKitAPI, room: str) -> bool:
    listed = await livekit.room.list_participants(api.ListParticipantsRequest(room=room))
    kinds = [one.kind for one in listed.participants]
    return ParticipantInfo.Kind.AGENT not in kinds and any(kind in _PEOPLE for kind in kinds)
