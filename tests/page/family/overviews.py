"""A family's page in various circumstances."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from granny.page.family._overview import Now, Overview, Past, State, Trouble, every_day, locale_of
from granny.store.rows import Day
from granny.store.spending import Spending

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 27, 20, 31, tzinfo=BERLIN)
TODAY = NOW.date()
SHE_CALLED = {
    TODAY: Day(day=TODAY, calls=2, seconds=1380.0, troubled=0, cost=Decimal("0.86")),
    date(2026, 11, 22): Day(day=date(2026, 11, 22), calls=5, seconds=6900.0, troubled=1, cost=Decimal("4.31")),
    date(2026, 11, 3): Day(day=date(2026, 11, 3), calls=1, seconds=42.0, troubled=1, cost=Decimal("0.05")),
}
WRONG = (
    Trouble("openai-out-of-credit", 3, NOW - timedelta(days=5)),
    Trouble("line-lost", 1, NOW - timedelta(days=24)),
)
PAST = Past(
    days=every_day(TODAY, SHE_CALLED),
    troubles=WRONG,
    last_call=NOW - timedelta(hours=5),
    last_seconds=723.0,
    money=Spending(Decimal("0.86"), Decimal("16.40"), Decimal(20)),
)
NO_CALLS = Past(days=every_day(TODAY, {}))


def overview(language: str = "en", *, past: Past | None = PAST, **changed: Any) -> Overview:
    """Anna's page on a good evening, but for what is changed."""
    usual = Overview(
        locale_of(language, "America/New_York" if language == "en" else None),
        "Granny",
        "Anna",
        NOW,
        Now(State.WELL),
        past,
    )
    return replace(usual, **changed)
