"""What calls have cost since midnight and since the first of the month, by the clock of the house."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from granny.config.settings import Settings
from granny.store.spending import Spending, has_prices, spending
from granny.store.store import Store
from store.samples import NOON, call


def in_berlin(**more: str) -> Settings:
    return Settings.model_validate({"OPENAI_API_KEY": "none", "GRANNY_TIMEZONE": "Europe/Berlin", **more})


def test_today_and_this_month_begin_at_midnight_where_she_lives(store: Store) -> None:
    """Half past eleven at night in London belongs to the next day in Berlin, and on the last day to the next month."""
    for moment, cost in (
        (datetime(2026, 10, 31, 22, 59, tzinfo=timezone.utc), "100"),
        (datetime(2026, 10, 31, 23, 1, tzinfo=timezone.utc), "1"),
        (datetime(2026, 11, 26, 22, 59, tzinfo=timezone.utc), "0.1"),
        (datetime(2026, 11, 26, 23, 1, tzinfo=timezone.utc), "0.02"),
        (NOON, "0.003"),
    ):
        store.calls.add(call(cost, ago=NOON - moment, cost=Decimal(cost)))
    spent = spending(store.calls, in_berlin(GRANNY_MONTHLY_BUDGET="1.5"), NOON + timedelta(minutes=1))
    assert spent == Spending(Decimal("0.023"), Decimal("1.123"), Decimal("1.5"))


class Spent:
    """So much, whenever it is asked."""

    def __init__(self, dollars: str) -> None:
        self.dollars = Decimal(dollars)

    def spent(self, since: datetime) -> Decimal:
        assert since.tzinfo
        return self.dollars


@pytest.mark.parametrize(
    ("month", "is_nearly_spent", "is_spent"),
    [("7.99", False, False), ("8", True, False), ("9.99", True, False), ("10", True, True), ("12", True, True)],
)
def test_a_family_is_told_at_four_fifths_and_all_is_spent_at_the_whole(
    month: str,
    is_nearly_spent: bool,  # noqa: FBT001  a column of the table
    is_spent: bool,  # noqa: FBT001  as above
) -> None:
    spent = spending(Spent(month), in_berlin(GRANNY_MONTHLY_BUDGET="10"))
    assert (spent.is_nearly_spent, spent.is_spent) == (is_nearly_spent, is_spent)


def test_without_a_budget_nothing_is_ever_spent() -> None:
    spent = spending(Spent("1000000"), in_berlin())
    assert (spent.share, spent.is_nearly_spent, spent.is_spent) == (None, False, False)


def test_a_budget_is_the_number_that_was_written() -> None:
    assert spending(Spent("0"), in_berlin(GRANNY_MONTHLY_BUDGET="0.1")).budget == Decimal("0.1")


def test_what_a_call_costs_is_known_by_the_prices_of_both() -> None:
    assert has_prices(in_berlin(GRANNY_PRICE_INPUT="1", GRANNY_PRICE_OUTPUT="0"))
    assert not has_prices(in_berlin(GRANNY_PRICE_INPUT="1"))
