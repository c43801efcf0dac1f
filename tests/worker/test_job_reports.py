"""The book of calls: what jobs tell, and what their end tells when they do not."""

from __future__ import annotations

import asyncio
import io
import logging
import multiprocessing
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from logging.handlers import QueueHandler
from multiprocessing.context import SpawnContext
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents.job import JobAcceptArguments, RunningJobInfo
from livekit.protocol.agent import Job

from granny import faults
from granny.call.ending import CallEnd, CallEnded, Caller, CameBy, Ending
from granny.call.record import CallRecord
from granny.call.reports import CHANNEL, Alarm, Danger, raise_alarm, raise_danger, report
from granny.worker import job_reports as module
from granny.worker.hooks import Hooks
from granny.worker.job_reports import JobReports

GOODBYE = CallEnd(Ending.GOODBYE)


@dataclass
class Book:
    """A book of calls, and what it has told."""

    reports: JobReports = field(init=False)
    ended: list[CallEnded] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    died: list[str] = field(default_factory=list)

    def launch(self, job_id: str) -> None:
        self.reports.launched(running(job_id))

    def close(self, job_id: str) -> None:
        self.reports.closed(running(job_id))


def running(job_id: str) -> RunningJobInfo:
    arguments, job = JobAcceptArguments(name="", identity="agent", metadata=""), Job(id=job_id)
    job.room.name = f"room of {job_id}"
    return RunningJobInfo(arguments, job, url="", token="", worker_id="", fake_job=False)


def ended(job_id: str, end: CallEnd = GOODBYE, **figures: Any) -> CallEnded:
    return CallEnded(job_id, f"room of {job_id}", end, 61.5, Caller(CameBy.WEB, "rosa"), CallRecord(**figures))


def hooks_of(book: Book) -> Hooks:
    hooks = Hooks()
    hooks.on_call_ended(book.ended.append)
    hooks.on_alarm(book.alarms.append)
    hooks.on_calls(book.numbers.append)
    return hooks


@pytest.fixture
async def book() -> AsyncIterator[Book]:
    book = Book()
    book.reports = JobReports(hooks_of(book), died=lambda job, _: book.died.append(job.job.id))
    with book.reports.listen(asyncio.get_running_loop()):
        yield book


async def settle() -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_a_call_is_booked_with_what_its_job_told(book: Book) -> None:
    book.launch("a")
    report(ended("a", turns=3))
    await settle()
    book.close("a")
    assert book.ended == [ended("a", turns=3)]
    assert book.numbers == [1, 0]
    assert book.died == []


async def test_a_job_that_ended_without_a_word_died(book: Book) -> None:
    book.launch("a")
    book.close("a")
    [untold] = book.ended
    assert (untold.job_id, untold.room, untold.caller) == ("a", "room of a", None)
    assert untold.end == CallEnd(Ending.CRASHED, faults.JOB_DIED.slug)
    assert book.died == ["a"]


async def test_the_first_report_of_a_job_counts(book: Book) -> None:
    book.launch("a")
    report(ended("a", turns=1))
    report(ended("a", turns=2))
    await settle()
    book.close("a")
    assert [one.record.turns for one in book.ended] == [1]


async def test_what_is_told_of_an_unknown_job_is_not_booked(book: Book) -> None:
    report(ended("nobody"))
    raise_alarm("openai-key-rejected", job_id="nobody")
    await settle()
    assert (book.ended, book.alarms) == ([], [])


async def test_an_alarm_is_heard_at_once_and_not_again_with_the_outcome(book: Book) -> None:
    """Between the two lies an apology of several seconds, in which the account may have been put right."""
    book.launch("a")
    raise_alarm("openai-key-rejected", job_id="a")
    await settle()
    assert book.alarms == [Alarm("a", "openai-key-rejected")]
    report(ended("a", CallEnd(Ending.FAULT, "openai-key-rejected")))
    await settle()
    assert book.alarms == [Alarm("a", "openai-key-rejected")]
    assert len(book.ended) == 1


async def test_a_fault_without_an_alarm_is_one(book: Book) -> None:
    book.launch("a")
    report(ended("a", CallEnd(Ending.FAULT, "openai-out-of-credit")))
    await settle()
    assert book.alarms == [Alarm("a", "openai-out-of-credit")]


@pytest.mark.parametrize("ending", [Ending.GOODBYE, Ending.HUNG_UP_EARLY, Ending.LINE_LOST])
async def test_a_call_that_ends_without_a_fault_has_failed_of_nothing(book: Book, ending: Ending) -> None:
    book.launch("a")
    report(ended("a", CallEnd(ending)))
    await settle()
    assert book.alarms == []
    assert [one.end.ending for one in book.ended] == [ending]


async def test_what_is_told_from_another_thread_arrives(book: Book) -> None:
    """The framework's log listener, and a job in a thread, are not the event loop."""
    book.launch("a")
    thread = threading.Thread(target=report, args=(ended("a", turns=7),))
    thread.start()
    await asyncio.to_thread(thread.join)
    await settle()
    assert [one.record.turns for one in book.ended] == [7]


@pytest.fixture
def operators_log() -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


async def test_nothing_told_reaches_the_operators_log(book: Book, operators_log: io.StringIO) -> None:
    book.launch("a")
    report(ended("a"))
    await settle()
    assert operators_log.getvalue() == ""
    assert len(book.ended) == 1


async def test_what_else_is_said_on_the_channel_is_told_to_nobody(book: Book) -> None:
    book.launch("a")
    CHANNEL.warning("a word that is no report")
    await settle()
    assert (book.ended, book.alarms) == ([], [])


async def test_the_channel_is_as_it_was_when_nobody_listens_any_more(operators_log: io.StringIO) -> None:
    before = CHANNEL.handlers[:]
    with JobReports(Hooks(), died=lambda *_: None).listen(asyncio.get_running_loop()):
        assert len(CHANNEL.handlers) == len(before) + 1
    assert CHANNEL.handlers == before
    report(ended("a"))
    assert operators_log.getvalue() != ""


def test_what_a_job_tells_when_the_worker_is_gone_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.new_event_loop()
    with JobReports(Hooks(), died=lambda *_: None).listen(loop):
        loop.close()
        report(ended("a"))
    assert caplog.records == []


@pytest.fixture
def quiet_root() -> Iterator[None]:
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.CRITICAL)
    yield
    root.setLevel(level)


@pytest.mark.usefixtures("quiet_root")
async def test_a_quiet_log_level_keeps_no_call_from_being_booked(book: Book) -> None:
    book.launch("a")
    report(ended("a"))
    await settle()
    assert len(book.ended) == 1


def job(told: multiprocessing.Queue[logging.LogRecord]) -> None:
    """A job in a process of its own: whatever it logs is carried to the worker."""
    logging.getLogger().addHandler(QueueHandler(told))
    raise_alarm("openai-silent", job_id="a")
    report(ended("a", CallEnd(Ending.FAULT, "openai-silent"), answers=[0.5]))


@pytest.mark.parametrize("start", sorted({"spawn", "forkserver"} & set(multiprocessing.get_all_start_methods())))
async def test_what_a_job_tells_comes_whole_from_its_process(book: Book, start: str) -> None:
    """As a pickle in a log record, however the process was started."""
    context = cast("SpawnContext", multiprocessing.get_context(start))  # or the other's, which does the same
    told: multiprocessing.Queue[logging.LogRecord] = context.Queue()
    process = context.Process(target=job, args=(told,))
    process.start()
    book.launch("a")
    for _ in range(2):
        CHANNEL.handle(await asyncio.to_thread(told.get, timeout=60))
    await settle()
    await asyncio.to_thread(process.join)
    assert book.alarms == [Alarm("a", "openai-silent")]
    assert book.ended == [ended("a", CallEnd(Ending.FAULT, "openai-silent"), answers=[0.5])]


@pytest.mark.parametrize(("alarms", "lasted"), [((), 7.0), (("openai-key-rejected",), 0.0)])
async def test_a_dead_job_tells_how_long_it_had_talked(
    monkeypatch: pytest.MonkeyPatch, alarms: tuple[str, ...], lasted: float
) -> None:
    """Nothing, if the call was about to end: nobody is called back for the rest of an apology."""
    clock = iter((100.0, 107.0))
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    died: list[tuple[str, float]] = []
    book = Book()
    book.reports = JobReports(hooks_of(book), died=lambda job, seconds: died.append((job.job.id, seconds)))
    with book.reports.listen(asyncio.get_running_loop()):
        book.launch("a")
        for fault in alarms:
            raise_alarm(fault, job_id="a")
        await settle()
        book.close("a")
    assert died == [("a", lasted)]
    assert [one.seconds for one in book.ended] == [7.0]


async def test_a_process_of_an_unknown_job_is_no_call(book: Book) -> None:
    """As one that is told of twice."""
    book.launch("a")
    book.close("a")
    book.close("a")
    book.close("nobody")
    assert (len(book.ended), book.numbers) == (1, [1, 0])


async def test_danger_is_heard_while_the_call_goes_on(book: Book) -> None:
    """And is no fault of the call's."""
    heard: list[Danger] = []
    assert book.reports
    book.reports.hooks.on_danger(heard.append)
    book.launch("a")
    raise_danger("emergency", job_id="a", person="anna")
    await settle()
    assert heard == [Danger("a", "emergency", "anna")]
    assert (book.alarms, book.ended) == ([], [])
