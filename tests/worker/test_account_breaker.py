"""The door of the worker: shut by an account fault, opened by a probe that passes."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable

import pytest

from granny.faults import CATALOGUE, Severity
from granny.preflight.report import Crashed, Failed, Outcome, Passed, Skipped
from granny.worker import account_breaker as module
from granny.worker.account_breaker import AccountBreaker, Known, is_account_fault

REJECTED, CREDIT, UNAVAILABLE = "openai-key-rejected", "openai-out-of-credit", "openai-unavailable"
_REAL_PAUSES = (module.FIRST_PAUSE_SECONDS, module.LONGEST_PAUSE_SECONDS)
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


class HeldProbe:
    """Answers when the test lets it."""

    def __init__(self) -> None:
        self.questions: asyncio.Queue[asyncio.Future[tuple[Outcome, ...]]] = asyncio.Queue()

    async def __call__(self) -> tuple[Outcome, ...]:
        answer: asyncio.Future[tuple[Outcome, ...]] = asyncio.get_running_loop().create_future()
        self.questions.put_nowait(answer)
        return await answer

    async def asked(self) -> asyncio.Future[tuple[Outcome, ...]]:
        """The next question, to be answered by the test."""
        return await asyncio.wait_for(self.questions.get(), 10)


async def nothing() -> None:
    """For those who need not hear that the door has been opened."""


def opened(probe: Probe | HeldProbe) -> AccountBreaker:
    return AccountBreaker(probe, turned=nothing)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(module, "LONGEST_PAUSE_SECONDS", 0.004)


@pytest.fixture
async def breakers() -> AsyncIterator[list[AccountBreaker]]:
    made: list[AccountBreaker] = []
    yield made
    for one in made:
        await one.aclose()


async def until_open(breaker: AccountBreaker) -> None:
    """Until OpenAI was last seen well."""
    await until(lambda: breaker.fault is None)


async def until_shut(breaker: AccountBreaker) -> None:
    await until(lambda: not breaker.is_open)


async def until(is_so: Callable[[], bool]) -> None:
    """A test of which it never becomes so fails, and does not hang."""

    async def look() -> None:
        while not is_so():  # noqa: ASYNC110  no event tells of it
            await asyncio.sleep(0.001)

    await asyncio.wait_for(look(), 10)


WELL_KNOWN = Known()
PASSING = Known(fault=UNAVAILABLE)
SUSPECTED = Known(fault=CREDIT)
SHUT = Known(fault=CREDIT, is_shut=True)


@pytest.mark.parametrize(
    ("known", "account_alarm", "passing_alarm", "account_answer", "passing_answer"),
    [
        (WELL_KNOWN, (REJECTED, False), (UNAVAILABLE, False), (REJECTED, True), (UNAVAILABLE, False)),
        (PASSING, (REJECTED, False), (UNAVAILABLE, False), (REJECTED, True), (UNAVAILABLE, False)),
        (SUSPECTED, (REJECTED, False), (CREDIT, False), (REJECTED, True), (CREDIT, False)),
        (SHUT, (CREDIT, True), (CREDIT, True), (REJECTED, True), (CREDIT, True)),
    ],
    ids=["well", "passing", "suspected", "shut"],
)
def test_what_is_known_after_an_alarm_and_after_an_answer(
    known: Known,
    account_alarm: tuple[str, bool],
    passing_alarm: tuple[str, bool],
    account_answer: tuple[str, bool],
    passing_answer: tuple[str, bool],
) -> None:
    """An alarm never shuts, only a question of our own does; an account fault is not forgotten for a passing one."""
    after = (
        known.after_alarm(REJECTED),
        known.after_alarm(UNAVAILABLE),
        known.after_fault(REJECTED),
        known.after_fault(UNAVAILABLE),
    )
    assert [(one.fault, one.is_shut) for one in after] == [account_alarm, passing_alarm, account_answer, passing_answer]
    assert known.after_well(alarms=0) == Known()


@pytest.mark.parametrize("known", [PASSING, SUSPECTED, SHUT], ids=["passing", "suspected", "shut"])
def test_a_good_answer_older_than_the_last_alarm_changes_nothing(known: Known) -> None:
    later = known.after_alarm(REJECTED)
    assert later.after_well(alarms=known.alarms) == later
    assert later.after_well(alarms=later.alarms).fault is None


@pytest.mark.parametrize("slug", [slug for slug in CATALOGUE if slug.startswith("openai-")])
def test_a_fault_shuts_the_door_if_the_next_call_would_meet_it_too(slug: str) -> None:
    assert is_account_fault(slug) == (CATALOGUE[slug].severity is Severity.FATAL)


@pytest.mark.parametrize("slug", ["livekit-key-unknown", "call-no-first-word", "job-died", "ok", "no-such-slug"])
def test_what_is_not_openais_shuts_nothing(slug: str) -> None:
    assert not is_account_fault(slug)


async def test_a_confirmed_account_fault_shuts_the_door_and_a_passing_probe_opens_it(
    breakers: list[AccountBreaker], caplog: pytest.LogCaptureFixture
) -> None:
    probe = Probe((failed(REJECTED),), (failed(REJECTED),), (WELL,))
    breaker = opened(probe)
    breakers.append(breaker)
    with caplog.at_level(logging.INFO, logger="granny.account_breaker"):
        breaker.failed(REJECTED)
        await asyncio.wait_for(until_shut(breaker), 10)
        await asyncio.wait_for(until_open(breaker), 10)
    assert (breaker.is_open, probe.asked) == (True, 3)
    assert [record.getMessage() for record in caplog.records] == [
        "taking no calls until OpenAI accepts the account again",
        "taking calls again",
    ]
    assert vars(caplog.records[0])["fault"] == REJECTED
    assert {record.name for record in caplog.records} == {"granny.account_breaker"}


async def test_until_it_is_confirmed_calls_are_taken(breakers: list[AccountBreaker]) -> None:
    """What one call failed of may be peculiar to it: the door is shut by a question of its own, asked at once."""
    probe = HeldProbe()
    breaker = opened(probe)
    breakers.append(breaker)
    breaker.failed(REJECTED)
    question = await probe.asked()
    assert (breaker.is_open, breaker.fault) == (True, REJECTED)
    question.set_result((failed(REJECTED),))
    await asyncio.wait_for(until_shut(breaker), 10)


async def test_one_caller_cannot_close_the_door_for_the_others(
    breakers: list[AccountBreaker], caplog: pytest.LogCaptureFixture
) -> None:
    breaker = opened(Probe((WELL,)))
    breakers.append(breaker)
    breaker.failed(REJECTED)
    await asyncio.wait_for(until_open(breaker), 10)
    assert not caplog.records


async def test_a_good_answer_to_an_older_question_does_not_clear_a_newer_fault(breakers: list[AccountBreaker]) -> None:
    probe = HeldProbe()
    breaker = opened(probe)
    breakers.append(breaker)
    breaker.failed(UNAVAILABLE)
    older = await probe.asked()
    breaker.failed(REJECTED)
    older.set_result((WELL,))
    newer = await probe.asked()
    assert breaker.fault == REJECTED
    newer.set_result((failed(REJECTED),))
    await asyncio.wait_for(until_shut(breaker), 10)


async def test_the_load_is_reported_at_once_whenever_the_door_turns(breakers: list[AccountBreaker]) -> None:
    """LiveKit offers a call only once; it must not think this worker free, or full, for longer than it is."""
    reports: list[bool] = []

    async def turned() -> None:
        reports.append(breaker.is_open)

    breaker = AccountBreaker(Probe((failed(REJECTED),), (WELL,)), turned=turned)
    breakers.append(breaker)
    breaker.failed(REJECTED)
    assert breaker._asking
    await asyncio.wait_for(breaker._asking, 10)
    assert reports == [False, True]


async def test_a_passing_fault_is_told_but_shuts_nothing(breakers: list[AccountBreaker]) -> None:
    breaker = opened(Probe((failed(UNAVAILABLE),), (WELL,)))
    breakers.append(breaker)
    breaker.failed(UNAVAILABLE)
    assert (breaker.is_open, breaker.fault) == (True, UNAVAILABLE)
    await asyncio.wait_for(until_open(breaker), 10)


async def test_a_probe_that_broke_shuts_and_opens_nothing(breakers: list[AccountBreaker]) -> None:
    probe = Probe((Crashed(probe="OpenAI", seconds=0.1, detail="bug"),), (failed(REJECTED),), (WELL,))
    breaker = opened(probe)
    breakers.append(breaker)
    breaker.failed(REJECTED)
    await asyncio.wait_for(until_shut(breaker), 10)
    assert probe.asked == 2


async def test_where_nothing_may_be_asked_the_next_call_is_the_proof(breakers: list[AccountBreaker]) -> None:
    breaker = opened(Probe((Skipped(probe="OpenAI", detail="off"),)))
    breakers.append(breaker)
    breaker.failed(REJECTED)
    await asyncio.wait_for(until_open(breaker), 10)
    assert breaker.is_open


async def test_the_pauses_grow_and_are_short_again_once_the_account_is_well(
    breakers: list[AccountBreaker], monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def slept(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    bad = (failed(REJECTED),)
    breaker = opened(Probe(bad, bad, bad, bad, (WELL,), bad, (WELL,)))
    breakers.append(breaker)
    monkeypatch.setattr(random, "uniform", lambda _least, most: most)
    monkeypatch.setattr(asyncio, "sleep", slept)
    for _ in range(2):
        breaker.failed(REJECTED)
        assert breaker._asking
        await asyncio.wait_for(breaker._asking, 10)
    assert pauses == [0.001, 0.002, 0.004, 0.004, 0.001]


async def test_one_worker_asks_one_question_at_a_time(breakers: list[AccountBreaker]) -> None:
    probe = Probe((failed(REJECTED),), (WELL,))
    breaker = opened(probe)
    breakers.append(breaker)
    for _ in range(5):
        breaker.failed(REJECTED)
    await asyncio.wait_for(until_open(breaker), 10)
    assert probe.asked == 2


def test_she_asks_after_a_second_and_never_more_seldom_than_once_a_minute() -> None:
    assert _REAL_PAUSES == (1.0, 60.0)


def test_each_alarm_counts_once() -> None:
    """An answer counts if no alarm came after its question."""
    known = Known().after_alarm(UNAVAILABLE)
    assert (known.alarms, known.after_alarm(UNAVAILABLE).alarms) == (1, 2)
    assert known.after_well(alarms=1) == Known(alarms=1)
    assert known.after_well(alarms=0) == known


async def test_workers_do_not_ask_in_step(breakers: list[AccountBreaker], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pause is shortened at random, to no less than half."""
    asked: list[tuple[float, float]] = []
    pauses: list[float] = []
    sleep = asyncio.sleep

    def uniform(least: float, most: float) -> float:
        asked.append((least, most))
        return 0.5

    async def slept(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    breaker = opened(Probe((failed(REJECTED),), (WELL,)))
    breakers.append(breaker)
    monkeypatch.setattr(random, "uniform", uniform)
    monkeypatch.setattr(asyncio, "sleep", slept)
    breaker.failed(REJECTED)
    assert breaker._asking
    await asyncio.wait_for(breaker._asking, 10)
    assert (asked, pauses) == ([(0.5, 1.0)], [0.0005])


async def test_the_door_is_said_to_shut_once_and_to_open_after_what(
    breakers: list[AccountBreaker], caplog: pytest.LogCaptureFixture
) -> None:
    """However often OpenAI confirms it."""
    breaker = opened(Probe((failed(REJECTED),), (failed(CREDIT),), (failed(CREDIT),), (WELL,)))
    breakers.append(breaker)
    with caplog.at_level(logging.INFO, logger="granny.account_breaker"):
        breaker.failed(REJECTED)
        assert breaker._asking
        await asyncio.wait_for(breaker._asking, 10)
    shut, reopened = caplog.records
    assert vars(shut)["fault"] == REJECTED
    assert vars(reopened)["after"] == CREDIT


async def test_a_cold_start_begins_shut_and_opens_when_openai_is_well(
    breakers: list[AccountBreaker], caplog: pytest.LogCaptureFixture
) -> None:
    """Also for a fault that passes, which is said; whether it was well once is remembered for ever."""
    probe = Probe((failed(UNAVAILABLE),), (failed(UNAVAILABLE),), (WELL,))
    breaker = opened(probe)
    breakers.append(breaker)
    assert breaker.was_well
    breaker.shut(UNAVAILABLE)
    assert (breaker.is_open, breaker.fault, breaker.was_well) == (False, UNAVAILABLE, False)
    [shut] = caplog.records
    said = "taking no calls until OpenAI accepts the account again"
    assert (shut.levelname, shut.getMessage(), vars(shut)["fault"]) == ("ERROR", said, UNAVAILABLE)
    await until_open(breaker)
    assert (breaker.is_open, breaker.was_well) == (True, True)
    breaker.failed(UNAVAILABLE)
    assert breaker.was_well


async def test_who_is_closed_asks_no_more() -> None:
    """It has let go of the question that was open before it returns; who never asked has none."""
    probe = HeldProbe()
    breaker = opened(probe)
    await breaker.aclose()
    breaker.failed(REJECTED)
    await probe.asked()
    await breaker.aclose()
    assert breaker._asking
    assert breaker._asking.cancelled()
