"""One thread that asks the store for whoever must not wait: for a worker while its calls go on, for her page."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from granny.config.settings import Settings
from granny.store.trouble import StoreError, unavailable

if TYPE_CHECKING:
    from granny.store.store import Store

PATIENCE_SECONDS = 30.0
"""The longest that an answer is waited for: a server or a disk that hangs refuses nothing, and never answers."""
_LAST_SECONDS = 3.0
_SILENT = "It does not answer."

T = TypeVar("T")


class Errands:
    """A thread that does one thing after another; whatever becomes of one, the process can end."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._thread: Thread | None = None

    async def __call__(self, work: Callable[[], T], seconds: float) -> T:
        """Do this after all that was asked before; what nobody waits for any more by then is left out.

        Raises:
            StoreError: it is not done in so long.
        """
        if self._thread is None:
            self._thread = Thread(target=self._go_on, name="store", daemon=True)
            self._thread.start()
        done: Future[T] = Future()
        self._asked.put((done, work))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(done), seconds)
        except asyncio.TimeoutError:
            raise unavailable(_SILENT) from None

    def end(self) -> None:
        """That was all."""
        self._asked.put(None)

    def _go_on(self) -> None:
        while asked := self._asked.get():
            done, work = asked
            if not done.set_running_or_notify_cancel():
                continue
            try:
                done.set_result(work())
            except BaseException as error:  # noqa: BLE001  it is whoever has asked that hears of it
                done.set_exception(error)


class Clerk:
    """Asks the store of these settings, which is opened when it is first needed, and anew after each trouble."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._errands = Errands()
        self._store: Store | None = None

    async def __call__(self, work: Callable[[Store], T]) -> T:
        """Do this with the store, after all that was asked before.

        Raises:
            StoreError: it is away, or does not answer; then it may still be done.
        """
        return await self._errands(lambda: self._work(work), PATIENCE_SECONDS)

    async def aclose(self) -> None:
        """Let the store go, when all that was asked before is done."""
        with contextlib.suppress(StoreError):
            await self._errands(self._close, _LAST_SECONDS)
        self._errands.end()

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
