"""Time as a value: the event loop's clock goes at once to whatever is due next, and nothing is waited for.

A test that has the fixture `clock` sees the times that a caller would, to the millisecond, on however busy a machine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest import mock

_T = TypeVar("_T")
_BEGIN = 1000.0


class Clock:
    """The time of one event loop and of `time.monotonic`, in seconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._now = _BEGIN
        self._loop = loop
        self._select = loop._selector.select  # type: ignore[attr-defined]  # every loop of asyncio's own has one
        self._in_threads = 0

    @property
    def passed(self) -> float:
        """Seconds since the test began."""
        return round(self._now - _BEGIN, 6)

    @contextmanager
    def running(self) -> Iterator[Clock]:
        """Put this clock in the place of the machine's."""
        loop: Any = self._loop
        with (
            mock.patch.object(loop, "time", self.time),
            mock.patch.object(loop, "run_in_executor", self._in_thread(loop.run_in_executor)),
            mock.patch.object(loop._selector, "select", self._until_next),
            mock.patch.object(time, "monotonic", self.time),
        ):
            yield self

    def time(self) -> float:
        return self._now

    def _until_next(self, timeout: float | None = None) -> Any:
        """In the place of the loop's sleep: what is ready, else the time is that of the next timer."""
        if self._in_threads:
            return self._select(0 if timeout == 0 else None)  # a thread works on the machine's time
        ready = self._select(0)
        if not ready and timeout is None:
            msg = "nothing will ever happen any more: what is waited for does not come"
            raise RuntimeError(msg)
        if not ready:
            self._now = round(self._now + (timeout or 0.0), 6)
        return ready

    def _in_thread(self, run: Callable[..., asyncio.Future[_T]]) -> Callable[..., asyncio.Future[_T]]:
        def counted(*args: Any) -> asyncio.Future[_T]:
            self._in_threads += 1
            working = run(*args)
            working.add_done_callback(self._on_done)
            return working

        return counted

    def _on_done(self, _: asyncio.Future[Any]) -> None:
        self._in_threads -= 1
