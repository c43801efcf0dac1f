"""The units: how long calls may take to end, where the keys are, and how little she may."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest

from granny.commands import COMMANDS
from granny.config import hours
from granny.config.paths import HOME, Mode
from granny.config.settings import SECRETS, VARIABLES, Settings
from granny.faults import ExitCode
from granny.people import Person
from granny.preflight.checkup import Occasion
from granny.worker import hooks
from granny.worker.worker import GOODBYE_SECONDS

FOLDER = HOME.parent / "deploy" / "systemd"
FILE, PAGE_FILE = FOLDER / "granny.service", FOLDER / "granny-page.service"
RING_FILE, TIMER_FILE = FOLDER / "granny-ring@.service", FOLDER / "granny-ring@.timer"
README = (HOME.parent / "README.md").read_text(encoding="utf-8")
Unit = dict[str, list[str]]
_MOST_EXPOSED = 2.0
"""Of 10, as `systemd-analyze security` counts; above 2 it says more than "OK"."""


def _unit(file: Path) -> Unit:
    found: Unit = defaultdict(list)
    for line in file.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def _given(unit: Unit) -> dict[str, str]:
    """The keys that it is handed, and where they lie."""
    return dict(credential.split(":") for credential in unit["LoadCredential"])


UNIT, PAGE, RING, TIMER = (_unit(file) for file in (FILE, PAGE_FILE, RING_FILE, TIMER_FILE))
STAYING = {"worker": UNIT, "page": PAGE}
UNITS = {**STAYING, "ring": RING}
each_that_stays = pytest.mark.parametrize("unit", STAYING.values(), ids=STAYING)
each_unit = pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
each_file = pytest.mark.parametrize("file", [FILE, PAGE_FILE, RING_FILE], ids=UNITS)


def test_calls_may_end_before_she_is_killed() -> None:
    """The signal reaches the main process alone, which lets its calls end."""
    (minutes,) = re.findall(r"^(\d+)min$", UNIT["TimeoutStopSec"][0])
    drain: int = Settings.model_fields["drain_seconds"].default
    assert 60 * int(minutes) > drain + GOODBYE_SECONDS + hooks._LAST_SECONDS + 60
    assert UNIT["KillMode"] == ["mixed"]


@each_that_stays
def test_she_is_not_started_again_in_vain(unit: Unit) -> None:
    """What may pass is tried again, what asks for a person is not."""
    assert unit["Restart"] == ["on-failure"]
    assert unit["RestartPreventExitStatus"] == [str(int(ExitCode.CONFIG))]


def test_a_call_that_is_killed_for_its_memory_takes_no_other_with_it() -> None:
    """By default systemd would stop the whole service."""
    assert UNIT["OOMPolicy"] == ["continue"]


@each_unit
def test_the_keys_are_handed_over_as_files(unit: Unit) -> None:
    """All that a call needs, each under its variable's name, and she is told of the folder; none is in the environment.

    What only a command by hand needs, as a telephone's password, is nothing that a worker should hold.
    """
    named = _given(unit)
    assert set(named) == set(SECRETS) & set(Occasion(mode=Mode.PRODUCTION).needed)
    assert all(path == f"/etc/granny/{name}" for name, path in named.items())
    environment = dict(line.split("=", 1) for line in unit["Environment"])
    assert environment["GRANNY_SECRETS_FOLDER"] == "%d"
    assert {name for name in environment if name.startswith("GRANNY_")} <= set(VARIABLES)


def test_the_units_and_the_steps_name_the_same_places() -> None:
    """README installs what the units start."""
    (folder,) = UNIT["WorkingDirectory"]
    python = f"{folder.removesuffix('/Granny-voice')}/.venv/bin/python"
    assert PAGE["WorkingDirectory"] == [folder]
    assert UNIT["ExecStart"] == [f"{python} agent.py start"]
    assert PAGE["ExecStart"] == [f"{python} -m granny page --mode production"]
    assert (HOME / "agent.py").exists()
    assert "page" in COMMANDS
    _, _, steps = README.partition("### With systemd")
    steps, _, _ = steps.partition("\n### ")
    units = [f"deploy/systemd/{file.name}" for file in (FILE, PAGE_FILE)]
    for place in ("/srv/granny", *units, *UNIT["EnvironmentFile"], *PAGE["EnvironmentFile"], *_given(UNIT)):
        assert place in steps, place


def test_links_are_kept_where_root_makes_them() -> None:
    """docs/page.md has root make one; it belongs to whom the folder belongs, the page's user, whoever that is now."""
    (folder,) = PAGE["StateDirectory"]
    assert f"GRANNY_DATA_FOLDER=/var/lib/{folder}" in PAGE["Environment"]
    steps = (HOME.parent / "docs" / "page.md").read_text(encoding="utf-8")
    assert f"sudo env GRANNY_DATA_FOLDER=/var/lib/{folder} GRANNY_SECRETS_FOLDER=/etc/granny " in steps
    assert f"--env-file {PAGE['EnvironmentFile'][0]}" in steps


def test_the_diary_is_kept_where_its_own_commands_find_it() -> None:
    """docs/family.md has root read it, in a folder that is the worker's alone."""
    (folder,) = UNIT["StateDirectory"]
    assert f"GRANNY_DATA_FOLDER=/var/lib/{folder}" in UNIT["Environment"]
    assert PAGE["StateDirectory"] != [folder]
    steps = (HOME.parent / "docs" / "family.md").read_text(encoding="utf-8")
    assert f"sudo env GRANNY_DATA_FOLDER=/var/lib/{folder} GRANNY_SECRETS_FOLDER=/etc/granny " in steps
    assert f"--env-file {UNIT['EnvironmentFile'][0]}" in steps


@pytest.mark.parametrize("other", [PAGE, RING], ids=["page", "ring"])
def test_nobody_may_more_than_the_worker(other: Unit) -> None:
    """And each has a user of its own: who gets into the page, which others reach, is not in the worker."""
    may = {name: UNIT[name] for name in list(UNIT)[list(UNIT).index("ProtectSystem") :]}
    assert {name: other[name] for name in may if name != "WantedBy"} == {
        name: value for name, value in may.items() if name != "WantedBy"
    }
    assert UNIT["DynamicUser"] == other["DynamicUser"] == ["yes"]
    assert not UNIT["User"] + other["User"]


def test_what_is_added_to_the_worker_for_the_family_is_added_to_the_ringing_too() -> None:
    """It reads people's files as well, and it alone knows that somebody was not reached."""
    alerts = (HOME.parent / "docs" / "alerts.md").read_text(encoding="utf-8")
    edited = [named.split() for named in re.findall(r"systemctl edit (granny\s[^`]+)`", README + alerts)]
    assert len(edited) == 2
    for units in edited:
        assert RING_FILE.name in units


def test_whom_she_rings_stands_after_the_at() -> None:
    """Her command tries again by itself; whoever was not reached is not rung on by systemd."""
    (folder,) = RING["WorkingDirectory"]
    python = f"{folder.removesuffix('/Granny-voice')}/.venv/bin/python"
    assert RING["ExecStart"] == [f"{python} -m granny ring --mode production %i"]
    assert "ring" in COMMANDS
    assert RING["Type"] == ["oneshot"]
    assert not RING["Restart"]
    assert not RING["WantedBy"], "it is the timer that is enabled"


def test_a_missed_hour_is_not_made_up_for() -> None:
    """A machine that was off at ten may be on again at an hour at which nobody wants to be rung."""
    assert TIMER["Persistent"] == ["no"]
    (hour,) = re.findall(r"(\d\d:\d\d)$", TIMER["OnCalendar"][0])
    there = datetime.fromisoformat(f"2026-11-27T{hour}")
    assert hours.is_within(Person().ring_hours, there)
    assert TIMER["WantedBy"] == ["timers.target"]


def test_her_recordings_are_kept_where_she_looks_for_them() -> None:
    (folder,) = UNIT["CacheDirectory"]
    assert folder == "granny", "the name below XDG_CACHE_HOME"
    assert "XDG_CACHE_HOME=/var/cache" in UNIT["Environment"]


@each_file
def test_systemd_finds_nothing_strange_in_it(file: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("systemd-analyze is not on the PATH")
    done = subprocess.run([analyze, "verify", str(file)], capture_output=True, text=True, check=False)
    strange = [line for line in done.stderr.splitlines() if file.name in line and "is not executable" not in line]
    assert strange == []


@each_file
def test_she_may_little(file: Path) -> None:
    """As `systemd-analyze security` counts it, whose words are its own."""
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("systemd-analyze is not on the PATH")
    command = [analyze, "security", "--offline=true", "--no-pager", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Overall exposure level" not in done.stdout:
        pytest.skip("this systemd-analyze cannot judge a unit that is not installed")
    (level,) = re.findall(r"Overall exposure level for granny[\w@-]*\.service: ([\d.]+)", done.stdout)
    assert float(level) <= _MOST_EXPOSED
