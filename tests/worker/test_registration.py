"""How a worker comes back to LiveKit: always, out of step with the others, and with a line for what is new."""

from __future__ import annotations

import asyncio
import functools
import logging
import random
from collections.abc import Callable

import aiohttp
import pytest

from clock import Clock
from granny import faults
from granny.faults import Fault
from granny.preflight.report import Crashed, Failed, Outcome, Passed
from granny.worker.registration import LONGEST_PAUSE_SECONDS, Registration

GONE, STILL, BACK = "LiveKit has gone; it is tried until it is back", "LiveKit is still away", "LiveKit is back"
REFUSED = ConnectionRefusedError(111, "refused")
CLOSED = RuntimeError("closed unexpectedly")
WELL = Passed(probe="LiveKit", seconds=0.1, detail="the server lets Granny in")


def failed(fault: Fault) -> Failed:
    return Failed(probe="LiveKit", seconds=0.1, detail="", findings=(fault.found("seen"),))


NOT_LISTENING = failed(faults.LIVEKIT_NOT_LISTENING)
WRONG_KEY = failed(faults.LIVEKIT_KEY_UNKNOWN)
alone = functools.partial(Registration, turned=lambda _: None)
"""Of whose coming and going nobody wants to hear."""


class Unauthorized(aiohttp.ClientError):
    status = 401


class Probe:
    """Answers with these in turn, the last of them for ever."""

    def __init__(self, *answers: Outcome) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self) -> Outcome:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


Told = Callable[[], list[tuple[str, str | None]]]


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Told:
    caplog.set_level(logging.INFO)
    return lambda: [(record.getMessage(), getattr(record, "fault", None)) for record in caplog.records]


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> list[float]:
    """The longest pauses that chance may have chosen, and did; nothing is waited for."""
    assert clock.passed == 0
    chosen: list[float] = []

    def longest(least: float, most: float) -> float:
        assert least == 0  # so that of a hundred workers some are back at once, and no two in step
        chosen.append(most)
        return most

    monkeypatch.setattr(random, "uniform", longest)
    return chosen


async def test_however_long_livekit_is_away_it_is_said_once(told: Told, pauses: list[float]) -> None:
    probe = Probe(NOT_LISTENING)
    registration = alone(probe)
    registration.found()
    await registration.lost(CLOSED)
    for _ in range(1000):
        await registration.lost(REFUSED)
    assert registration.fault == "livekit-not-listening"
    registration.found()
    assert registration.fault is None
    assert told() == [(GONE, "livekit-not-listening"), (BACK, None)]
    assert probe.asked == 2  # when it went, and when it failed in another way
    assert len(pauses) == 1001


async def test_another_fault_is_named_when_it_is_met_and_never_twice(told: Told) -> None:
    """A key that was changed while LiveKit was away is not tried for ever without a word."""
    registration = alone(Probe(NOT_LISTENING, NOT_LISTENING, WRONG_KEY, NOT_LISTENING, WRONG_KEY))
    for error in (CLOSED, REFUSED, Unauthorized(), REFUSED, Unauthorized()):
        await registration.lost(error)
    assert registration.fault == "livekit-key-unknown"
    assert told() == [(GONE, "livekit-not-listening"), (STILL, "livekit-key-unknown")]


async def test_a_livekit_that_is_well_when_it_is_asked_is_not_said_to_be_away(told: Told) -> None:
    """It comes up between the try that failed and the question."""
    registration = alone(Probe(NOT_LISTENING, WELL))
    await registration.lost(REFUSED)
    await registration.lost(CLOSED)
    registration.found()
    assert [message for message, _ in told()] == [GONE, BACK]


async def test_each_absence_is_told_of_anew(told: Told) -> None:
    registration = alone(Probe(NOT_LISTENING))
    for _ in range(2):
        await registration.lost(REFUSED)
        registration.found()
    assert told() == [(GONE, "livekit-not-listening"), (BACK, None)] * 2


@pytest.mark.parametrize("outcome", [WELL, Crashed(probe="LiveKit", seconds=0.1, detail="KeyError at livekit.py:1")])
async def test_what_the_probe_cannot_name_is_logged_by_what_was_met(
    caplog: pytest.LogCaptureFixture, outcome: Outcome
) -> None:
    """A short break, or a framework that has changed: no word would be a flaw that nobody finds."""
    registration = alone(Probe(outcome))
    await registration.lost(CLOSED)
    assert registration.fault is None
    (record,) = caplog.records
    assert vars(record)["evidence"] == f"RuntimeError; asked again, {outcome.detail}"


async def test_the_pauses_grow_to_a_bound(pauses: list[float]) -> None:
    registration = alone(Probe(NOT_LISTENING))
    for _ in range(6):
        await registration.lost(REFUSED)
    assert pauses == [0.5, 1.0, 2.0, 4.0, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]


@pytest.mark.parametrize(("seconds", "pause"), [(60, 0.5), (1, 4.0)])
async def test_the_pauses_are_short_again_only_after_a_connection_that_has_held(
    pauses: list[float], seconds: float, pause: float
) -> None:
    """A LiveKit server that registers and hangs up is not asked in a tight circle."""
    registration = alone(Probe(NOT_LISTENING))
    for _ in range(3):
        await registration.lost(REFUSED)
    registration.found()
    await asyncio.sleep(seconds)
    await registration.lost(CLOSED)
    assert pauses[-1] == pause


async def test_it_is_told_once_that_livekit_has_gone_and_once_that_it_is_back() -> None:
    heard: list[bool] = []
    registration = Registration(Probe(WELL), turned=heard.append)
    await registration.lost(REFUSED)
    for _ in range(2):
        registration.found()
    for _ in range(2):
        await registration.lost(REFUSED)
    registration.found()
    assert heard == [True, False, True]
