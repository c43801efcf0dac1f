"""The unit: how long calls may take to end, where the keys are, and how little she may."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict

import pytest

from granny.config.paths import HOME
from granny.config.settings import SECRETS, VARIABLES, Settings
from granny.faults import ExitCode
from granny.worker import hooks
from granny.worker.worker import GOODBYE_SECONDS

FILE = HOME.parent / "deploy" / "systemd" / "granny.service"
README = (HOME.parent / "README.md").read_text(encoding="utf-8")
_MOST_EXPOSED = 2.0
"""Of 10, as `systemd-analyze security` counts; above 2 it says more than "OK"."""


def _unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


UNIT = _unit()


def test_calls_may_end_before_she_is_killed() -> None:
    """The signal reaches the main process alone, which lets its calls end."""
    (minutes,) = re.findall(r"^(\d+)min$", UNIT["TimeoutStopSec"][0])
    drain: int = Settings.model_fields["drain_seconds"].default
    assert 60 * int(minutes) > drain + GOODBYE_SECONDS + hooks._LAST_SECONDS + 60
    assert UNIT["KillMode"] == ["mixed"]


def test_she_is_not_started_again_in_vain() -> None:
    """What may pass is tried again, what asks for a person is not."""
    assert UNIT["Restart"] == ["on-failure"]
    assert UNIT["RestartPreventExitStatus"] == [str(int(ExitCode.CONFIG))]


def test_a_call_that_is_killed_for_its_memory_takes_no_other_with_it() -> None:
    """By default systemd would stop the whole service."""
    assert UNIT["OOMPolicy"] == ["continue"]


def test_the_keys_are_handed_over_as_files() -> None:
    """All three, each under its variable's name, and she is told of the folder; none is in the environment."""
    named = dict(credential.split(":") for credential in UNIT["LoadCredential"])
    assert set(named) == set(SECRETS)
    assert all(path == f"/etc/granny/{name}" for name, path in named.items())
    environment = dict(line.split("=", 1) for line in UNIT["Environment"])
    assert environment["GRANNY_SECRETS_FOLDER"] == "%d"
    assert {name for name in environment if name.startswith("GRANNY_")} <= set(VARIABLES)


def test_the_unit_and_the_steps_name_the_same_places() -> None:
    """README installs what the unit starts."""
    (start,) = UNIT["ExecStart"]
    (folder,) = UNIT["WorkingDirectory"]
    assert start == f"{folder.removesuffix('/Granny-voice')}/.venv/bin/python agent.py start"
    assert (HOME / "agent.py").exists()
    _, _, steps = README.partition("### With systemd")
    steps, _, _ = steps.partition("\n### ")
    for place in ("/srv/granny", "deploy/systemd/granny.service", *UNIT["EnvironmentFile"], *SECRETS):
        assert place in steps, place


def test_her_recordings_are_kept_where_she_looks_for_them() -> None:
    (folder,) = UNIT["CacheDirectory"]
    assert folder == "granny", "the name below XDG_CACHE_HOME"
    assert "XDG_CACHE_HOME=/var/cache" in UNIT["Environment"]


def test_systemd_finds_nothing_strange_in_it() -> None:
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("systemd-analyze is not on the PATH")
    done = subprocess.run([analyze, "verify", str(FILE)], capture_output=True, text=True, check=False)
    strange = [line for line in done.stderr.splitlines() if FILE.name in line and "is not executable" not in line]
    assert strange == []


def test_she_may_little() -> None:
    """As `systemd-analyze security` counts it, whose words are its own."""
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("systemd-analyze is not on the PATH")
    command = [analyze, "security", "--offline=true", "--no-pager", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Overall exposure level" not in done.stdout:
        pytest.skip("this systemd-analyze cannot judge a unit that is not installed")
    (level,) = re.findall(r"Overall exposure level for granny\.service: ([\d.]+)", done.stdout)
    assert float(level) <= _MOST_EXPOSED
