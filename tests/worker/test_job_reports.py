"""The book of calls: what jobs tell, and what their end tells when they do not."""

import asyncio
import io
import logging
import pickle
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents.ipc.proc_pool import ProcPool
from livekit.agents.utils import EventEmitter

from granny import faults
from granny.call.ending import CallEnd, Ending
from granny.call.record import CallRecord
from granny.call.reports import raise_alarm, report
from granny.worker import job_reports as module
from granny.worker.job_reports import JobReports


@dataclass
class Book:
    """A reports with a pool of which only the events are real, and what it has told."""

    pool: EventEmitter[Any] = field(default_factory=EventEmitter)
    ended: list[tuple[str, CallRecord]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    died: list[str] = field(default_factory=list)

    def launch(self, job_id: str) -> None:
        self.pool.emit("process_job_launched", process(job_id))

    def close(self, job_id: str) -> None:
        self.pool.emit("process_closed", process(job_id))


def process(job_id: str) -> SimpleNamespace:
    return SimpleNamespace(running_job=SimpleNamespace(job=SimpleNamespace(id=job_id)))


@pytest.fixture
async def book() -> AsyncIterator[Book]:
    book = Book()
    reports = JobReports(
        ended=lambda job_id, record: book.ended.append((job_id, record)),
        failed=book.failed.append,
        changed=book.numbers.append,
        died=lambda job, _: book.died.append(job.job.id),
    )
    reports.follow(cast("ProcPool", book.pool))
    with reports.listen(asyncio.get_running_loop()):
        yield book


async def settle() -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_a_call_is_booked_with_what_its_job_told(book: Book) -> None:
    book.launch("a")
    report(CallRecord(turns=3), job_id="a")
    await settle()
    book.close("a")
    assert book.ended == [("a", CallRecord(turns=3))]
    assert book.numbers == [1, 0]
    assert book.died == []


async def test_a_job_that_ended_without_a_word_died(book: Book) -> None:
    book.launch("a")
    book.close("a")
    [(job_id, record)] = book.ended
    assert (job_id, record.end) == ("a", CallEnd(Ending.CRASHED, faults.JOB_DIED.slug))
    assert book.died == ["a"]


async def test_a_process_that_had_no_job_is_no_call(book: Book) -> None:
    book.pool.emit("process_closed", SimpleNamespace(running_job=None))
    assert (book.ended, book.numbers) == ([], [])


async def test_the_first_report_of_a_job_counts(book: Book) -> None:
    book.launch("a")
    report(CallRecord(turns=1), job_id="a")
    report(CallRecord(turns=2), job_id="a")
    await settle()
    book.close("a")
    assert [record.turns for _, record in book.ended] == [1]


async def test_what_is_told_of_an_unknown_job_is_not_booked(book: Book) -> None:
    report(CallRecord(), job_id="nobody")
    raise_alarm("openai-key-rejected", job_id="nobody")
    await settle()
    assert (book.ended, book.failed) == ([], [])


async def test_an_alarm_is_heard_at_once_and_not_again_with_the_outcome(book: Book) -> None:
    """Between the two lies an apology of several seconds, in which the account may have been put right."""
    book.launch("a")
    raise_alarm("openai-key-rejected", job_id="a")
    await settle()
    assert book.failed == ["openai-key-rejected"]
    report(CallRecord(end=CallEnd(Ending.FAULT, "openai-key-rejected")), job_id="a")
    await settle()
    assert book.failed == ["openai-key-rejected"]
    assert len(book.ended) == 1


async def test_a_fault_without_an_alarm_is_one(book: Book) -> None:
    book.launch("a")
    report(CallRecord(end=CallEnd(Ending.FAULT, "openai-out-of-credit")), job_id="a")
    await settle()
    assert book.failed == ["openai-out-of-credit"]


@pytest.mark.parametrize("ending", [Ending.GOODBYE, Ending.HUNG_UP_EARLY, Ending.LINE_LOST])
async def test_a_call_that_ends_without_a_fault_has_failed_of_nothing(book: Book, ending: Ending) -> None:
    book.launch("a")
    report(CallRecord(end=CallEnd(ending)), job_id="a")
    await settle()
    assert book.failed == []
    assert [record.end.ending for _, record in book.ended] == [ending]


async def test_what_is_told_from_another_thread_arrives(book: Book) -> None:
    """The framework's log listener, and a job in a thread, are not the event loop."""
    book.launch("a")
    thread = threading.Thread(target=report, args=(CallRecord(turns=7),), kwargs={"job_id": "a"})
    thread.start()
    await asyncio.to_thread(thread.join)
    await settle()
    assert [record.turns for _, record in book.ended] == [7]


@pytest.fixture
def operators_log() -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


async def test_nothing_told_reaches_the_operators_log(book: Book, operators_log: io.StringIO) -> None:
    book.launch("a")
    report(CallRecord(), job_id="a")
    await settle()
    assert operators_log.getvalue() == ""
    assert len(book.ended) == 1


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
    report(CallRecord(), job_id="a")
    await settle()
    assert len(book.ended) == 1


def test_a_job_can_tell_through_the_frameworks_pickled_log(caplog: pytest.LogCaptureFixture) -> None:
    """In a job process the record goes to the root logger, whose handler pickles it."""
    with caplog.at_level(logging.INFO, logger="granny.job_reports"):
        report(CallRecord(answers=[0.5]), job_id="a")
    [record] = caplog.records
    carried = pickle.loads(pickle.dumps(record))  # noqa: S301  our own, made on the line above
    assert vars(carried)["told"] == vars(record)["told"]


@pytest.mark.parametrize(("alarms", "lasted"), [((), 7.0), (("openai-key-rejected",), 0.0)])
async def test_a_dead_job_tells_how_long_it_had_talked(
    monkeypatch: pytest.MonkeyPatch, alarms: tuple[str, ...], lasted: float
) -> None:
    """Nothing, if the call was about to end: nobody is called back for the rest of an apology."""
    clock = iter((100.0, 107.0))
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    died: list[tuple[str, float]] = []
    ended: list[CallRecord] = []
    reports = JobReports(
        ended=lambda _, record: ended.append(record),
        failed=lambda _: None,
        changed=lambda _: None,
        died=lambda job, seconds: died.append((job.job.id, seconds)),
    )
    pool: EventEmitter[Any] = EventEmitter()
    reports.follow(cast("ProcPool", pool))
    with reports.listen(asyncio.get_running_loop()):
        pool.emit("process_job_launched", process("a"))
        for fault in alarms:
            raise_alarm(fault, job_id="a")
        await settle()
        pool.emit("process_closed", process("a"))
    assert died == [("a", lasted)]
    assert [record.seconds for record in ended] == [7.0]


async def test_a_process_of_an_unknown_job_is_no_call(book: Book) -> None:
    """As one that is told of twice."""
    book.launch("a")
    book.close("a")
    book.close("a")
    book.close("nobody")
    assert (len(book.ended), book.numbers) == (1, [1, 0])
