"""New calls are refused for their money as long as the store says so, and go on as they did while it says nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from clock import Clock
from granny.worker.budget import PAUSE_SECONDS, Budget, store_of
from scenarios._scene import settings

PRICES = {"GRANNY_PRICE_INPUT": "32", "GRANNY_PRICE_OUTPUT": "64"}


class Answers:
    """A store's, one after the other; the last one for ever."""

    def __init__(self, answers: list[bool | Exception]) -> None:
        self.answers = answers
        self.times = 0

    async def __call__(self) -> bool:
        self.times += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def until(what: Callable[[], bool]) -> None:
    """A thread answers, whose time is nobody's."""
    for _ in range(500):
        if what():
            return
        await asyncio.sleep(0.01)
    raise AssertionError


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("granny.worker.budget.PAUSE_SECONDS", 0.01)


async def test_what_is_spent_is_asked_again_and_again_until_there_is_money_anew() -> None:
    budget = Budget(Answers([False, True, True, False]))
    assert budget.fault is None
    budget.begin()
    await until(lambda: budget.fault == "budget-spent")
    await until(lambda: budget.fault is None)
    await budget.aclose()


async def test_while_the_store_does_not_answer_what_was_last_known_holds(caplog: pytest.LogCaptureFixture) -> None:
    asked = Answers([True, OSError("a secret")])
    budget = Budget(asked)
    budget.begin()
    await until(lambda: asked.times > 3)
    assert budget.fault == "budget-spent"
    assert "a secret" not in caplog.text
    await budget.aclose()


async def test_after_the_end_nothing_is_asked() -> None:
    asked = Answers([False])
    budget = Budget(asked)
    budget.begin()
    await until(lambda: asked.times > 0)
    await budget.aclose()
    times = asked.times
    await asyncio.sleep(0.05)
    assert asked.times == times


async def test_without_such_a_budget_nothing_is_asked(clock: Clock) -> None:
    budget = Budget(None)
    budget.begin()
    await asyncio.sleep(10 * PAUSE_SECONDS)
    assert (budget.fault, clock.passed) == (None, 10 * PAUSE_SECONDS)
    await budget.aclose()


@pytest.mark.parametrize(
    ("given", "asks"),
    [
        ({}, False),
        ({"GRANNY_MONTHLY_BUDGET": "20"}, False),
        ({"GRANNY_OVER_BUDGET": "refuse"}, False),
        ({"GRANNY_MONTHLY_BUDGET": "20", "GRANNY_OVER_BUDGET": "refuse"}, True),
    ],
)
def test_the_store_is_asked_only_where_calls_are_to_be_refused(given: dict[str, str], asks: bool) -> None:  # noqa: FBT001  a case's
    assert (store_of(settings(**PRICES, **given)) is not None) is asks
