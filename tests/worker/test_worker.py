"""The door of a worker: whom it takes, whom it leaves to another, and what it tells LiveKit."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from livekit.agents import AgentServer, JobContext, JobExecutorType, JobRequest
from livekit.agents.job import JobAcceptArguments, RunningJobInfo
from livekit.protocol.agent import Job
from livekit.protocol.models import Room

from granny import faults
from granny.call.ending import CallEnd, CallEnded, Ending
from granny.config.settings import Settings
from granny.preflight.report import Outcome
from granny.rooms.occupants import AGENT, CALL
from granny.worker import worker as module
from granny.worker.account_breaker import AccountBreaker, Known
from granny.worker.health import Health, Status
from granny.worker.room_watch import RoomWatch
from granny.worker.worker import Worker

SETTINGS = Settings.model_validate({"OPENAI_API_KEY": "sk-FAKE", "GRANNY_MAX_CALLS": "2"})


class Answered:
    """A request for a call, and what the worker answered."""

    def __init__(self) -> None:
        self.accepted = 0
        self.attributes: dict[str, str] | None = None
        self.terminated: list[bool] = []
        self.fails: type[Exception] | None = None
        self.request = JobRequest(job=Job(id="AJ_1"), on_reject=self.reject, on_accept=self.accept)

    async def reject(self, terminate: bool) -> None:  # noqa: FBT001  the framework calls it so
        self.terminated.append(terminate)

    async def accept(self, arguments: JobAcceptArguments) -> None:
        if self.fails:
            raise self.fails
        self.accepted += 1
        self.attributes = arguments.attributes


class Calls(Worker):
    """A worker of which one sees the door only: it is not connected to LiveKit."""

    jobs: tuple[str, ...] = ()
    knows_livekit = True

    @property
    def active_jobs(self) -> list[RunningJobInfo]:
        """The real ones are in the pool of a running worker."""
        return [running(job) for job in self.jobs]

    @property
    def is_unregistered(self) -> bool:
        return not self.knows_livekit


def running(job_id: str) -> RunningJobInfo:
    arguments = JobAcceptArguments(name="", identity="agent", metadata="")
    job = Job(id=job_id, room=Room(sid=f"RM_{job_id}"))
    return RunningJobInfo(arguments, job, url="", token="", worker_id="", fake_job=False)


async def nothing() -> None:
    """Nobody need hear that the door has been opened."""


async def never() -> tuple[Outcome, ...]:
    return ()


@pytest.fixture
def breaker() -> AccountBreaker:
    return AccountBreaker(never, turned=nothing)


@pytest.fixture
def calls(breaker: AccountBreaker, monkeypatch: pytest.MonkeyPatch) -> Calls:
    monkeypatch.setattr(module, "_usual_load", lambda _worker: 0.0)
    calls = Calls(num_idle_processes=0, job_executor_type=JobExecutorType.THREAD)
    calls.mind_the_door(SETTINGS, breaker)
    return calls


async def asked(calls: Calls) -> Answered:
    answered = Answered()
    await calls._door.answer(answered.request)
    return answered


async def test_a_well_worker_takes_the_call_it_is_offered(calls: Calls) -> None:
    answered = await asked(calls)
    assert (answered.accepted, answered.terminated) == (1, [])


async def test_she_is_marked_in_the_room_from_the_moment_she_joins_it(calls: Calls) -> None:
    """So that another of hers, and the worker of another, know whom they see."""
    assert (await asked(calls)).attributes == {AGENT: CALL}


async def test_a_worker_whose_places_are_taken_leaves_the_call_to_another(calls: Calls) -> None:
    calls.jobs = ("AJ_2", "AJ_3")
    answered = await asked(calls)
    assert (answered.accepted, answered.terminated) == (0, [False])


async def test_a_call_that_came_to_nothing_takes_no_place(calls: Calls) -> None:
    """LiveKit may never assign a job that was accepted."""
    lost = Answered()
    lost.fails = TimeoutError
    with pytest.raises(TimeoutError):
        await calls._door.answer(lost.request)
    assert calls._door.admission.calls == 0


async def test_a_worker_whose_account_is_refused_leaves_the_call_to_another(
    calls: Calls, breaker: AccountBreaker
) -> None:
    """`terminate=False`: with True LiveKit would offer it to nobody else."""
    breaker._known = Known(fault="openai-key-rejected", is_shut=True)
    answered = await asked(calls)
    assert (answered.accepted, answered.terminated) == (0, [False])


async def test_a_worker_whose_account_is_refused_or_whose_places_are_taken_is_full(
    calls: Calls, breaker: AccountBreaker
) -> None:
    """LiveKit asks another node; whom nobody takes the room watch finds."""
    assert calls.load_fnc == calls.load
    assert calls.load() == 0.0
    calls.jobs = ("AJ_2", "AJ_3")
    assert calls.load() == 1.0
    calls.jobs = ()
    breaker._known = Known(fault="openai-key-rejected", is_shut=True)
    assert calls.load() == 1.0


class Watch(RoomWatch):
    """A room watch that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def look(self) -> None:
        self.told.append("look")

    def act(self) -> None:
        self.told.append("act")

    def parted(self, room: str) -> None:
        self.told.append(f"parted {room}")

    async def aclose(self) -> None:
        self.told.append("closed")


@pytest.fixture
def watch(calls: Calls) -> Watch:
    calls._watch = made = Watch()
    return made


async def test_when_a_call_is_refused_the_rooms_are_looked_into_at_once(calls: Calls, watch: Watch) -> None:
    await asked(calls)
    assert watch.told == []
    calls.jobs = ("AJ_2", "AJ_3")
    await asked(calls)
    assert watch.told == ["look"]


async def test_who_waits_has_a_free_place_before_livekit_hears_of_it(
    calls: Calls, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def told() -> None:
        watch.told.append("load told")

    monkeypatch.setattr(calls, "tell_load", told)
    calls._on_place_free()
    await asyncio.sleep(0)
    assert watch.told == ["act", "load told"]


@pytest.mark.parametrize("is_shut", [True, False])
async def test_whenever_the_door_turns_livekit_is_told_and_the_rooms_are_looked_into(
    calls: Calls,
    watch: Watch,
    monkeypatch: pytest.MonkeyPatch,
    is_shut: bool,  # noqa: FBT001  a column of the table
) -> None:
    async def told() -> None:
        watch.told.append(f"load {calls.load()}")

    monkeypatch.setattr(calls, "tell_load", told)
    calls._door.breaker._known = Known(fault="openai-key-rejected" if is_shut else None, is_shut=is_shut)
    await calls._on_door()
    assert watch.told == [f"load {1.0 if is_shut else 0.0}", "look"]


async def test_features_hear_of_an_account_that_fails_and_is_well_again(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def told() -> None:
        """LiveKit is not there."""

    monkeypatch.setattr(calls, "tell_load", told)
    heard: list[str | None] = []
    calls._hooks.on_account(heard.append)
    for known in (Known(fault="openai-out-of-credit", is_shut=True), Known(fault="openai-silent"), Known()):
        calls._door.breaker._known = known
        await calls._on_door()
    assert heard == ["openai-out-of-credit", None, None]


def test_features_hear_that_livekit_knows_the_worker(calls: Calls) -> None:
    heard: list[bool] = []
    calls._hooks.on_registered(heard.append)
    calls._registration.found()
    assert heard == [True]


def test_what_features_warn_of_is_told_beside_how_the_worker_is(calls: Calls) -> None:
    calls._hooks.warn(faults.DATA_FOLDER_UNUSABLE)
    assert calls.health() == Health(Status.OK, warnings=("data-folder-unusable",))


ENDS = [
    (CallEnd(Ending.GOODBYE), True),
    (CallEnd(Ending.HUNG_UP), True),
    (CallEnd(Ending.LINE_LOST), True),
    (CallEnd(Ending.FAULT, "openai-out-of-credit"), True),
    (CallEnd(Ending.FAULT, "worker-stopping"), True),
    (CallEnd(Ending.FAULT, "livekit-connection-lost"), False),
    (CallEnd(Ending.CRASHED, "job-died"), False),
    (CallEnd(Ending.OTHER_GRANNY), False),
]


async def test_a_worker_whose_budget_is_spent_answers_to_tell_so(calls: Calls) -> None:
    """Nobody else could do more for the caller, so nobody is waited for."""
    calls._door.budget._is_spent = True
    answered = await asked(calls)
    assert answered.attributes == {AGENT: CALL, "granny.refused": "budget-spent"}
    assert calls.health() == Health(Status.FAULT, "budget-spent")


@pytest.mark.parametrize(("end", "is_parted"), ENDS, ids=lambda one: one.outcome if isinstance(one, CallEnd) else "")
def test_who_stays_after_a_goodbye_is_not_called_back(
    calls: Calls,
    watch: Watch,
    end: CallEnd,
    is_parted: bool,  # noqa: FBT001  a column of the table
) -> None:
    """Where nobody could say it, they are."""
    calls.jobs = ("AJ_1", "AJ_2")
    calls._on_call_ended(CallEnded("AJ_2", "kitchen", end, seconds=1.0))
    assert watch.told == ["parted RM_AJ_2"] * is_parted


async def test_a_room_to_which_a_job_is_on_its_way_is_seen_to(calls: Calls) -> None:
    """Its process may not run yet when the caller has been alone for a while."""
    rooms: list[object] = []

    async def accept(_: JobAcceptArguments) -> None:
        rooms.append(calls.rooms)

    calls.jobs = ("AJ_1",)
    job = Job(id="AJ_2", room=Room(sid="RM_new"))
    await calls._door.answer(JobRequest(job=job, on_reject=Answered().reject, on_accept=accept))
    assert rooms == [{"RM_new", "RM_AJ_1"}]
    assert calls.rooms == {"RM_AJ_1"}


@pytest.mark.parametrize("stop", [Calls.drain, Calls.aclose])
async def test_who_stops_looks_into_no_rooms(calls: Calls, stop: Callable[[Calls], Awaitable[None]]) -> None:
    async with served(calls):
        calls._watch = watch = Watch()
        await stop(calls)
        assert watch.told == ["closed"]


def test_every_secret_of_the_settings_is_known_to_the_log() -> None:
    values = {"OPENAI_API_KEY": "one", "LIVEKIT_API_KEY": "two", "LIVEKIT_API_SECRET": "three"}
    assert Settings.model_validate(values).secrets == ("one", "two", "three")


@contextlib.asynccontextmanager
async def served(calls: Calls) -> AsyncIterator[None]:
    """The worker at work, without LiveKit, until it is closed."""

    async def answer(_: JobContext) -> None:
        """Never called."""

    started = asyncio.Event()
    calls.rtc_session(answer)
    calls.once("worker_started", started.set)
    serving = asyncio.create_task(calls.serve(SETTINGS, ask=never, devmode=True, unregistered=True))
    await started.wait()
    try:
        yield
    finally:
        await calls.aclose()
        await serving


@pytest.mark.parametrize("stop", [Calls.drain, Calls.aclose])
@pytest.mark.parametrize("livekit", ["there", "gone"])
async def test_who_stops_says_so_whatever_else_is_wrong(
    calls: Calls, stop: Callable[[Calls], Awaitable[None]], livekit: str
) -> None:
    async with served(calls):
        calls._door.breaker._known = Known(fault="openai-key-rejected", is_shut=True)
        calls.knows_livekit = livekit == "there"
        assert calls.health().status is not Status.STOPPING
        await stop(calls)
        assert calls.health() == Health(Status.STOPPING)
        assert not calls.looks_at_offers()


async def test_an_offered_call_is_looked_at_until_the_worker_stops(calls: Calls) -> None:
    """Whether there is a place is not the framework's guess."""
    async with served(calls):
        calls.jobs = ("AJ_2", "AJ_3")
        assert calls.looks_at_offers()
        calls.jobs = ()


async def test_a_worker_that_is_to_stop_waits_for_whoever_goes_on_for_a_dead_job(calls: Calls) -> None:
    """No process runs for it at the moment, but its place is kept."""
    async with served(calls):
        calls._door.admission.keep("AJ_1")
        stopping = asyncio.create_task(calls.drain())
        for _ in range(100):
            await asyncio.sleep(0)
        assert not calls.looks_at_offers()
        assert calls.load() == 1.0
        assert not stopping.done()
        calls._door.admission.settle("AJ_1")
        await stopping
        assert calls.draining


async def test_the_framework_drains_only_a_worker_without_calls(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two calls that end in the same moment it would ask after the second for ever, and nothing else would run."""
    drained: list[object] = []

    async def drain(_: AgentServer, timeout: object) -> None:
        drained.append(timeout)

    async with served(calls):
        monkeypatch.setattr(AgentServer, "drain", drain)
        calls.jobs = ("AJ_1", "AJ_2")
        stopping = asyncio.create_task(calls.drain())
        for _ in range(100):
            await asyncio.sleep(0)
        assert drained == []
        calls.jobs = ()
        calls._door.admission.freed()
        await stopping
        assert drained == [None]


async def test_a_worker_that_is_to_stop_does_not_wait_for_ever(calls: Calls) -> None:
    async with served(calls):
        calls._door.admission.keep("AJ_1")
        with pytest.raises(asyncio.TimeoutError):
            await calls.drain(timeout=1)


async def test_what_has_begun_is_finished_before_the_worker_is_closed(calls: Calls) -> None:
    """A caller whose job has died is being told, and the way to LiveKit is to be there until then."""
    done: list[str] = []

    async def tell() -> None:
        for _ in range(100):
            await asyncio.sleep(0)
        done.append("told")

    async with served(calls):
        calls._spawn(tell())
        await calls.aclose()
        assert done == ["told"]


def test_who_is_unknown_to_livekit_is_not_ok(calls: Calls) -> None:
    """While it is being reached, and when it cannot be: no caller would be sent here."""
    calls.knows_livekit = False
    assert calls.health() == Health(Status.UNREGISTERED)


def test_a_fault_is_named_and_a_full_worker_is_no_longer_ok(calls: Calls, breaker: AccountBreaker) -> None:
    assert calls.health() == Health(Status.OK)
    calls.jobs = ("AJ_2", "AJ_3")
    assert calls.health() == Health(Status.FULL)
    breaker._known = Known(fault="openai-unavailable")
    assert calls.health() == Health(Status.FAULT, "openai-unavailable")
    breaker._known = Known(fault="openai-unavailable", is_shut=True, was_well=False)
    assert calls.health() == Health(Status.APOLOGISING, "openai-unavailable")
