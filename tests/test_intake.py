"""The door of the worker: shut by an account fault, opened by a probe that passes."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from granny import intake as module
from granny.call_record import ENDED_WELL
from granny.faults import CATALOGUE, Severity
from granny.intake import Intake, is_account_fault
from granny.report import Crashed, Failed, Outcome, Passed, Skipped

REJECTED, CREDIT, UNAVAILABLE = "openai-key-rejected", "openai-out-of-credit", "openai-unavailable"
WELL = Passed(probe="OpenAI", seconds=0.1, detail="accepts the key")


def failed(slug: str) -> Failed:
    return Failed(probe="OpenAI", seconds=0.1, detail="", findings=(CATALOGUE[slug].found("seen"),))


class Probe:
    """Answers with what it was given, the last of it for ever."""

    def __init__(self, *answers: tuple[Outcome, ...]) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.is_done = asyncio.Event()

    async def __call__(self) -> tuple[Outcome, ...]:
        self.asked += 1
        if len(self.answers) > 1:
            return self.answers.pop(0)
        self.is_done.set()
        return self.answers[0]


async def nothing() -> None:
    """For those who need not hear that the door has been opened."""


def opened(probe: Probe) -> Intake:
    return Intake(probe, reopened=nothing)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(module, "LONGEST_PAUSE_SECONDS", 0.004)


@pytest.fixture
async def intakes() -> AsyncIterator[list[Intake]]:
    made: list[Intake] = []
    yield made
    for one in made:
        await one.aclose()


async def until_open(intake: Intake) -> None:
    while intake.fault:
        await asyncio.wait_for(asyncio.sleep(0.001), 1)


@pytest.mark.parametrize("slug", [slug for slug in CATALOGUE if slug.startswith("openai-")])
def test_a_fault_shuts_the_door_if_the_next_call_would_meet_it_too(slug: str) -> None:
    assert is_account_fault(slug) == (CATALOGUE[slug].severity is Severity.FATAL)


@pytest.mark.parametrize("slug", ["livekit-key-unknown", "call-no-first-word", "job-died", "ok", "no-such-slug"])
def test_what_is_not_openais_shuts_nothing(slug: str) -> None:
    assert not is_account_fault(slug)


async def test_an_account_fault_shuts_the_door_and_a_passing_probe_opens_it(
    intakes: list[Intake], caplog: pytest.LogCaptureFixture
) -> None:
    probe = Probe((failed(REJECTED),), (failed(REJECTED),), (WELL,))
    intake = opened(probe)
    intakes.append(intake)
    with caplog.at_level(logging.INFO, logger="granny.intake"):
        intake.saw(REJECTED)
        assert (intake.is_open, intake.fault) == (False, REJECTED)
        await asyncio.wait_for(until_open(intake), 10)
    assert (intake.is_open, probe.asked) == (True, 3)
    assert [record.getMessage() for record in caplog.records] == [
        "taking no calls until OpenAI accepts the account again",
        "taking calls again",
    ]
    assert vars(caplog.records[0])["fault"] == REJECTED


async def test_the_load_is_reported_once_when_the_door_opens(intakes: list[Intake]) -> None:
    """LiveKit offers a call only once; it must not think this worker full for longer than it is."""
    reports: list[bool] = []

    async def reopened() -> None:
        reports.append(intake.is_open)

    intake = Intake(Probe((failed(REJECTED),), (WELL,)), reopened=reopened)
    intakes.append(intake)
    intake.saw(REJECTED)
    await asyncio.wait_for(until_open(intake), 10)
    await asyncio.sleep(0.01)
    assert reports == [True]


async def test_a_passing_fault_is_told_but_shuts_nothing(intakes: list[Intake]) -> None:
    intake = opened(Probe((WELL,)))
    intakes.append(intake)
    intake.saw(UNAVAILABLE)
    assert (intake.is_open, intake.fault) == (True, UNAVAILABLE)
    await asyncio.wait_for(until_open(intake), 10)


async def test_an_account_fault_is_not_forgotten_for_a_passing_one(intakes: list[Intake]) -> None:
    """OpenAI that cannot be reached has not accepted the account."""
    intake = opened(Probe((failed(UNAVAILABLE),)))
    intakes.append(intake)
    intake.saw(CREDIT)
    intake.saw(UNAVAILABLE)
    probe = intake._ask
    assert isinstance(probe, Probe)
    await asyncio.wait_for(probe.is_done.wait(), 10)
    assert (intake.is_open, intake.fault) == (False, CREDIT)


async def test_another_account_fault_takes_the_place_of_the_first(intakes: list[Intake]) -> None:
    intake = opened(Probe((failed(CREDIT),)))
    intakes.append(intake)
    intake.saw(REJECTED)
    intake.saw(CREDIT)
    assert intake.fault == CREDIT


async def test_a_probe_that_broke_opens_nothing(intakes: list[Intake]) -> None:
    probe = Probe((Crashed(probe="OpenAI", seconds=0.1, detail="bug"),))
    intake = opened(probe)
    intakes.append(intake)
    intake.saw(REJECTED)
    await asyncio.wait_for(probe.is_done.wait(), 10)
    assert not intake.is_open


async def test_where_nothing_may_be_asked_the_next_call_is_the_proof(intakes: list[Intake]) -> None:
    intake = opened(Probe((Skipped(probe="OpenAI", detail="off"),)))
    intakes.append(intake)
    intake.saw(REJECTED)
    await asyncio.wait_for(until_open(intake), 10)
    assert intake.is_open


async def test_the_pauses_grow_and_a_good_call_makes_them_short_again(intakes: list[Intake]) -> None:
    intake = opened(Probe((failed(REJECTED),), (failed(REJECTED),), (failed(REJECTED),), (WELL,)))
    intakes.append(intake)
    intake.saw(REJECTED)
    await asyncio.wait_for(until_open(intake), 10)
    assert intake._pause == module.LONGEST_PAUSE_SECONDS
    intake.saw(ENDED_WELL)
    assert intake._pause == module.FIRST_PAUSE_SECONDS


async def test_one_worker_asks_one_question_at_a_time(intakes: list[Intake]) -> None:
    probe = Probe((failed(REJECTED),), (WELL,))
    intake = opened(probe)
    intakes.append(intake)
    for _ in range(5):
        intake.saw(REJECTED)
    await asyncio.wait_for(until_open(intake), 10)
    assert probe.asked == 2
