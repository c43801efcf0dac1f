"""The diary: each call is in it once, whatever becomes of the store meanwhile, and no call waits for it."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clock import Clock
from granny import diary
from granny.call.ending import CallEnd, CallEnded, Caller, CameBy, Ending
from granny.call.record import CallRecord
from granny.call.reports import Danger
from granny.config.settings import Settings
from granny.diary import _writing as module
from granny.faults import STORE_HALF_MADE, STORE_UNAVAILABLE
from granny.store.clerk import Clerk
from granny.store.migrating import upgrade
from granny.store.place import place_of
from granny.store.rows import LOST, CallRow
from granny.store.store import Store
from granny.store.trouble import StoreError, unavailable
from granny.worker.hooks import Hooks

AT = datetime(2026, 11, 27, 12, 1, tzinfo=timezone.utc)


GOODBYE = CallEnd(Ending.GOODBYE)


def ended(job: str, end: CallEnd = GOODBYE, **others: Any) -> CallEnded:
    usual: dict[str, Any] = {"seconds": 60.0, "person": "anna", "at": AT}
    return CallEnded(job, "kitchen", end, **{**usual, "caller": Caller(CameBy.PHONE, "sip_+4930123456"), **others})


@pytest.fixture(name="settings")
def _settings(tmp_path: Path) -> Settings:
    prices = {"GRANNY_PRICE_INPUT": "32", "GRANNY_PRICE_OUTPUT": "64"}
    told = {"OPENAI_API_KEY": "none", "GRANNY_DATA_FOLDER": str(tmp_path), **prices}
    settings = Settings.model_validate(told)
    place = place_of(settings)
    assert place
    upgrade(place)
    return settings


@pytest.fixture(name="hooks")
def _hooks(settings: Settings) -> Hooks:
    hooks = Hooks()
    diary.subscribe(hooks, settings)
    return hooks


def written(settings: Settings) -> list[CallRow]:
    store = Store.open(settings)
    try:
        return list(store.calls.of(None, AT - timedelta(days=999)))
    finally:
        store.close()


async def test_a_call_is_written_down_as_it_was(hooks: Hooks, settings: Settings) -> None:
    record = CallRecord(
        first_word=0.8,
        answers=[0.9, 1.1, 3.5],
        turns=3,
        interruptions=1,
        spoken_faults=["openai-silent"],
        input_tokens=1_000_000,
        cached_tokens=400_000,
        output_tokens=500_000,
    )
    hooks.tell_end(ended("AJ_1", CallEnd(Ending.FAULT, "openai-silent"), record=record))
    await hooks.aclose()
    assert written(settings) == [
        CallRow(
            job="AJ_1",
            started=AT - timedelta(minutes=1),
            person="anna",
            by="phone",
            seconds=60.0,
            ending="fault",
            fault="openai-silent",
            first_word=0.8,
            answer_p50=1.1,
            answer_p95=3.5,
            turns=3,
            interruptions=1,
            spoken_faults=("openai-silent",),
            input_tokens=1_000_000,
            cached_tokens=400_000,
            output_tokens=500_000,
            cost=Decimal(64),
        )
    ]


async def test_a_call_whose_process_died_is_written_down_too(hooks: Hooks, settings: Settings) -> None:
    hooks.tell_end(ended("AJ_1", CallEnd(Ending.CRASHED, "job-died"), caller=None, person=""))
    await hooks.aclose()
    assert [(row.person, row.by, row.fault) for row in written(settings)] == [("", "", "job-died")]


async def test_a_call_with_which_another_granny_goes_on_is_told_by_her_alone(hooks: Hooks, settings: Settings) -> None:
    hooks.tell_end(ended("AJ_1", CallEnd(Ending.OTHER_GRANNY)))
    hooks.tell_end(ended("AJ_2"))
    await hooks.aclose()
    assert [row.job for row in written(settings)] == ["AJ_2"]


async def test_danger_is_noted_by_its_kind_with_the_call_in_which_it_was_named(
    hooks: Hooks, settings: Settings
) -> None:
    """It is told of those alone who have agreed."""
    hooks.tell_danger(Danger("AJ_1", "crisis", "anna"))
    hooks.tell_danger(Danger("AJ_1", "crisis", "anna"))
    hooks.tell_end(ended("AJ_2"))
    hooks.tell_end(ended("AJ_1"))
    await hooks.aclose()
    assert {row.job: row.serious for row in written(settings)} == {"AJ_2": (), "AJ_1": ("crisis",)}


def all_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_nothing_that_tells_who_called_but_the_slug_is_in_the_file(
    hooks: Hooks, settings: Settings, tmp_path: Path
) -> None:
    for number in range(50):
        hooks.tell_end(ended(f"AJ_{number}", caller=Caller(CameBy.PHONE, f"sip_+49301234{number}")))
    await hooks.aclose()
    assert len(written(settings)) == 50
    bytes_of_it = all_bytes(tmp_path)
    assert b"anna" in bytes_of_it
    assert b"49301234" not in bytes_of_it
    assert b"kitchen" not in bytes_of_it


async def test_what_is_too_old_goes_with_the_next_call(hooks: Hooks, settings: Settings) -> None:
    hooks.tell_end(ended("old", at=AT - timedelta(days=401)))
    hooks.tell_end(ended("not yet", at=AT - timedelta(days=399)))
    hooks.tell_end(ended("new"))
    await hooks.aclose()
    assert [row.job for row in written(settings)] == ["not yet", "new"]


class Away:
    """A store that is away for so many tries."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: StoreError | None = None) -> None:
        self.error: Exception | None = error or unavailable("OperationalError.")
        self.hangs = False
        self.rows: list[str] = []
        self.tries = 0
        monkeypatch.setattr(Clerk, "__call__", self._asked)
        monkeypatch.setattr(Clerk, "aclose", self._closed)

    async def _asked(self, work: Any) -> None:
        self.tries += 1
        await asyncio.sleep(3600 if self.hangs else 0)
        if self.error:
            raise self.error
        self.rows.append(work.keywords["row"].job)

    async def _closed(self) -> None:
        """There is nothing to let go."""


@pytest.fixture(name="away")
def _away(monkeypatch: pytest.MonkeyPatch) -> Away:
    return Away(monkeypatch)


async def test_calls_wait_in_memory_until_the_store_is_back(clock: Clock, hooks: Hooks, away: Away) -> None:
    for job in ("1", "2", "3"):
        hooks.tell_end(ended(job))
    await asyncio.sleep(3600)
    assert (away.rows, hooks.warnings) == ([], (STORE_UNAVAILABLE.slug,))
    assert away.tries < 100
    away.error = None
    await asyncio.sleep(module.LONGEST_PAUSE_SECONDS)
    assert (away.rows, hooks.warnings) == (["1", "2", "3"], ())
    assert clock.passed > 3600


@pytest.fixture(name="lost_before")
def _lost_before() -> float:
    return lost()


def lost() -> float:
    return float(module.LOST._value.get())


async def test_of_very_many_the_oldest_are_lost_and_counted(
    hooks: Hooks, away: Away, lost_before: float, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    for job in range(5):
        hooks.tell_end(ended(str(job)))
        await asyncio.sleep(0)
    away.error = None
    await hooks.aclose()
    assert away.rows == ["0", "3", "4"]
    assert lost() - lost_before == 2
    messages = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert messages == ["a call is not in the diary"] * 2


async def test_what_the_store_refuses_for_good_stands_in_nobody_s_way(
    hooks: Hooks, away: Away, lost_before: float
) -> None:
    away.error = StoreError(STORE_HALF_MADE.found(""), may_pass=False)
    hooks.tell_end(ended("1"))
    await asyncio.sleep(0.01)
    away.error = None
    hooks.tell_end(ended("2"))
    await hooks.aclose()
    assert (away.rows, lost() - lost_before) == (["2"], 1)


async def test_what_nobody_expected_stands_in_nobody_s_way_either(
    hooks: Hooks, away: Away, lost_before: float, caplog: pytest.LogCaptureFixture
) -> None:
    away.error = ZeroDivisionError("+49 30 1234567")
    hooks.tell_end(ended("1"))
    await asyncio.sleep(0.01)
    away.error = None
    hooks.tell_end(ended("2"))
    await hooks.aclose()
    assert (away.rows, lost() - lost_before) == (["2"], 1)
    assert "ZeroDivisionError" in {getattr(record, "error", "") for record in caplog.records}
    assert "1234567" not in caplog.text


async def test_what_hangs_at_the_end_is_given_up_and_counted(
    hooks: Hooks, away: Away, lost_before: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("granny.worker.hooks._LAST_SECONDS", 0)
    away.hangs = True
    hooks.tell_end(ended("1"))
    hooks.tell_end(ended("2"))
    await asyncio.sleep(0.01)
    await hooks.aclose()
    await asyncio.sleep(0.01)
    assert lost() - lost_before == 2


async def test_a_worker_that_ends_tries_once_more(hooks: Hooks, away: Away, lost_before: float) -> None:
    hooks.tell_end(ended("1"))
    hooks.tell_end(ended("2"))
    await asyncio.sleep(0.01)
    before = away.tries
    await hooks.aclose()
    assert (away.tries - before, lost() - lost_before) == (2, 2)


def test_without_days_there_is_no_diary(settings: Settings) -> None:
    hooks = Hooks()
    diary.subscribe(hooks, settings.model_copy(update={"diary_days": 0}))
    assert hooks._call_ended == []


def test_a_user_without_a_place_for_it_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = Hooks()
    monkeypatch.setattr("granny.config.user_folders.data_folder", lambda: None)
    diary.subscribe(hooks, Settings(OPENAI_API_KEY="none"))
    assert hooks._call_ended == []


def test_the_ways_by_which_a_caller_is_lost_are_called_as_a_call_tells_them() -> None:
    assert {Ending.LINE_LOST.value, Ending.LINE_DEAD.value} == LOST
