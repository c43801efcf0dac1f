"""The calls of this worker: which are on the line now, and how each one ended, as its job told it.

The end of a call is one event, `JobReports.ended`, with the call's record; whoever wants to know of it listens there.

What jobs tell, and how it comes here, is in `call.reports`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from livekit.agents.ipc.job_executor import JobExecutor
from livekit.agents.ipc.proc_pool import ProcPool
from livekit.agents.job import RunningJobInfo

from granny import faults
from granny.call.ending import CallEnd
from granny.call.record import CallRecord
from granny.call.reports import CHANNEL, Told


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
        ended: called once for every call that has ended.
        failed: called once for a call that a fault ends, with the fault's slug: at its alarm, or else with its end.
        changed: called with the number of calls on the line whenever it changes.
        died: called for a call whose job ended without a word, with the job and the call's length in seconds; 0 if
            the call was about to end.
    """

    ended: Callable[[str, CallRecord], None]
    failed: Callable[[str], None]
    changed: Callable[[int], None]
    died: Callable[[RunningJobInfo, float], None]
    _lines: dict[str, _Line] = field(default_factory=dict)

    def follow(self, pool: ProcPool) -> None:
        """Learn from the pool of job processes which calls begin and which processes end."""
        pool.on("process_job_launched", self._on_launched)
        pool.on("process_closed", self._on_closed)

    def listen(self, loop: asyncio.AbstractEventLoop) -> contextlib.AbstractContextManager[None]:
        """Hear what the jobs tell, for the length of a `with`."""
        return _listening(_Ear(loop, self._hear))

    def _on_launched(self, process: JobExecutor) -> None:
        if job := process.running_job:
            self._lines[job.job.id] = _Line(since=time.monotonic())
            self.changed(len(self._lines))

    def _on_closed(self, process: JobExecutor) -> None:
        job = process.running_job
        line = self._lines.pop(job.job.id, None) if job else None
        if job is None or line is None:
            return
        self.changed(len(self._lines))
        if not line.is_reported:
            seconds = time.monotonic() - line.since
            end = CallEnd.by(faults.JOB_DIED.found("it told nothing"))
            self.ended(job.job.id, CallRecord(end=end, seconds=seconds))
            self.died(job, 0.0 if line.has_alarmed else seconds)

    def _hear(self, told: Told) -> None:
        line = self._lines.get(told.job_id)
        if line is None or line.is_reported:
            return
        if told.fault and not line.has_alarmed:
            line.has_alarmed = True
            self.failed(told.fault)
        if told.record:
            line.is_reported = True
            if told.record.end.fault and not line.has_alarmed:
                self.failed(told.record.end.fault)
            self.ended(told.job_id, told.record)


class _Ear(logging.Handler):
    """Takes what jobs tell out of the log, on whichever thread it arrives, and into the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, hear: Callable[[Told], None]) -> None:
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
