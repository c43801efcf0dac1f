"""The calls of this worker: which are on the line now, and how each one ended, as its job told it.

What jobs tell, and how it comes here, is in `call.reports`; who wants to hear of it subscribes in `worker.hooks`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from livekit.agents.job import RunningJobInfo

from granny import faults
from granny.call.ending import CallEnd, CallEnded, Ending
from granny.call.reports import CHANNEL, Alarm, Danger, Told
from granny.worker.hooks import Hooks


@dataclass(slots=True)
class _Line:
    """One call that is on the line."""

    since: float
    is_reported: bool = False
    has_alarmed: bool = False


@dataclass(slots=True)
class JobReports:
    """The main process's book of calls; all of it happens in the worker's event loop.

    Attributes:
        hooks: where all of it is told: once for every call that has ended, once for one that a fault ends (at its
            alarm, or else with its end), and whenever the number of calls on the line changes.
        died: called for a call whose job ended without a word, with the job and the call's length in seconds; 0 if
            the call was about to end.
    """

    hooks: Hooks
    died: Callable[[RunningJobInfo, float], None]
    _lines: dict[str, _Line] = field(default_factory=dict)

    def listen(self, loop: asyncio.AbstractEventLoop) -> contextlib.AbstractContextManager[None]:
        """Hear what the jobs tell, for the length of a `with`."""
        return _listening(_Ear(loop, self._hear))

    def launched(self, job: RunningJobInfo) -> None:
        """A job has got its process."""
        self._lines[job.job.id] = _Line(since=time.monotonic())
        self.hooks.tell_calls(len(self._lines))

    def closed(self, job: RunningJobInfo) -> None:
        """A job's process has ended."""
        line = self._lines.pop(job.job.id, None)
        if line is None:
            return
        self.hooks.tell_calls(len(self._lines))
        if not line.is_reported:
            seconds = time.monotonic() - line.since
            end = CallEnd(Ending.CRASHED, faults.JOB_DIED.slug)
            self.hooks.tell_end(CallEnded(job.job.id, job.job.room.name, end, seconds))
            self.died(job, 0.0 if line.has_alarmed else seconds)

    def _hear(self, told: Alarm | Danger | CallEnded) -> None:
        line = self._lines.get(told.job_id)
        if line is None or line.is_reported:
            return
        if isinstance(told, Danger):
            self.hooks.tell_danger(told)
            return
        fault = told.fault if isinstance(told, Alarm) else told.end.fault
        if fault and not line.has_alarmed:
            line.has_alarmed = True
            self.hooks.tell_alarm(Alarm(told.job_id, fault))
        if isinstance(told, CallEnded):
            line.is_reported = True
            self.hooks.tell_end(told)


class _Ear(logging.Handler):
    """Takes what jobs tell out of the log, on whichever thread it arrives, and into the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, hear: Callable[[Alarm | Danger | CallEnded], None]) -> None:
        super().__init__()
        self._loop = loop
        self._hear = hear

    def emit(self, record: logging.LogRecord) -> None:
        told = getattr(record, "told", None)
        if isinstance(told, Told):
            with contextlib.suppress(RuntimeError):  # the loop has been closed: the worker is gone
                self._loop.call_soon_threadsafe(self._hear, told)


@contextlib.contextmanager
def _listening(ear: _Ear) -> Iterator[None]:
    CHANNEL.addHandler(ear)
    CHANNEL.propagate = False  # what is told is not for the operator's log
    try:
        yield
    finally:
        CHANNEL.removeHandler(ear)
        CHANNEL.propagate = True
