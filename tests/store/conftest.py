"""A store in either database: a file, and a real PostgreSQL server of the tests' own."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from granny.config.paths import make_private
from granny.config.settings import Settings
from granny.rehearsal.rig.postgresql import PostgreSQL, missing, own_postgresql
from granny.store.migrating import upgrade
from granny.store.place import FILE, Place, place_of
from granny.store.store import Store

KINDS = ("SQLite", "PostgreSQL")


@pytest.fixture(scope="session", name="server")
def _server() -> Iterator[PostgreSQL]:
    """One for all tests of a process."""
    if lacking := missing():
        pytest.skip(f"no PostgreSQL server can be started: {lacking}")
    with own_postgresql() as server:
        yield server


@pytest.fixture(name="database_url")
def _database_url(server: PostgreSQL) -> Iterator[str]:
    """A database of its own, in which nothing is yet."""
    name = f"granny_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield server.url(name)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=KINDS, name="empty")
def _empty(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """The settings of a store of which nothing is there yet."""
    told: dict[str, str] = {"OPENAI_API_KEY": "none", "GRANNY_DATA_FOLDER": str(tmp_path / "data")}
    if request.param == "PostgreSQL":
        told["GRANNY_DATABASE_URL"] = request.getfixturevalue("database_url")
    return Settings.model_validate({**told, "GRANNY_TIMEZONE": "Europe/Berlin"})


@pytest.fixture(scope="session", name="new_file")
def _new_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of this version, in which nothing stands: to be copied, which is sooner done than made."""
    file = tmp_path_factory.mktemp("new") / FILE
    upgrade(Place(file=file))
    return file


@pytest.fixture(name="settings")
def _settings(empty: Settings, new_file: Path) -> Settings:
    """The settings of a store of this version, in which nothing stands."""
    place = place_of(empty)
    assert place
    if place.file:
        make_private(place.file.parent)
        shutil.copy(new_file, place.file)
    else:
        upgrade(place)
    return empty


@pytest.fixture(name="store")
def _store(settings: Settings) -> Iterator[Store]:
    """That store, open."""
    store = Store.open(settings)
    yield store
    store.close()
