"""From the last version's file to this one's, whatever happens half way; played with a version that is to come."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest

from granny.config.paths import HOME
from granny.config.settings import Settings
from granny.faults import STORE_MIGRATION_BROKEN_OFF, STORE_MIGRATION_FAILED
from granny.store import migrating, standing
from granny.store.database import connect
from granny.store.migrating import upgrade
from granny.store.place import Place, place_of
from granny.store.standing import VERSIONS, Look, Standing, finding, look
from granny.store.store import Store
from granny.store.trouble import StoreError
from store.samples import NOON, call

NEXT = "9999"
MIGRATION = """
    import sqlalchemy as sa
    from alembic import op

    revision = "9999"
    down_revision = "LAST"


    def upgrade() -> None:
        with op.batch_alter_table("calls") as calls:
            calls.add_column(sa.Column("kept", sa.Boolean(), nullable=False, server_default=sa.true()))
        op.execute("UPDATE calls SET person = 'renamed'")
"""
BREAKS = """
        op.execute("INSERT INTO nowhere VALUES (1)")
"""
WAITS = """
        import pathlib, time
        pathlib.Path({mark!r}).touch()
        time.sleep(60)
"""
UPGRADE = """
    import sys, pathlib
    from granny.store import migrating, standing
    from granny.store.place import Place
    standing.VERSIONS = migrating.VERSIONS = (*standing.VERSIONS, "9999")
    migrating._MIGRATIONS = pathlib.Path(sys.argv[1])
    migrating.upgrade(Place(file=pathlib.Path(sys.argv[2]) if sys.argv[2] else None, url=sys.argv[3] or None), "9999")
"""


@pytest.fixture(name="last")
def _last(settings: Settings) -> Place:
    """A store of the last version, with a call in it."""
    store = Store.open(settings)
    store.calls.add(call("1"))
    store.close()
    place = place_of(settings)
    assert place
    return place


def migrations(folder: Path, text: str = MIGRATION) -> Path:
    """A folder of the migrations there are, and of one more."""
    shutil.copytree(migrating._MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "v9999.py").write_text(dedent(text).replace("LAST", VERSIONS[-1]), encoding="utf-8")
    return folder


@pytest.fixture(name="as_next", autouse=True)
def _as_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "VERSIONS", (*VERSIONS, NEXT))


def people_in(place: Place, settings: Settings) -> list[str]:
    store = Store(connect(place), settings)
    try:
        return [row.person for row in store.calls.of(None, NOON)]
    finally:
        store.close()


def test_an_older_store_is_brought_to_this_version_with_all_that_is_in_it(
    last: Place, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "_MIGRATIONS", migrations(tmp_path / "migrations"))
    assert look(last) == Look(Standing.DUE, VERSIONS[-1])
    upgrade(last, NEXT)
    assert look(last) == Look(Standing.CURRENT, NEXT)
    assert people_in(last, settings) == ["renamed"]


def test_one_that_fails_half_way_is_undone_and_named(
    last: Place, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "_MIGRATIONS", migrations(tmp_path / "migrations", MIGRATION + BREAKS))
    with pytest.raises(StoreError) as error:
        upgrade(last, NEXT)
    assert error.value.finding.fault is STORE_MIGRATION_FAILED
    assert look(last) == Look(Standing.DUE, VERSIONS[-1])
    assert people_in(last, settings) == ["anna"]


def test_one_that_is_killed_half_way_is_undone_named_and_made_again(
    last: Place, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL, when all of it has been done and nothing of it is settled."""
    mark = tmp_path / "half way"
    folder = migrations(tmp_path / "waits", MIGRATION + WAITS.format(mark=str(mark)))
    told = [str(folder), str(last.file or ""), last.url or ""]
    killed = subprocess.Popen([sys.executable, "-c", dedent(UPGRADE), *told], cwd=HOME)
    until = time.monotonic() + 60
    while not mark.exists() and killed.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    assert mark.exists()
    killed.kill()
    killed.wait()
    seen = look(last)
    found = finding(last, seen)
    assert seen == Look(Standing.BROKEN_OFF, VERSIONS[-1])
    assert found
    assert found.fault is STORE_MIGRATION_BROKEN_OFF
    assert people_in(last, settings) == ["anna"]
    monkeypatch.setattr(migrating, "_MIGRATIONS", migrations(tmp_path / "migrations"))
    upgrade(last, NEXT)
    assert look(last) == Look(Standing.CURRENT, NEXT)
    assert people_in(last, settings) == ["renamed"]
