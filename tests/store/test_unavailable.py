"""A database that is away, spoilt or forbidden is one finding, in our own words; nothing of it is shown."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
from pathlib import Path

import pytest

from granny import faults
from granny.config.settings import Settings
from granny.rehearsal.rig.postgresql import PostgreSQL
from granny.rehearsal.rig.program import free_port
from granny.store.migrating import upgrade
from granny.store.place import FILE, Place, place_of
from granny.store.standing import look
from granny.store.store import Store
from granny.store.trouble import StoreError
from scenarios._powers import powerless
from store.samples import NOON, call

PASSWORD = "hunter2-FAKE"


def in_folder(folder: Path) -> Settings:
    return Settings.model_validate({"OPENAI_API_KEY": "none", "GRANNY_DATA_FOLDER": str(folder)})


def at(url: str) -> Settings:
    return Settings.model_validate({"OPENAI_API_KEY": "none", "GRANNY_DATABASE_URL": url})


def refused(settings: Settings) -> StoreError:
    with pytest.raises(StoreError) as error:
        Store.open(settings)
    assert PASSWORD not in f"{error.value}{error.value.finding}{error.value.__cause__}"
    return error.value


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"a shopping list, not a database " * 100)
    finding = refused(in_folder(tmp_path)).finding
    assert finding.fault is faults.STORE_UNAVAILABLE
    assert finding.where == str(tmp_path / FILE)
    assert (tmp_path / FILE).read_bytes().startswith(b"a shopping list")


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    assert refused(in_folder(tmp_path)).finding.fault is faults.STORE_UNAVAILABLE


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    assert refused(in_folder(tmp_path / "data")).finding.fault is faults.STORE_UNAVAILABLE


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a user always has a place")
def test_a_user_without_a_home_has_no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "")
    monkeypatch.setenv("HOME", "nowhere")
    error = refused(Settings(OPENAI_API_KEY="none"))
    assert (error.finding.fault, error.may_pass) == (faults.STORE_UNAVAILABLE, False)


def test_a_server_that_is_away_may_come_back() -> None:
    error = refused(at(f"postgresql://granny:{PASSWORD}@127.0.0.1:{free_port()}/granny"))
    assert (error.finding.fault, error.finding.where, error.may_pass) == (faults.STORE_UNAVAILABLE, "PostgreSQL", True)


def test_a_database_that_the_server_does_not_have_is_named(server: PostgreSQL) -> None:
    url = server.url("nowhere").replace("granny@", f"granny:{PASSWORD}@")
    assert refused(at(url)).finding.fault is faults.STORE_UNAVAILABLE


def test_a_server_that_was_away_is_used_again(server: PostgreSQL, database_url: str) -> None:
    """Without anybody's doing: the connection that was lost is made anew."""
    store = Store.open(at(database_url))
    store.calls.add(call("1"))
    server.stop()
    with pytest.raises(StoreError) as error:
        store.calls.add(call("2"))
    assert error.value.may_pass
    server.start()
    store.calls.add(call("2"))
    assert [row.job for row in store.calls.of(None, NOON)] == ["1", "2"]
    store.close()


def test_what_a_database_refuses_for_its_own_sake_does_not_pass(store: Store) -> None:
    """It would stand in the way of all that comes after it."""
    with store.at_once() as connection:
        connection.exec_driver_sql("DROP TABLE calls")
    with pytest.raises(StoreError) as error:
        store.calls.add(call("1", person=PASSWORD))
    assert PASSWORD not in f"{error.value.finding}"
    assert error.value.may_pass is (store.database.engine.dialect.name == "sqlite")


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows files have no mode")
def test_the_file_is_this_user_s_alone(tmp_path: Path) -> None:
    """Whatever the umask; and so is all that SQLite puts beside it."""
    before = os.umask(0)
    try:
        upgrade(Place(file=tmp_path / "data" / FILE))
        store = Store.open(in_folder(tmp_path / "data"))
        store.calls.add(call("1"))
        files = list((tmp_path / "data").iterdir())
        assert {file.name for file in files} >= {FILE, f"{FILE}-wal"}
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
        store.close()
    finally:
        os.umask(before)


def test_the_address_of_a_server_is_nowhere_shown() -> None:
    place = Place(url=f"postgresql://granny:{PASSWORD}@db.example/granny")
    assert PASSWORD not in f"{place!r}{place.shown}"
    with pytest.raises(StoreError) as error:
        look(Place(url=f"postgresql://granny:{PASSWORD}@127.0.0.1:{free_port()}/granny"))
    assert PASSWORD not in f"{error.value.finding}"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no variable names the place")
@pytest.mark.parametrize(
    ("mode", "told", "is_kept"),
    [(0o500, {}, False), (0o500, {"GRANNY_DATA_FOLDER": "{folder}"}, True), (0o700, {}, True)],
)
def test_where_nobody_can_write_and_no_folder_is_named_there_is_no_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, told: dict[str, str], *, is_kept: bool
) -> None:
    """As in a read-only image; a folder that is named is meant."""
    if sys.platform == "win32":
        pytest.skip("on Windows files have no mode")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir(mode=mode)
    named = {name: value.format(folder=tmp_path / "home" / "granny") for name, value in told.items()}
    is_root = sys.platform != "win32" and os.geteuid() == 0
    with powerless() if is_root else contextlib.nullcontext():
        place = place_of(Settings.model_validate({"OPENAI_API_KEY": "none", **named}))
    assert (place is not None) is is_kept


def test_what_root_makes_is_whose_the_folder_is(tmp_path: Path) -> None:
    """A command that root types before the worker's first call must not keep the worker out."""
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("only root makes files for others")
    shutil.chown(tmp_path, "nobody")
    store = Store.open(in_folder(tmp_path))
    store.calls.add(call("1"))
    assert {file.stat().st_uid for file in tmp_path.iterdir()} == {tmp_path.stat().st_uid}
    store.close()
