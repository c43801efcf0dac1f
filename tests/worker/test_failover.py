"""Who is called back, who is hung up on, and who is left alone: a call whose job has died."""

from __future__ import annotations

import json
import logging

import pytest
from livekit import api
from livekit.protocol.agent import Job
from livekit.protocol.models import DataPacket, ParticipantInfo

from fakes import LiveKit, RoomService, running_job
from granny.rooms import occupants
from granny.worker.admission import Admission
from granny.worker.failover import again, own, take_over
from scenarios._scene import LIVEKIT_KEY, LIVEKIT_SECRET, settings

CALLER = ParticipantInfo.Kind.STANDARD
AGENT = ParticipantInfo.Kind.AGENT
RECORDER = ParticipantInfo.Kind.EGRESS

LOOKED = "who is in the-room"
ENDED = "the-room ended"
GONE = api.TwirpError("not_found", "no", status=404)


class Worker:
    """A worker with one place; what it launches stands in `launched`, and has the place from then on."""

    def __init__(self, *kinds: list[ParticipantInfo.Kind], running: tuple[str, ...] = ()) -> None:
        self.rooms = RoomService(*kinds)
        self.journal = self.rooms.journal
        self.running = list(running)
        self.admission = Admission(1, running=lambda: self.running)
        self.launched: list[tuple[str, str]] = []
        self.breaks: Exception | None = None

    async def launch(self, job: Job, identity: str) -> None:
        if self.breaks:
            raise self.breaks
        assert self.admission.calls == 1, "whoever is launched has a place"
        self.launched.append((job.id, identity))
        self.journal.append("launched")

    async def take_over(self, seconds: float, identity: str = "agent-1") -> None:
        self.admission.keep("dead")
        dead = running_job("dead", identity=identity)
        await take_over(dead, seconds, LiveKit(self.rooms), admission=self.admission, launch=self.launch)


async def test_a_dead_job_is_told_put_out_and_followed_by_another() -> None:
    """In this order: the caller's page knows before the newcomer speaks, and the dead one's name is free."""
    worker = Worker([CALLER])
    await worker.take_over(60)
    told = json.dumps({"fault": "job-died"})
    assert worker.journal == [f"the-room told {told}", "agent-1 put out of the-room", LOOKED, "launched"]
    [packet] = worker.rooms.sent
    assert (packet.topic, packet.kind) == ("granny.fault", DataPacket.Kind.RELIABLE)
    [(job_id, identity)] = worker.launched
    assert (job_id.startswith("job-"), identity.startswith("agent-again-")) == (True, True)
    assert worker.admission.calls == 0


@pytest.mark.parametrize(("seconds", "is_called_back"), [(9.9, False), (10.0, True)])
async def test_a_job_that_died_at_once_would_die_again(seconds: float, is_called_back: bool) -> None:  # noqa: FBT001
    worker = Worker([CALLER])
    await worker.take_over(seconds)
    assert worker.journal[-1] == ("launched" if is_called_back else ENDED)
    assert len(worker.launched) == is_called_back


async def test_nobody_is_called_back_twice() -> None:
    """What the second job died of is likely to be in the call itself."""
    worker = Worker([CALLER])
    await worker.take_over(60)
    [(_, second)] = worker.launched
    await worker.take_over(60, second)
    assert worker.journal[-1] == ENDED
    assert len(worker.launched) == 1


@pytest.mark.parametrize("there", [[CALLER, AGENT], [], [RECORDER]])
async def test_a_dead_job_whose_caller_is_gone_or_answered_is_followed_by_nobody(
    there: list[ParticipantInfo.Kind],
) -> None:
    worker = Worker(there)
    await worker.take_over(60)
    assert worker.journal[2:] == [LOOKED]
    assert (worker.launched, worker.admission.calls) == ([], 0)


@pytest.mark.parametrize("refused", ["send_data", "remove_participant"])
async def test_a_job_that_was_never_in_the_room_is_followed_all_the_same(refused: str) -> None:
    """LiveKit knows of nobody to put out."""
    worker = Worker([CALLER])
    worker.rooms.breaks[refused] = GONE
    await worker.take_over(60)
    assert len(worker.launched) == 1


@pytest.mark.parametrize("broken", ["send_data", "remove_participant", "list_participants", "launch"])
async def test_a_caller_who_cannot_be_looked_after_keeps_no_place(
    broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker([CALLER])
    if broken == "launch":
        worker.breaks = RuntimeError("no process")
    else:
        worker.rooms.breaks[broken] = OSError("LiveKit is gone")
    await worker.take_over(60)
    assert worker.admission.calls == 0
    [record] = caplog.records
    assert (record.getMessage(), record.levelno) == ("could not look after the caller of a dead job", logging.ERROR)
    assert (bool(record.exc_info), vars(record)["job_id"]) == (True, "dead")


def test_a_job_of_our_own_is_marked_like_one_of_livekit_s_and_may_say_why_it_leaves() -> None:
    job = own(
        again(running_job("dead").job),
        "agent-again-1",
        {"granny.refused": "budget-spent"},
        settings=settings(LIVEKIT_URL="ws://livekit.invalid"),
        worker_id="worker",
    )
    claims = api.TokenVerifier(LIVEKIT_KEY, LIVEKIT_SECRET).verify(job.token)
    assert (claims.identity, claims.kind, claims.attributes) == (
        "agent-again-1",
        "agent",
        {occupants.AGENT: occupants.CALL, "granny.refused": "budget-spent"},
    )
    assert claims.video
    assert claims.video.can_update_own_metadata
    assert job.accept_arguments.attributes == claims.attributes
