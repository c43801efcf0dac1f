"""Who is called back, who is hung up on, and who is left alone: a call that nobody looks after."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from livekit import api
from livekit.protocol.agent import Job
from livekit.protocol.models import DataPacket, ParticipantInfo

from clock import Clock
from fakes import LiveKit, RoomService, running_job
from granny.rooms import occupants
from granny.worker.admission import Admission
from granny.worker.failover import again, step_in, take_over
from scenarios._scene import LIVEKIT_KEY, LIVEKIT_SECRET, settings

CALLER = ParticipantInfo.Kind.STANDARD
PHONE = ParticipantInfo.Kind.SIP
CONNECTOR = ParticipantInfo.Kind.CONNECTOR
AGENT = ParticipantInfo.Kind.AGENT
RECORDER = ParticipantInfo.Kind.EGRESS

OTHERS_SECONDS = 1.5
PATIENCE_SECONDS = 60.0
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

    async def step_in(self) -> None:
        refused = running_job("refused").job
        await step_in(refused, LiveKit(self.rooms), admission=self.admission, launch=self.launch)

    async def take_over(self, seconds: float, identity: str = "agent-1") -> None:
        self.admission.keep("dead")
        dead = running_job("dead", identity=identity)
        await take_over(dead, seconds, LiveKit(self.rooms), admission=self.admission, launch=self.launch)

    def end(self, job_id: str) -> None:
        self.running.remove(job_id)
        self.admission.hand_on()


@pytest.mark.parametrize("caller", [CALLER, PHONE, CONNECTOR])
async def test_a_caller_whom_nobody_took_is_answered_here(
    clock: Clock, caller: ParticipantInfo.Kind, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever way they came. Others have a second and a half; then the call is launched like any other."""
    worker = Worker([caller])
    await worker.step_in()
    [(job_id, identity)] = worker.launched
    assert (job_id, identity.startswith("agent-"), identity.startswith("agent-again-")) == ("refused", True, False)
    assert worker.journal == [LOOKED, LOOKED, "launched"]
    assert clock.passed == OTHERS_SECONDS
    assert worker.admission.calls == 0
    [record] = caplog.records
    assert (record.name, record.getMessage()) == ("granny.failover", "nobody else took the call")
    assert vars(record)["job_id"] == "refused"


async def test_two_callers_called_back_are_two_agents(clock: Clock) -> None:
    """LiveKit would throw one of two of the same name out."""
    worker = Worker([CALLER])
    await worker.step_in()
    await worker.step_in()
    assert len({identity for _, identity in worker.launched}) == 2
    assert clock.passed == 2 * OTHERS_SECONDS


@pytest.mark.parametrize("there", [[CALLER, AGENT], [], [RECORDER], [AGENT]])
async def test_who_has_been_answered_or_has_gone_is_left_alone(clock: Clock, there: list[ParticipantInfo.Kind]) -> None:
    worker = Worker(there)
    await worker.step_in()
    assert (worker.launched, worker.journal) == ([], [LOOKED])
    assert clock.passed == OTHERS_SECONDS


async def test_nobody_is_looked_for_before_the_others_had_their_time(clock: Clock) -> None:
    worker = Worker([CALLER])
    stepping_in = asyncio.create_task(worker.step_in())
    await asyncio.sleep(OTHERS_SECONDS - 0.1)
    assert worker.journal == []
    await stepping_in
    assert clock.passed == OTHERS_SECONDS


async def test_a_full_worker_answers_as_soon_as_it_has_a_place(clock: Clock) -> None:
    worker = Worker([CALLER], running=("other",))
    asyncio.get_running_loop().call_later(30, worker.end, "other")
    await worker.step_in()
    assert len(worker.launched) == 1
    assert clock.passed == 30
    assert worker.admission.calls == 0


async def test_who_is_answered_elsewhere_while_waiting_is_left_alone(clock: Clock) -> None:
    """And the place that was kept goes to the next one."""
    worker = Worker([CALLER], [CALLER, AGENT], running=("other",))
    asyncio.get_running_loop().call_later(30, worker.end, "other")
    await worker.step_in()
    assert (worker.launched, worker.journal) == ([], [LOOKED, LOOKED])
    assert worker.admission.calls == 0
    assert clock.passed == 30


async def test_who_has_waited_a_minute_for_a_place_is_hung_up_on(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A busy line is better than an empty room."""
    worker = Worker([CALLER], running=("other",))
    await worker.step_in()
    assert worker.journal == [LOOKED, LOOKED, ENDED]
    assert worker.launched == []
    assert clock.passed == OTHERS_SECONDS + PATIENCE_SECONDS
    last = caplog.records[-1]
    assert (last.getMessage(), vars(last)["job_id"]) == ("nobody could take the call", "refused")


@pytest.mark.parametrize("broken", ["list_participants", "launch"])
async def test_a_call_that_cannot_be_looked_after_keeps_no_place(
    clock: Clock, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker([CALLER])
    if broken == "launch":
        worker.breaks = RuntimeError("no process")
    else:
        worker.rooms.breaks[broken] = GONE
    await worker.step_in()
    assert worker.launched == []
    assert worker.admission.calls == 0
    last = caplog.records[-1]
    assert (last.getMessage(), last.levelno) == ("could not look after a refused call", logging.ERROR)
    assert (bool(last.exc_info), vars(last)["job_id"]) == (True, "refused")
    assert clock.passed == OTHERS_SECONDS


async def test_a_dead_job_is_told_put_out_and_followed_by_another() -> None:
    """In this order: the caller's page knows before the newcomer speaks, and the dead one's name is free."""
    worker = Worker([CALLER])
    await worker.take_over(60)
    told = json.dumps({"fault": "job-died"})
    assert worker.journal == [f"the-room told {told}", "agent-1 put out of the-room", LOOKED, "launched"]
    [packet] = worker.rooms.sent
    assert (packet.topic, packet.kind) == ("granny.fault", DataPacket.Kind.RELIABLE)
    [(job_id, identity)] = worker.launched
    assert (job_id, identity.startswith("agent-again-")) == ("dead", True)
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
    job = again(
        running_job("dead").job,
        "agent-again-1",
        settings=settings(LIVEKIT_URL="ws://livekit.invalid"),
        worker_id="worker",
    )
    claims = api.TokenVerifier(LIVEKIT_KEY, LIVEKIT_SECRET).verify(job.token)
    assert (claims.identity, claims.kind, claims.attributes) == (
        "agent-again-1",
        "agent",
        {occupants.AGENT: occupants.CALL},
    )
    assert claims.video
    assert claims.video.can_update_own_metadata
    assert job.accept_arguments.attributes == claims.attributes
