"""One thread that asks the store for whoever must not wait: for a worker while its calls go on, for her page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from granny.config.settings import Settings
from granny.store.trouble import StoreError

if TYPE_CHECKING:
    from granny.store.store import Store

T = TypeVar("T")


class Clerk:
    """Asks the store of these settings, which is opened when it is first needed, and anew after each trouble."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._thread = ThreadPoolExecutor(1, "store")
        self._store: Store | None = None

    async def __call__(self, work: Callable[[Store], T]) -> T:
        """Do this with the store, after all that was asked before.

        Raises:
            StoreError: it is away.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._work, work)

    async def aclose(self) -> None:
        """Let the store go, when all that was asked before is done."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown(wait=False)

    def _work(self, work: Callable[[Store], T]) -> T:
        if self._store is None:
            from granny.store.store import Store  # noqa: PLC0415  it needs SQLAlchemy: some 18 MB

            self._store = Store.open(self._settings)
        try:
            return work(self._store)
        except StoreError:
            self._close()
            raise

    def _close(self) -> None:
        if self._store:
            self._store.close()
        self._store = None
