"""Whether something may wait in the store is seen without SQLAlchemy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from granny.config.settings import Settings
from granny.store.glance import may_wait
from granny.store.store import Store
from store.samples import NOON, message

HOME = Path(__file__).resolve().parents[2] / "Granny-voice"


def test_in_a_file_that_is_not_there_nothing_waits_and_a_server_is_to_be_asked(empty: Settings) -> None:
    assert may_wait(empty, "alert/") is bool(empty.database_url)


def test_a_message_waits_and_so_does_a_note_of_the_kind_that_is_asked_for(store: Store, settings: Settings) -> None:
    if settings.database_url:
        pytest.skip("a server is always to be asked")
    assert not may_wait(settings, "alert/lasting/")
    store.told.note("alert/day", NOON)
    assert not may_wait(settings, "alert/lasting/")
    store.told.note("alert/lasting/account", NOON)
    assert may_wait(settings, "alert/lasting/")
    store.told.drop("alert/lasting/account")
    store.outbox.put(message("one"))
    assert may_wait(settings, "alert/lasting/")
    store.outbox.sent("one")
    assert not may_wait(settings, "alert/lasting/")


def test_a_file_that_cannot_be_read_is_left_to_the_store_to_name(settings: Settings) -> None:
    if settings.database_url or not settings.data_place:
        pytest.skip("a server has no file")
    (settings.data_place / "granny.sqlite3").write_bytes(b"no database" * 500)
    assert may_wait(settings, "alert/")


def test_it_costs_no_sqlalchemy() -> None:
    code = "import sys, granny.store.glance; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
