"""The door of a worker: whom it takes, whom it leaves to another, and what it tells LiveKit."""

import pytest
from livekit.agents import JobRequest
from livekit.agents.job import JobAcceptArguments
from livekit.protocol.agent import Job

from granny.config.settings import Settings
from granny.preflight.report import Outcome
from granny.worker import framework as module
from granny.worker.account_breaker import AccountBreaker, Known
from granny.worker.admission import FULL_FROM, Admission
from granny.worker.framework import Worker
from granny.worker.health import Health, Status


class Answered:
    """A request for a call, and what the worker answered."""

    def __init__(self) -> None:
        self.accepted = 0
        self.terminated: list[bool] = []
        self.fails: type[Exception] | None = None
        self.request = JobRequest(job=Job(id="AJ_1"), on_reject=self.reject, on_accept=self.accept)

    async def reject(self, terminate: bool) -> None:  # noqa: FBT001  the framework calls it so
        self.terminated.append(terminate)

    async def accept(self, _arguments: JobAcceptArguments) -> None:
        if self.fails:
            raise self.fails
        self.accepted += 1


class Calls(Worker):
    """A worker of which one sees the door only."""

    jobs: tuple[str, ...] = ()  # the real ones are in the pool of a running worker
    _api = None  # nor is it connected to LiveKit


async def nothing() -> None:
    """Nobody need hear that the door has been opened."""


async def never() -> tuple[Outcome, ...]:
    return ()


@pytest.fixture
def breaker() -> AccountBreaker:
    return AccountBreaker(never, reopened=nothing)


@pytest.fixture
def calls(breaker: AccountBreaker, monkeypatch: pytest.MonkeyPatch) -> Calls:
    monkeypatch.setattr(module, "_usual_load", lambda _worker: 0.0)
    calls = Calls()
    calls._admission = Admission(2, running=lambda: calls.jobs)
    calls._mind_the_door(breaker, calls._admission)
    return calls


async def asked(calls: Calls) -> Answered:
    answered = Answered()
    assert calls._request_fnc
    await calls._request_fnc(answered.request)
    return answered


async def test_a_well_worker_takes_the_call_it_is_offered(calls: Calls) -> None:
    answered = await asked(calls)
    assert (answered.accepted, answered.terminated) == (1, [])


async def test_a_worker_whose_places_are_taken_leaves_the_call_to_another(calls: Calls) -> None:
    calls.jobs = ("AJ_2", "AJ_3")
    answered = await asked(calls)
    assert (answered.accepted, answered.terminated) == (0, [False])


async def test_a_call_that_came_to_nothing_takes_no_place(calls: Calls) -> None:
    """LiveKit may never assign a job that was accepted."""
    lost = Answered()
    lost.fails = TimeoutError
    assert calls._request_fnc
    with pytest.raises(TimeoutError):
        await calls._request_fnc(lost.request)
    assert calls._admission.calls == 0


async def test_a_worker_whose_account_is_refused_leaves_the_call_to_another(
    calls: Calls, breaker: AccountBreaker
) -> None:
    """`terminate=False`: with True LiveKit would offer it to nobody else."""
    breaker._known = Known(fault="openai-key-rejected", is_shut=True)
    answered = await asked(calls)
    assert (answered.accepted, answered.terminated) == (0, [False])


async def test_a_worker_whose_account_is_refused_is_still_asked(calls: Calls, breaker: AccountBreaker) -> None:
    """For a call that nobody else takes; it does not seem free, either."""
    load = calls.load_fnc
    assert load
    assert load(calls) == 0.0  # type: ignore[call-arg] # upstream allows functions without an argument too
    breaker._known = Known(fault="openai-key-rejected", is_shut=True)
    assert 0.0 < load(calls) < FULL_FROM  # type: ignore[call-arg] # as above


def test_every_secret_of_the_settings_is_known_to_the_log() -> None:
    values = {"OPENAI_API_KEY": "one", "LIVEKIT_API_KEY": "two", "LIVEKIT_API_SECRET": "three"}
    assert Settings.model_validate(values).secrets == ("one", "two", "three")


@pytest.mark.parametrize("state", ["_draining", "_closed"])
@pytest.mark.parametrize("also", ["_connecting", None])
def test_who_stops_says_so_whatever_else_is_wrong(
    calls: Calls, breaker: AccountBreaker, state: str, also: str | None
) -> None:
    breaker._known = Known(fault="openai-key-rejected", is_shut=True)
    _connected(calls)
    for name in filter(None, (state, also)):
        setattr(calls, name, True)
    assert calls._health(breaker) == Health(Status.STOPPING)


@pytest.mark.parametrize("state", ["_connecting", "_connection_failed"])
def test_who_is_unknown_to_livekit_is_not_ok(calls: Calls, breaker: AccountBreaker, state: str) -> None:
    """While it is being reached, and when it cannot be: no caller would be sent here."""
    _connected(calls)
    setattr(calls, state, True)
    assert calls._health(breaker) == Health(Status.UNREGISTERED)


def test_a_fault_is_named_and_a_full_worker_is_no_longer_ok(calls: Calls, breaker: AccountBreaker) -> None:
    _connected(calls)
    assert calls._health(breaker) == Health(Status.OK)
    calls.jobs = ("AJ_2", "AJ_3")
    assert calls._health(breaker) == Health(Status.FULL)
    breaker._known = Known(fault="openai-unavailable")
    assert calls._health(breaker) == Health(Status.FAULT, "openai-unavailable")


def _connected(calls: Calls) -> None:
    for name in ("_draining", "_closed", "_connecting", "_connection_failed"):
        setattr(calls, name, False)


def test_an_offered_call_is_looked_at_until_the_worker_stops(calls: Calls) -> None:
    """Whether there is a place is not the framework's guess."""
    assert calls._is_available() is True
    calls._draining = True
    assert calls._is_available() is False
