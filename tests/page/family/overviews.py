"""A family's page in various circumstances."""

from __future__ import annotations

import dataclasses
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
_CALLS_A_DAY = "123011020311213012040121301122"
_TROUBLED = (9, 23)
A_MONTH = dataclasses.replace(
    PAST,
    days=tuple(
        Day(
            day=TODAY - timedelta(days=29 - number),
            calls=int(calls),
            seconds=int(calls) * (420.0 + 97 * (number * 7 % 11)),
            troubled=int(number in _TROUBLED),
            cost=Decimal(calls) * (21 + number * 5 % 13) / 100,
        )
        for number, calls in enumerate(_CALLS_A_DAY)
    ),
    troubles=(Trouble("livekit-connection-lost", 1, NOW - timedelta(days=6)), WRONG[1]),
)
"""A call or two on most days, and trouble twice."""
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
    return dataclasses.replace(usual, **changed)
