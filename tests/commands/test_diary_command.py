"""What became of her calls, told to whoever set her up; who is forgotten; and a backup, on the command line."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from commands.running import run
from granny import commands
from granny.config.settings import Settings
from granny.rehearsal.rig.program import free_port
from granny.store.migrating import upgrade
from granny.store.place import FILE, Place
from granny.store.rows import CallRow
from granny.store.store import Store

NOW = datetime.now(timezone.utc).replace(microsecond=0)
KEY = "sk-proj-" + "FAKE" * 10

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That of the data; the environment names it."""
    folder = tmp_path / "data"
    told = {"OPENAI_API_KEY": KEY, "GRANNY_DATA_FOLDER": str(folder), "GRANNY_TIMEZONE": "Etc/UTC"}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture(name="store")
def _store(folder: Path) -> Iterator[Store]:
    upgrade(Place(file=folder / FILE))
    store = Store.open(Settings.model_validate({"OPENAI_API_KEY": KEY, "GRANNY_DATA_FOLDER": str(folder)}))
    yield store
    store.close()


@pytest.fixture(name="said")
def _said(folder: Path, capsys: pytest.CaptureFixture[str]) -> Said:
    """What a command that is typed returns, prints and complains of, on a machine without an env file."""

    def said(command: str, *arguments: str) -> tuple[int, str, str]:
        try:
            code = commands.run(command, [*arguments, "--env-file", str(folder / "none")])
        except SystemExit as left:
            code = int(left.code or 0)
        return (code, *capsys.readouterr())

    return said


def add(store: Store, job: str, *, ago: timedelta = timedelta(0), **others: Any) -> datetime:
    usual: dict[str, Any] = {"person": "anna", "by": "web", "seconds": 751.0, "ending": "goodbye"}
    store.calls.add(CallRow(job=job, started=NOW - ago, **{**usual, **others}))
    return NOW - ago


def test_with_prices_it_is_told_what_all_have_cost_and_may(
    said: Said, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever's calls are asked for: it is one purse."""
    add(store, "1", cost=Decimal("0.42"))
    add(store, "2", person="berta", cost=Decimal("1.58"))
    prices = {"GRANNY_PRICE_INPUT": "32", "GRANNY_PRICE_OUTPUT": "64", "GRANNY_MONTHLY_BUDGET": "20"}
    for name, value in prices.items():
        monkeypatch.setenv(name, value)
    _, printed, _ = said("diary", "anna")
    assert "Everybody's calls together: today $2.00, this month $2.00, 10% of its budget of $20.00." in printed
    _, printed, _ = said("diary", "--json")
    assert json.loads(printed)["spending"] == {"today": 2.0, "month": 2.0, "budget": 20.0}


def test_each_call_is_told_by_a_line_and_all_of_them_by_a_sum(said: Said, store: Store) -> None:
    figures = {"first_word": 0.84, "answer_p50": 0.9, "answer_p95": 1.42, "cost": Decimal("0.3")}
    first = add(store, "1", ago=timedelta(days=2), **figures)
    second = add(store, "2", by="phone", ending="fault", fault="call-crashed", seconds=3700.0, person="")
    code, out, err = said("diary")
    lines = out.splitlines()
    told = "first word 0.8 s; answers 0.9 s, the slowest 1.4 s; $0.30"
    summary = "Something in Granny herself broke during a call, so she said goodbye."
    assert (code, err) == (0, "")
    assert lines == [
        f"{first:%Y-%m-%d %H:%M}  anna  web        12:31  goodbye; {told}",
        f"{second:%Y-%m-%d %H:%M}  -     phone    1:01:40  call-crashed",
        "",
        f"Since {NOW - timedelta(days=29):%Y-%m-%d}: 2 calls, 1:14:11 together, something went wrong in 1, $0.30.",
        "",
        "What went wrong, and docs/faults.md tells what to do:",
        f"  call-crashed     1 call, last {second:%Y-%m-%d %H:%M}  {summary}",
    ]


def test_one_person_s_calls_since_a_day(said: Said, store: Store) -> None:
    add(store, "1", ago=timedelta(days=9))
    add(store, "2", ago=timedelta(days=50))
    add(store, "3", person="berta")
    day = (NOW - timedelta(days=60)).date().isoformat()
    assert " of anna: 2 calls," in said("diary", "anna", "--since", day)[1]
    assert " of anna: 1 call," in said("diary", "anna")[1]
    assert said("diary", "clara")[1].startswith("No call of clara since ")
    code, _, err = said("diary", "--since", "yesterday")
    assert (code, "a day is written as" in err) == (78, True)


def test_a_program_is_told_all_of_it(said: Said, store: Store) -> None:
    started = add(store, "1", cost=Decimal("0.25"), ending="line-lost", spoken_faults=("openai-silent",))
    told = json.loads(said("diary", "anna", "--json")[1])
    (call,) = told["calls"]
    assert call["started"] == started.isoformat()
    assert call["trouble"] == ["line-lost", "openai-silent"]
    assert (call["person"], call["by"], call["seconds"], call["cost"]) == ("anna", "web", 751.0, 0.25)
    assert told["days"][0]["troubled"] == 1
    assert told["troubles"] == {"line-lost": 1, "openai-silent": 1}


def test_of_very_many_the_last_are_told_one_by_one(said: Said, store: Store) -> None:
    with store.at_once():
        for job in range(70):
            add(store, str(job), ago=timedelta(minutes=job))
    lines = said("diary")[1].splitlines()
    assert lines[0] == "… and 10 before these; --json tells all of them."
    assert len([line for line in lines if "goodbye" in line]) == 60
    assert len(json.loads(said("diary", "--json")[1])["calls"]) == 70


@pytest.mark.usefixtures("folder")
def test_without_a_diary_nothing_is_told_and_nothing_is_wrong(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANNY_DIARY_DAYS", "0")
    code, out, err = said("diary")
    assert (code, out.startswith("No call since ")) == (0, True)
    assert "GRANNY_DIARY_DAYS=0" in err


def test_a_database_that_is_away_is_told_as_a_fault(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANNY_DATABASE_URL", f"postgresql://granny:hunter2-FAKE@127.0.0.1:{free_port()}/granny")
    code, out, err = said("diary")
    assert (code, out, "store-unavailable" in err) == (75, "", True)
    assert "hunter2" not in err


@pytest.mark.parametrize("typed", [("diary",), ("forget", "anna"), ("backup", "copy")])
def test_a_newer_version_s_is_left_as_it_is(said: Said, store: Store, typed: tuple[str, ...]) -> None:
    with store.at_once() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    code, _, err = said(*typed)
    assert (code, "store-newer" in err) == (78, True)


def test_a_setting_that_cannot_be_read_is_the_check_up_s_to_tell(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANNY_DIARY_DAYS", "many")
    code, _, err = said("diary")
    assert (code, "setting-invalid" in err) == (78, True)


def test_who_is_forgotten_is_in_no_line_any_more(said: Said, store: Store) -> None:
    add(store, "1")
    add(store, "2", person="berta")
    code, out, _ = said("forget", "anna")
    assert (code, out.splitlines()[0]) == (0, "Erased: 1 call of anna.")
    assert ": 1 call," in said("diary")[1]
    assert said("forget", "anna")[1] == "There is no call of anna in the diary.\n"
    assert said("forget")[0] == 78


def test_a_backup_is_made_and_brought_back(
    said: Said, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, "1")
    copy = str(tmp_path / "copy.sqlite3")
    code, _, err = said("backup", copy)
    assert (code, err.startswith(f"Copied: 1 call, into {copy}.")) == (0, True)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT person FROM calls").fetchall() == [("anna",)]
    refusals = {
        ("backup", copy): "is there already",
        ("backup", "--restore", copy): "there are calls in the diary already",
        ("backup", "--restore", str(tmp_path / "nowhere")): "there is no file",
        ("backup",): "name the file",
    }
    for typed, words in refusals.items():
        code, _, err = said(*typed)
        assert (code, words in err) == (78, True)
    monkeypatch.setenv("GRANNY_DATA_FOLDER", str(tmp_path / "new"))
    assert said("backup", "--restore", copy)[0] == 0
    assert re.search(r"anna .* goodbye", said("diary")[1])


def test_it_is_typed_as_every_command_is(home: Path, bare_environment: dict[str, str], tmp_path: Path) -> None:
    """In a process of its own, which has never met the store: it is made."""
    ours = {"OPENAI_API_KEY": KEY, "GRANNY_DATA_FOLDER": str(tmp_path / "data")}
    done = run(home, bare_environment | ours, "-m", "granny", "diary")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("No call since ")
