"""Which rooms are hers, what her job in one is to know, and whether LiveKit has given it to somebody already."""

from __future__ import annotations

import json

import pytest
from livekit.agents.types import ATTRIBUTE_SIMULATOR_DISPATCH
from livekit.protocol.agent import Job, JobState, JobStatus, JobType
from livekit.protocol.agent_dispatch import AgentDispatch, AgentDispatchState
from livekit.protocol.models import Room

from granny.worker.room_watch._meeting import her_job, identity_in, is_given_to_somebody

ROOM = Room(name="kitchen", sid="RM_1", metadata="of the room")
NAMELESS, GRANNY, OTHER = AgentDispatch(), AgentDispatch(agent_name="granny"), AgentDispatch(agent_name="translator")


@pytest.mark.parametrize(
    ("agent_name", "dispatches", "is_hers"),
    [
        ("", [NAMELESS], True),
        ("", [OTHER], False),
        ("", [OTHER, NAMELESS], True),
        ("", [], True),
        ("granny", [GRANNY], True),
        ("granny", [OTHER, GRANNY], True),
        ("granny", [OTHER], False),
        ("granny", [NAMELESS], False),
        ("granny", [], False),
    ],
)
def test_a_room_is_hers_by_a_dispatch_of_her_name(
    agent_name: str,
    dispatches: list[AgentDispatch],
    is_hers: bool,  # noqa: FBT001  a column of the table
) -> None:
    """Without a name she joins every room, except those into which another was sent by name."""
    assert (her_job("job-1", ROOM, dispatches, agent_name=agent_name) is not None) is is_hers


def test_the_job_knows_what_its_dispatch_tells() -> None:
    dispatch = AgentDispatch(
        id="AD_1", agent_name="granny", metadata="a letter", attributes={"from": "the family"}, deployment="blue"
    )
    assert her_job("job-1", ROOM, [dispatch], agent_name="granny") == Job(
        id="job-1",
        dispatch_id="AD_1",
        type=JobType.JT_ROOM,
        room=ROOM,
        agent_name="granny",
        metadata="a letter",
        attributes={"from": "the family"},
        deployment="blue",
    )


def test_of_several_dispatches_the_last_one_counts() -> None:
    first, last = (
        AgentDispatch(id=f"AD_{at}", metadata=str(at), state=AgentDispatchState(created_at=at)) for at in (1, 2)
    )
    job = her_job("job-1", ROOM, [last, first], agent_name="")
    assert job
    assert (job.dispatch_id, job.metadata) == ("AD_2", "2")


def test_a_simulated_call_is_nobodys() -> None:
    """She takes none from LiveKit, either."""
    simulated = AgentDispatch(attributes={ATTRIBUTE_SIMULATOR_DISPATCH: json.dumps({})})
    assert her_job("job-1", ROOM, [simulated], agent_name="") is None


@pytest.mark.parametrize(
    ("status", "identity", "agent_name", "given"),
    [
        (JobStatus.JS_RUNNING, "agent-1", "", True),
        (JobStatus.JS_SUCCESS, "agent-1", "", False),
        (JobStatus.JS_FAILED, "agent-1", "", False),
        (JobStatus.JS_RUNNING, "agent-gone", "", False),
        (JobStatus.JS_RUNNING, "agent-1", "translator", False),
    ],
)
def test_a_call_that_livekit_has_given_is_known(
    status: JobStatus,
    identity: str,
    agent_name: str,
    given: bool,  # noqa: FBT001  a column of the table
) -> None:
    job = Job(state=JobState(status=status, participant_identity=identity))
    dispatch = AgentDispatch(agent_name=agent_name, state=AgentDispatchState(jobs=[job]))
    assert is_given_to_somebody([NAMELESS, dispatch], gone={"agent-gone"}, agent_name="") is given


def test_whichever_worker_starts_it_a_job_has_one_identity_in_a_room() -> None:
    """Of two, LiveKit lets one in."""
    assert identity_in(ROOM) == identity_in(Room(sid="RM_1")) == "agent-RM_1"
    assert identity_in(Room(sid="RM_2")) != identity_in(ROOM)
