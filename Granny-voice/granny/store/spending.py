"""What calls have cost today and this month, beside what a month's may: one rule for page, diary, alerts and door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from decimal import Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

from granny.config.settings import Settings

NEARLY = 0.8
"""The share of the budget from which on the family is told."""


class Spent(Protocol):
    """Who knows what calls have cost: the store's `Calls`."""

    def spent(self, since: datetime) -> Decimal:
        """What the calls from then on have cost, in dollars."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What calls have cost, in dollars.

    Attributes:
        today: since midnight, where she lives.
        month: since the first of the month.
        budget: what all calls of a month may cost; None: no bound is set.
    """

    today: Decimal
    month: Decimal
    budget: Decimal | None = None

    @property
    def share(self) -> float | None:
        """How much of the budget is spent; 1 is all of it, None where there is no bound."""
        return float(self.month / self.budget) if self.budget else None

    @property
    def is_nearly_spent(self) -> bool:
        """Whether so much is spent that the family is to be told."""
        return self.share is not None and self.share >= NEARLY

    @property
    def is_spent(self) -> bool:
        """Whether all of it is."""
        return self.share is not None and self.share >= 1


def has_prices(settings: Settings) -> bool:
    """Whether it is known what a call costs."""
    return settings.price_input is not None and settings.price_output is not None


def spending(calls: Spent, settings: Settings, now: datetime | None = None) -> Spending:
    """What calls have cost until now.

    Args:
        calls: the store's.
        settings: they say where midnight is, and what the budget.
        now: else this moment.

    Raises:
        StoreError: it cannot be read.
    """
    moment = (now or datetime.now(timezone.utc)).astimezone(_zone(settings))
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    budget = None if settings.monthly_budget is None else Decimal(str(settings.monthly_budget))
    return Spending(calls.spent(midnight), calls.spent(midnight.replace(day=1)), budget)


def _zone(settings: Settings) -> tzinfo | None:
    return ZoneInfo(settings.timezone) if settings.timezone else None
