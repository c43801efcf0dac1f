"""A call that is answered only to tell why there is none: the caller hears it, and nothing is asked of OpenAI."""

from __future__ import annotations

import pytest

from clock import Clock
from fakes import Job, Person, Room
from granny import faults
from granny.call.ending import CallEnd, CallEnded
from granny.call.lifecycle import Call, wind_up
from granny.call.refused import REFUSED, RefusedError, why_refused
from scenarios._scene import settings

pytestmark = pytest.mark.usefixtures("no_sound_card", "clock")


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[CallEnded]:
    """What was told of the end of each call."""
    ended: list[CallEnded] = []
    monkeypatch.setattr("granny.call.reports.report", ended.append)
    return ended


class Answering:
    """A call as `agent.py` holds it."""

    def __init__(self, mark: dict[str, str], *, is_console: bool = False) -> None:
        self.room = Room(Person())
        self.job = Job(self.room, attributes=mark, is_console=is_console)
        self.call = Call(self.job, settings(LIVEKIT_URL="ws://livekit.invalid"))
        self.got_far = False

    async def answer(self) -> None:
        with self.call as call:
            await call.greet()
            self.got_far = True


async def test_the_caller_hears_why_and_there_is_no_agent_session(clock: Clock, reported: list[CallEnded]) -> None:
    here = Answering({REFUSED: faults.BUDGET_SPENT.slug})
    await here.answer()
    await wind_up(here.job)
    assert not here.got_far
    assert [ended.end for ended in reported] == [CallEnd.by(faults.BUDGET_SPENT.found(""))]
    assert reported[0].record.spoken_faults == ["budget-spent"]
    assert here.room.journal.count("track granny-line") == 2  # what she is, and the line
    assert here.job.hung_up == ["budget-spent"]
    assert here.job.rooms.journal == ["the-room ended"]
    assert clock.passed < 60


@pytest.mark.parametrize("mark", [{}, {"granny.agent": "call"}, {REFUSED: ""}, {REFUSED: "no-such-fault"}])
async def test_any_other_call_is_held(mark: dict[str, str]) -> None:
    here = Answering(mark)
    await here.answer()
    assert here.got_far


def test_whoever_sits_at_the_machine_is_not_refused() -> None:
    assert why_refused(Answering({REFUSED: faults.BUDGET_SPENT.slug}, is_console=True).job) is None


async def test_a_room_that_cannot_be_joined_ends_the_job_all_the_same(
    monkeypatch: pytest.MonkeyPatch, reported: list[CallEnded]
) -> None:
    here = Answering({REFUSED: faults.BUDGET_SPENT.slug})

    async def fails() -> None:
        from livekit import rtc  # noqa: PLC0415  only here

        raise rtc.ConnectError("")  # noqa: EM101  of no text

    monkeypatch.setattr(here.job, "connect", fails)
    await here.answer()
    await wind_up(here.job)
    assert here.job.hung_up == ["budget-spent"]
    assert reported[0].end.fault == "budget-spent"


def test_the_refusal_names_its_fault() -> None:
    finding = faults.BUDGET_SPENT.found("")
    assert str(RefusedError(finding)) == "budget-spent"
