"""Before calls are taken the store has this version's form, or it is said why not."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from granny import faults
from granny.config.settings import Settings
from granny.faults import ExitCode, Fault
from granny.preflight.report import Passed, Report
from granny.store import migrating
from granny.store.place import FILE, Place
from granny.store.standing import Standing, look
from granny.worker import store_form
from granny.worker.store_form import brought_up

WELL = Report((Passed(probe="settings", seconds=0.0, detail="well"),))


@pytest.fixture(name="settings")
def _settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"OPENAI_API_KEY": "none", "GRANNY_DATA_FOLDER": str(tmp_path)})


async def test_no_file_is_made_before_the_first_call(settings: Settings, tmp_path: Path) -> None:
    assert await brought_up(WELL, settings) is WELL
    assert os.listdir(tmp_path) == []  # noqa: PTH208  names alone


async def test_what_is_due_is_done(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / FILE).touch(0o600)
    assert await brought_up(WELL, settings) is WELL
    assert look(Place(file=tmp_path / FILE)).standing is Standing.CURRENT


@pytest.mark.parametrize(
    ("version", "fault", "code"), [("9999", faults.STORE_NEWER, ExitCode.CONFIG), ("", faults.STORE_HALF_MADE, 78)]
)
async def test_what_is_not_this_version_s_ends_the_start(
    settings: Settings, tmp_path: Path, version: str, fault: Fault, code: int
) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.execute("INSERT INTO alembic_version SELECT ? WHERE ? <> ''", (version, version))
    report = await brought_up(WELL, settings)
    assert ([finding.fault for finding in report.findings], report.exit_code) == ([fault], code)
    assert await brought_up(report, settings) is report, "the check-up has said so"


async def test_a_migration_that_fails_ends_the_start(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FILE).touch(0o600)
    monkeypatch.setattr(migrating, "_ITSELF", "granny.nowhere")
    report = await brought_up(WELL, settings)
    assert [finding.fault for finding in report.findings] == [faults.STORE_MIGRATION_FAILED]
    assert report.exit_code is ExitCode.CONFIG


async def test_a_store_that_is_away_keeps_nobody_from_calling(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    report = await brought_up(WELL, settings)
    assert [finding.fault for finding in report.findings] == [faults.STORE_UNAVAILABLE]
    assert report.exit_code is ExitCode.OK


async def test_a_store_that_hangs_keeps_nobody_from_calling(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FILE).touch(0o600)
    answers = threading.Event()
    monkeypatch.setattr(store_form, "_SECONDS", 0.05)
    monkeypatch.setattr(store_form, "look", lambda _: answers.wait())
    report = await brought_up(WELL, settings)
    answers.set()
    assert [finding.fault for finding in report.findings] == [faults.STORE_UNAVAILABLE]
    assert report.exit_code is ExitCode.OK
