"""From nothing, and from every older version, to this one: wholly or not at all, and never from a newer one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from granny import faults
from granny.config.settings import Settings
from granny.faults import Fault
from granny.store import migrating
from granny.store import standing as standing_module
from granny.store.database import Database, connect
from granny.store.migrating import bring_up, upgrade
from granny.store.place import Place, place_of
from granny.store.schema import METADATA
from granny.store.standing import MARK, OURS, VERSIONS, Look, Standing, finding, judged, look
from granny.store.store import Store
from granny.store.told import Told
from granny.store.trouble import StoreError
from store.samples import NOON, call

HEAD = VERSIONS[-1]


@pytest.fixture(name="place")
def _place(empty: Settings) -> Place:
    place = place_of(empty)
    assert place
    return place


@pytest.fixture(name="made")
def _made(place: Place) -> Iterator[Database]:
    """A database of this version."""
    upgrade(place)
    made = connect(place)
    yield made
    made.close()


def run(made: Database, statement: str) -> None:
    with made.writing() as connection:
        connection.exec_driver_sql(statement)


def refused(place: Place) -> Fault:
    with pytest.raises(StoreError) as error:
        bring_up(place)
    return error.value.finding.fault


def test_every_migration_is_known_without_alembic() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrating._MIGRATIONS))
    known = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(known)) == VERSIONS


def test_the_migrations_leave_the_tables_that_the_code_knows(made: Database) -> None:
    """A column added to one of the two alone would be seen here."""
    with made.reading() as connection:
        seen = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(seen, METADATA) == []
    assert set(METADATA.tables) == set(OURS)


def test_from_nothing_a_store_is_made(place: Place, empty: Settings) -> None:
    """In a process of its own, as a worker does."""
    assert look(place) == Look(Standing.NOTHING)
    store = Store.open(empty)
    store.calls.add(call("1"))
    store.close()
    assert look(place) == Look(Standing.CURRENT, HEAD)


def test_several_who_make_it_at_once_make_it_once(place: Place) -> None:
    with ThreadPoolExecutor(3) as workers:
        assert list(workers.map(lambda _: upgrade(place), range(3))) == [None] * 3
    assert look(place).standing is Standing.CURRENT


def test_a_newer_schema_is_left_as_it_is(place: Place, made: Database) -> None:
    run(made, "UPDATE alembic_version SET version_num = '9999'")
    assert look(place) == Look(Standing.NEWER, "9999")
    assert refused(place) is faults.STORE_NEWER
    assert look(place).version == "9999"


@pytest.mark.parametrize("lost", ["DROP TABLE alembic_version", "DELETE FROM alembic_version", "DROP TABLE outbox"])
def test_a_part_of_a_store_is_none(place: Place, made: Database, lost: str) -> None:
    run(made, lost)
    assert refused(place) is faults.STORE_HALF_MADE


def test_somebody_else_s_tables_are_none_of_ours(place: Place) -> None:
    other = connect(place)
    run(other, "CREATE TABLE recipes (id INTEGER)")
    other.close()
    assert look(place).standing is Standing.NOTHING
    bring_up(place)
    assert look(place).standing is Standing.CURRENT


@pytest.mark.parametrize(
    ("version", "is_marked", "standing"),
    [("0000", False, Standing.NEWER), (HEAD, False, Standing.CURRENT), (HEAD, True, Standing.CURRENT)],
)
def test_how_a_database_stands_follows_from_its_version(version: str, is_marked: bool, standing: Standing) -> None:  # noqa: FBT001  a parameter of the table above
    assert judged({*OURS, "alembic_version"}, [version], is_marked=is_marked) == Look(standing, version)


def as_if_older(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a version more than what the migrations make."""
    monkeypatch.setattr(standing_module, "VERSIONS", (*VERSIONS, "9999"))


def test_a_migration_that_was_killed_is_named(place: Place, made: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    as_if_older(monkeypatch)
    assert finding(place, look(place)) is None
    Told(made).note(MARK, NOON)
    found = finding(place, look(place))
    assert found
    assert found.fault is faults.STORE_MIGRATION_BROKEN_OFF


def test_a_migration_that_fails_leaves_all_as_it_was(
    place: Place, made: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of it was done by then."""
    as_if_older(monkeypatch)

    def fails(database: Database, _version: str) -> None:
        with database.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE calls ADD COLUMN mood INTEGER")
            connection.exec_driver_sql("CREATE TABLE moods (id INTEGER)")
            connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")

    monkeypatch.setattr(migrating, "_migrate", fails)
    with pytest.raises(StoreError) as error:
        upgrade(place)
    assert error.value.finding.fault is faults.STORE_MIGRATION_FAILED
    assert look(place) == Look(Standing.DUE, HEAD)
    with made.reading() as connection:
        seen = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(seen, METADATA) == []
