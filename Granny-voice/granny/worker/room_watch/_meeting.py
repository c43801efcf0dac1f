"""The job for one caller who is alone: whether the room is hers, and what her job there is to know."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from livekit.protocol.agent import Job, JobStatus, JobType
from livekit.protocol.agent_dispatch import AgentDispatch
from livekit.protocol.models import Room

from granny.call.room_doors import is_simulation
from granny.worker.admission import Admission
from granny.worker.failover import Launch


@dataclass(frozen=True, slots=True)
class Host:
    """What the watch has from its worker.

    Attributes:
        seconds: GRANNY_ROOM_WATCH_SECONDS.
        admission: its places.
        name: by which this worker is known; no other has it.
        agent_name: by which LiveKit dispatches her.
        is_well: whether OpenAI accepts the account.
        rooms: the sids of the rooms in which jobs of this worker are, or are about to be.
        launch: starts a job of the worker's own, with the identity that it has in the room.
    """

    seconds: float
    admission: Admission
    name: Callable[[], str]
    agent_name: str
    is_well: Callable[[], bool]
    rooms: Callable[[], Collection[str]]
    launch: Launch


def her_job(job_id: str, room: Room, dispatches: Iterable[AgentDispatch], *, agent_name: str) -> Job | None:
    """The job for a room that is hers, with all that its dispatch tells; None if it is not.

    It is hers by a dispatch of her name; one without a name is there, too, where she joins every room. Where LiveKit
    tells of no dispatch at all, as it may where nobody has a name, every room is hers.
    """
    all_of_them = list(dispatches)
    hers = [one for one in all_of_them if one.agent_name == agent_name]
    if not hers and (all_of_them or agent_name):
        return None
    dispatch = max(hers, key=lambda one: one.state.created_at, default=AgentDispatch())
    job = Job(
        id=job_id,
        dispatch_id=dispatch.id,
        type=JobType.JT_ROOM,
        room=room,
        agent_name=agent_name,
        metadata=dispatch.metadata,
        attributes=dispatch.attributes,
        deployment=dispatch.deployment,
    )
    return None if is_simulation(job) else job


def is_given_to_somebody(dispatches: Iterable[AgentDispatch], *, gone: Collection[str], agent_name: str) -> bool:
    """Whether LiveKit has given the call to a worker; one whose agent, by its identity, is gone does not count."""
    jobs = [job for one in dispatches if one.agent_name == agent_name for job in one.state.jobs]
    return any(job.state.status == JobStatus.JS_RUNNING and job.state.participant_identity not in gone for job in jobs)


def identity_in(room: Room) -> str:
    """Of a job of a worker's own: the same whichever worker starts it, so that LiveKit lets one of them in."""
    return f"agent-{room.sid}"
