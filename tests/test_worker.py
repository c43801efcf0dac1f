"""The door of a worker: neither does an idle one refuse, nor does a full one accept."""

import pytest
from livekit.agents import JobRequest
from livekit.agents.job import JobAcceptArguments
from livekit.protocol.agent import Job

from granny import worker as module
from granny.intake import Intake, Known
from granny.report import Outcome
from granny.settings import Settings
from granny.worker import FULL_FROM, Worker, load_of, secrets_of


@pytest.mark.parametrize("cpu", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("calls", [0, 1, 3])
def test_a_worker_with_few_calls_takes_the_next_however_busy_the_machine(calls: int, cpu: float) -> None:
    assert load_of(calls, 8, cpu=cpu) < FULL_FROM


@pytest.mark.parametrize("cpu", [0.0, 1.0])
def test_a_worker_with_all_its_calls_is_full(cpu: float) -> None:
    assert load_of(8, 8, cpu=cpu) >= FULL_FROM


def test_a_worker_with_half_its_calls_is_full_when_the_cpu_is() -> None:
    assert load_of(4, 8, cpu=0.96) >= FULL_FROM
    assert load_of(4, 8, cpu=0.80) < FULL_FROM


def test_of_two_workers_the_less_busy_is_the_more_attractive() -> None:
    assert load_of(1, 8, cpu=0.2) < load_of(1, 8, cpu=0.8)
    assert load_of(1, 8, cpu=0.0) < load_of(3, 8, cpu=0.0)


class Answered:
    """A request for a call, and what the worker answered."""

    def __init__(self) -> None:
        self.accepted = 0
        self.terminated: list[bool] = []
        self.request = JobRequest(job=Job(id="AJ_1"), on_reject=self.reject, on_accept=self.accept)

    async def reject(self, terminate: bool) -> None:  # noqa: FBT001  the framework calls it so
        self.terminated.append(terminate)

    async def accept(self, _arguments: JobAcceptArguments) -> None:
        self.accepted += 1


class Calls(Worker):
    """A worker of which one sees the door only."""

    active_jobs = ()  # type: ignore[assignment] # the real ones are in the pool of a running worker
    _api = None  # nor is it connected to LiveKit


async def nothing() -> None:
    """Nobody need hear that the door has been opened."""


async def never() -> tuple[Outcome, ...]:
    return ()


@pytest.fixture
def intake() -> Intake:
    return Intake(never, reopened=nothing)


@pytest.fixture
def calls(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> Calls:
    monkeypatch.setattr(module, "_usual_load", lambda _worker: 0.0)
    calls = Calls()
    calls._mind_the_door(intake, max_calls=8)
    return calls


async def asked(calls: Calls) -> Answered:
    answered = Answered()
    assert calls._request_fnc
    await calls._request_fnc(answered.request)
    return answered


async def test_a_well_worker_takes_the_call_it_is_offered(calls: Calls) -> None:
    answered = await asked(calls)
    assert (answered.accepted, answered.terminated) == (1, [])


async def test_a_worker_whose_account_is_refused_leaves_the_call_to_another(calls: Calls, intake: Intake) -> None:
    """`terminate=False`: with True LiveKit would offer it to nobody else."""
    intake._known = Known(fault="openai-key-rejected", is_shut=True)
    answered = await asked(calls)
    assert (answered.accepted, answered.terminated) == (0, [False])


async def test_a_worker_whose_account_is_refused_is_still_asked(calls: Calls, intake: Intake) -> None:
    """For a call that nobody else takes; it does not seem free, either."""
    load = calls.load_fnc
    assert load
    assert load(calls) == 0.0  # type: ignore[call-arg] # upstream allows functions without an argument too
    intake._known = Known(fault="openai-key-rejected", is_shut=True)
    assert 0.0 < load(calls) < FULL_FROM  # type: ignore[call-arg] # as above


def test_every_secret_of_the_settings_is_known_to_the_log() -> None:
    values = {"OPENAI_API_KEY": "one", "LIVEKIT_API_KEY": "two", "LIVEKIT_API_SECRET": "three"}
    assert secrets_of(Settings.model_validate(values)) == ("one", "two", "three")
