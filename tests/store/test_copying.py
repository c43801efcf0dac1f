"""A backup: all calls in one file, whichever database they are in, and back into either."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import insert

from granny import faults
from granny.config.settings import Settings
from granny.store import copying, migrating, standing
from granny.store.copying import back_up, restore
from granny.store.database import connect
from granny.store.migrating import upgrade
from granny.store.place import Place
from granny.store.schema import LINKS
from granny.store.store import Store
from granny.store.trouble import StoreError
from store.samples import NOON, call, message
from store.test_last_version import NEXT, migrations

EVER = NOON - timedelta(days=9999)


@pytest.fixture(name="full")
def _full(store: Store) -> Store:
    """With calls, links and what is not copied."""
    with store.at_once() as connection:
        for number in range(1200):
            cost, told = Decimal(number) / 100, ("openai-silent",)
            store.calls.add(call(str(number), ago=timedelta(minutes=number), cost=cost, spoken_faults=told))
        connection.execute(insert(LINKS).values(hash="f" * 64, kind="family", person="anna", made=NOON))
    store.outbox.put(message("1"))
    store.told.note("openai-silent", NOON)
    return store


@pytest.fixture(name="other")
def _other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store in the other database."""
    told = {"OPENAI_API_KEY": "none", "GRANNY_DATA_FOLDER": str(tmp_path / "other"), "GRANNY_TIMEZONE": "Europe/Berlin"}
    if "SQLite" in request.node.callspec.id:
        told["GRANNY_DATABASE_URL"] = request.getfixturevalue("database_url")
    other = Store.open(Settings.model_validate(told))
    yield other
    other.close()


def test_what_was_backed_up_comes_back_in_either_database(full: Store, other: Store, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite3"
    assert back_up(full.database, file) == 1200
    assert restore(file, other.database) == 1200
    assert list(other.calls.of(None, EVER)) == list(full.calls.of(None, EVER))
    assert list(other.calls.summary("anna", EVER)) == list(full.calls.summary("anna", EVER))
    with other.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT kind, person FROM links").all() == [("family", "anna")]


def test_alerts_of_long_ago_do_not_come_back(full: Store, other: Store, tmp_path: Path) -> None:
    back_up(full.database, tmp_path / "backup.sqlite3")
    restore(tmp_path / "backup.sqlite3", other.database)
    assert (other.outbox.count(), other.told.find("openai-silent")) == (0, None)


@pytest.mark.parametrize("empty", ["SQLite"], indirect=True)
def test_a_backup_is_one_file_of_this_user_s(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "odd ?#% folder"
    folder.mkdir()
    assert back_up(store.database, folder / "b") == 0
    assert os.listdir(folder) == ["b"]  # noqa: PTH208  names alone
    if sys.platform != "win32":
        assert stat.S_IMODE((folder / "b").stat().st_mode) == 0o600


def test_what_is_there_is_not_overwritten(store: Store, tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("dear", encoding="utf-8")
    with pytest.raises(FileExistsError):
        back_up(store.database, tmp_path / "backup")
    assert (tmp_path / "backup").read_text(encoding="utf-8") == "dear"


def test_one_that_breaks_off_leaves_nothing(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(copying, "_copy", breaks)
    with pytest.raises(ZeroDivisionError):
        back_up(store.database, tmp_path / "new" / "backup")
    assert os.listdir(tmp_path / "new") == []  # noqa: PTH208  names alone


def test_a_store_in_which_there_are_calls_is_left_as_it_is(full: Store, tmp_path: Path) -> None:
    back_up(full.database, tmp_path / "backup")
    with pytest.raises(FileExistsError):
        restore(tmp_path / "backup", full.database)


def test_what_is_no_backup_is_named(store: Store, tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"a shopping list, not a database " * 100)
    (tmp_path / "empty").touch()
    for name in ("list", "empty"):
        with pytest.raises(StoreError) as error:
            restore(tmp_path / name, store.database)
        assert error.value.finding.fault is faults.STORE_UNAVAILABLE
    with pytest.raises(FileNotFoundError):
        restore(tmp_path / "nowhere", store.database)


@pytest.mark.parametrize("empty", ["SQLite"], indirect=True)
def test_an_older_version_s_backup_comes_back_and_is_not_changed(
    full: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(full.database, tmp_path / "backup")
    before = (tmp_path / "backup").read_bytes()
    monkeypatch.setattr(migrating, "_MIGRATIONS", migrations(tmp_path / "migrations"))
    monkeypatch.setattr(standing, "VERSIONS", (*standing.VERSIONS, NEXT))
    monkeypatch.setattr(upgrade, "__defaults__", (NEXT,))
    place = Place(file=tmp_path / "new" / "store")
    upgrade(place)
    new = Store(connect(place), Settings(OPENAI_API_KEY="none"))
    assert restore(tmp_path / "backup", new.database) == 1200
    assert {row.person for row in new.calls.of(None, EVER)} == {"renamed"}
    assert (tmp_path / "backup").read_bytes() == before
    new.close()


def test_who_is_forgotten_is_nowhere_in_the_file(store: Store, settings: Settings, tmp_path: Path) -> None:
    """Nor in what SQLite keeps beside it, while another has it open."""
    with store.at_once():
        for number in range(200):
            store.calls.add(call(str(number), person="annegret" if number % 2 else "berta"))
    store.told.note("alert/no-call/annegret/2026-11-27", NOON)
    store.told.note("alert/no-call/annegret", NOON)
    store.told.note("alert/no-call/annegretes", NOON)
    worker = Store.open(settings)
    assert worker.calls.last_of("berta")
    assert store.forget("annegret") == 100
    assert store.told.find("alert/no-call/annegretes")
    assert store.told.drop("alert/no-call/annegretes")
    store.database.settle()
    if store.database.engine.dialect.name == "sqlite":
        bytes_of_it = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
        assert b"berta" in bytes_of_it
        assert b"annegret" not in bytes_of_it
    assert [row.person for row in worker.calls.of("annegret", EVER)] == []
    worker.close()
