"""The store as her page reads it: in a thread of its own, so that no call and no other visitor waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from granny.config.settings import Settings

if TYPE_CHECKING:
    from granny.store.store import Store

Read = TypeVar("Read")


class Shelf:
    """One store, opened when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._thread = ThreadPoolExecutor(1, "shelf")
        self._store: Store | None = None

    async def ask(self, read: Callable[[Store], Read]) -> Read:
        """What is read of it; one after the other.

        Raises:
            StoreError: it cannot be opened, or read.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, read)

    def _ask(self, read: Callable[[Store], Read]) -> Read:
        from granny.store.store import Store  # noqa: PLC0415  SQLAlchemy takes its time

        if self._store is None:
            self._store = Store.open(self._settings)
        return read(self._store)
