"""What the store has of the last thirty days, read beside all else."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from granny.config.settings import Settings
from granny.page.family._overview import DAYS, Past, Trouble, every_day
from granny.store.clerk import Clerk
from granny.store.spending import has_prices, spending
from granny.store.trouble import StoreError

if TYPE_CHECKING:
    from granny.store.store import Store

_SECONDS = 5.0
"""The longest that whoever looks at the page waits for it."""
_EVER = datetime(2000, 1, 1, tzinfo=timezone.utc)

logger = logging.getLogger("granny.page")


class Records:
    """The calls, as the family's page counts them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ask = Clerk(settings)

    async def past(self, person: str, now: datetime) -> Past | None:
        """What was until now; None: it cannot be read.

        Args:
            person: whose calls; empty: everybody's.
            now: where the caller lives.
        """
        reading = self._ask(lambda store: self._read(store, person or None, now))
        try:
            return await asyncio.wait_for(reading, _SECONDS)
        except StoreError as error:
            logger.warning("the store cannot be read", extra={"fault": error.finding.fault.slug})
        except asyncio.TimeoutError:
            logger.warning("the store cannot be read", extra={"seconds": _SECONDS})
        return None

    def _read(self, store: Store, whose: str | None, now: datetime) -> Past:
        calls = store.calls
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        since = midnight - timedelta(days=DAYS - 1)
        counted = {day.day: day for day in calls.summary(whose, since)}
        troubles = calls.troubles(whose, since)
        last = next(iter(calls.of(whose, _EVER, latest=1)), None)
        return Past(
            days=every_day(now.date(), counted),
            troubles=[Trouble(slug, one.calls, one.last.astimezone(now.tzinfo)) for slug, one in troubles.items()],
            last_call=last.started.astimezone(now.tzinfo) if last else None,
            last_seconds=last.seconds if last else 0.0,
            money=spending(calls, self._settings, now) if has_prices(self._settings) else None,
        )
