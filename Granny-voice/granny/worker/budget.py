"""Whether new calls are refused for their money: GRANNY_OVER_BUDGET=refuse, and what calls may cost a month is spent.

Several workers share one budget, and the first of the month begins a new one: so the store is asked again and again. As
long as it does not answer, what was last known holds.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from granny.config.settings import Settings
from granny.faults import BUDGET_SPENT
from granny.store.clerk import Clerk
from granny.store.spending import spending

if TYPE_CHECKING:  # SQLAlchemy is imported by those who have such a budget, and by nobody else
    from granny.store.store import Store

logger = logging.getLogger("granny.budget")

PAUSE_SECONDS = 30.0
"""By what is spent in so long, and by the calls on the line, a budget may be overspent."""

AskStore = Callable[[], Awaitable[bool]]
"""Whether the month's budget is spent. May raise whatever a store raises."""


class Budget:
    """The month's money, as this worker knows it.

    Args:
        ask: the store; None: no call is ever refused for its money.
    """

    def __init__(self, ask: AskStore | None) -> None:
        self._ask = ask
        self._is_spent = False
        self._asking: asyncio.Task[None] | None = None

    @property
    def fault(self) -> str | None:
        """The slug of what new callers are told; None: they are answered."""
        return BUDGET_SPENT.slug if self._is_spent else None

    def begin(self) -> None:
        """Ask from now on."""
        if self._ask:
            self._asking = asyncio.create_task(self._go_on_asking(self._ask))

    async def aclose(self) -> None:
        """Ask no more."""
        if self._asking:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _go_on_asking(self, ask: AskStore) -> None:
        while True:
            await self._learn(ask)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _learn(self, ask: AskStore) -> None:
        try:
            is_spent = await ask()
        except Exception as error:  # noqa: BLE001  whatever the store does, calls go on as they did
            logger.warning("it cannot be told what calls have cost", extra={"error": type(error).__name__})
            return
        if is_spent is not self._is_spent:
            self._is_spent = is_spent
            logger.warning("the month's budget", extra={"is_spent": is_spent})


def store_of(settings: Settings) -> AskStore | None:
    """Asks the store of these settings; None where no call is to be refused for its money."""
    if settings.over_budget != "refuse" or not settings.monthly_budget:
        return None
    return functools.partial(Clerk(settings), functools.partial(_is_spent, settings=settings))


def _is_spent(store: Store, *, settings: Settings) -> bool:
    return spending(store.calls, settings).is_spent
