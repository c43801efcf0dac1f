"""What is promised about running her elsewhere: in a container, with Compose, under systemd."""

from __future__ import annotations

import re

from granny.faults import ExitCode
from granny.places import HOME
from granny.settings import Settings

TOP = HOME.parent
DRAIN_SECONDS: int = Settings.model_fields["drain_seconds"].default


def _read(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    assert found, pattern
    return int(found[1])


def test_calls_may_end_before_she_is_killed() -> None:
    """Compose, `docker run` and systemd each wait longer than she lets running calls go on."""
    readme = _read("README.md")
    assert 60 * _number(r"stop_grace_period: (\d+)m", _read("compose.yaml")) > DRAIN_SECONDS
    assert 60 * _number(r"TimeoutStopSec=(\d+)min", readme) > DRAIN_SECONDS
    assert _number(r"--stop-timeout (\d+)", readme) > DRAIN_SECONDS


def test_systemd_does_not_start_her_again_in_vain() -> None:
    """The exit status that asks for a person is the one that systemd does not restart on."""
    assert _number(r"RestartPreventExitStatus=(\d+)", _read("README.md")) == ExitCode.CONFIG


def test_the_health_check_asks_the_default_port() -> None:
    """A container that sets no port is asked where she answers."""
    port = _number(r"os\.environ\.get\('GRANNY_HEALTH_PORT'\) or (\d+)", _read("Dockerfile"))
    assert port == Settings.model_fields["health_port"].default


def test_the_image_takes_only_what_is_named() -> None:
    """Everything is left out but what is let in by name, and env files are left out last."""
    rules = [line for line in _read(".dockerignore").splitlines() if line and not line.startswith("#")]
    let_in = [rule for rule in rules if rule.startswith("!")]
    assert rules[0] == "*"
    assert rules.index("**/.env*") > max(map(rules.index, let_in))


def test_every_make_target_that_is_documented_exists() -> None:
    """README and CONTRIBUTING name commands that work; `make test` is one of them."""
    targets = set(re.findall(r"^([a-z]+):", _read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", _read("README.md") + _read("CONTRIBUTING.md"), re.MULTILINE))
    assert "test" in named
    assert named <= targets
