"""The check-up looks at the store before anything is done with it: a file offline, a server with the network."""

from __future__ import annotations

import sqlite3
import stat
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from granny import faults
from granny.config.paths import Mode
from granny.config.settings import Settings
from granny.faults import Fault
from granny.preflight.checkup import STORE, Occasion, ask_alone, look
from granny.preflight.probes import store
from granny.preflight.probes.store import ask_store
from granny.preflight.report import Failed, Outcome, Passed, Skipped
from granny.rehearsal.rig.program import free_port
from granny.store.migrating import upgrade
from granny.store.place import FILE, Place

KEY = "sk-proj-" + "FAKE" * 10


@pytest.fixture(name="file")
def _file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a store of this version, where the settings have it."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("GRANNY_DATA_FOLDER", str(tmp_path / "data"))
    file = tmp_path / "data" / FILE
    upgrade(Place(file=file))
    return file


def asked(tmp_path: Path) -> list[Outcome]:
    """What the check-up says of the store, of a machine with no env file."""
    env_file = tmp_path / "none" / ".env.local"
    report, _ = look(Occasion(mode=Mode.DEVELOPMENT, env_file=env_file, needs_livekit=False, network=False))
    return [outcome for outcome in report.outcomes if outcome.probe == STORE]


def found(tmp_path: Path) -> list[Fault]:
    return [finding.fault for outcome in asked(tmp_path) for finding in outcome.findings]


def test_a_store_that_is_well_is_named(file: Path, tmp_path: Path) -> None:
    (outcome,) = asked(tmp_path)
    assert isinstance(outcome, Passed)
    assert (outcome.detail, outcome.findings) == (str(file), ())


def test_of_a_store_that_is_not_there_yet_nothing_is_said(file: Path, tmp_path: Path) -> None:
    file.unlink()
    assert asked(tmp_path) == []


def test_a_newer_one_keeps_her_from_starting(file: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    (outcome,) = asked(tmp_path)
    assert isinstance(outcome, Failed)
    assert found(tmp_path) == [faults.STORE_NEWER]


def test_one_that_is_spoilt_is_said_and_she_starts(file: Path, tmp_path: Path) -> None:
    file.write_bytes(b"a shopping list, not a database " * 100)
    (outcome,) = asked(tmp_path)
    assert isinstance(outcome, Passed)
    assert found(tmp_path) == [faults.STORE_UNAVAILABLE]


def test_one_that_leads_nowhere_is_said(file: Path, tmp_path: Path) -> None:
    file.unlink()
    file.symlink_to(tmp_path / "nowhere" / "store")
    assert found(tmp_path) == [faults.STORE_UNAVAILABLE]


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows files have no mode")
@pytest.mark.parametrize(("mode", "said"), [(0o644, [faults.STORE_EXPOSED]), (0o660, []), (0o600, [])])
def test_one_that_others_may_read_is_said(file: Path, tmp_path: Path, mode: int, said: list[Fault]) -> None:
    """A group may be those with whom it is shared on purpose."""
    file.chmod(mode)
    assert found(tmp_path) == said
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_a_user_without_a_place_for_it_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("granny.config.user_folders.data_folder", lambda: None)
    assert ask_store(Settings(OPENAI_API_KEY="none")).findings == ()


async def test_a_server_that_is_away_is_said_without_its_address() -> None:
    url = f"postgresql://granny:hunter2-FAKE@127.0.0.1:{free_port()}/granny"
    outcome = await ask_alone(STORE, Settings.model_validate({"OPENAI_API_KEY": "none", "GRANNY_DATABASE_URL": url}))
    assert isinstance(outcome, Passed)
    assert [finding.fault for finding in outcome.findings] == [faults.STORE_UNAVAILABLE]
    assert "hunter2" not in f"{outcome}"
    assert "127.0.0.1" not in f"{outcome}"


@pytest.mark.usefixtures("file")
def test_offline_a_server_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANNY_DATABASE_URL", "postgresql://granny@db.example/granny")
    (outcome,) = asked(tmp_path)
    assert isinstance(outcome, Skipped)


async def test_a_server_that_hangs_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    monkeypatch.setattr(store, "_SECONDS", 0.05)
    monkeypatch.setattr(store, "ask_store", lambda _: answers.wait())
    answer = await store.ask(Settings.model_validate({"OPENAI_API_KEY": KEY}))
    answers.set()
    assert [finding.fault for finding in answer.findings] == [faults.STORE_UNAVAILABLE]
