"""Every door leads past the check-up: with a fault none registers, the exit status says why, the report is last."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.livekit_server import livekit_server, why_missing
from granny.rehearsal.rig.worker import bare, worker
from scenarios import _fakes as fakes

FAKE_SECRET = "FAKE" * 9
LIVEKIT = {
    "LIVEKIT_URL": "ws://127.0.0.1:1",
    "LIVEKIT_API_KEY": "APIfakefake",
    "LIVEKIT_API_SECRET": FAKE_SECRET,
}
OPENAI_KEY = "sk-" + "FAKE" * 12
REQUIRED = "OPENAI_API_KEY environment variable is required"
DOORS = {
    "dev": ("agent.py", "dev"),
    "start": ("agent.py", "start"),
    "framework start": ("-m", "livekit.agents", "start", "agent.py"),
    "framework start --dev": ("-m", "livekit.agents", "start", "agent.py", "--dev"),
    "framework console": ("-m", "livekit.agents", "console", "agent.py", "--connect-addr", "127.0.0.1:9"),
    "console": ("agent.py", "console", "--text"),
}
NEEDS_LIVEKIT = pytest.mark.skipif(why_missing() is not None, reason=why_missing() or "")
NO_SOUND = pytest.mark.skipif(
    sys.platform == "linux" and find_library("portaudio") is None,
    reason="the framework looks for PortAudio before it calls the worker; it is not installed here",
)


@dataclass(frozen=True)
class Done:
    status: int
    output: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it has said in `start`: every line is a JSON object."""
        return [json.loads(line) for line in self.output.splitlines()]

    @property
    def faults(self) -> dict[str, str]:
        """In `start`: the faults by their slug, and how grave each is."""
        report: dict[str, Any] = self.lines[-1]
        return {finding["fault"]: finding["severity"] for finding in report["findings"]}


@dataclass(frozen=True)
class Refusing:
    """An OpenAI that refuses the key, and the environment of a worker that is to meet it."""

    standin: StandIn
    environment: dict[str, str]


def run(home: Path, environment: dict[str, str], *arguments: str, folder: Path | None = None) -> Done:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder or home,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout)


@pytest.mark.parametrize(
    "door",
    [pytest.param(door, marks=NO_SOUND if name == "console" else (), id=name) for name, door in DOORS.items()],
)
def test_without_a_key_no_door_opens(home: Path, bare_environment: dict[str, str], door: tuple[str, ...]) -> None:
    done = run(home, bare_environment | LIVEKIT | {"LIVEKIT_LOG_LEVEL": "DEBUG"}, *door)
    assert done.status == 78, done.output
    assert REQUIRED in done.output
    *_, last = done.output.rstrip().splitlines()
    assert "(exit code 78)" in last or json.loads(last)["exit_code"] == 78
    assert ("exit_code" in last) is ("start" in door and "--dev" not in door)  # in the log as it is, or in words
    assert "Traceback" not in done.output
    assert "registered worker" not in done.output
    assert not [piece for piece in pieces(FAKE_SECRET) if piece in done.output]


def pieces(secret: str, length: int = 8) -> set[str]:
    return {secret[start : start + length] for start in range(len(secret) - length + 1)}


@pytest.mark.parametrize(
    ("door", "stop"), [("dev", signal.SIGINT), pytest.param("start", signal.SIGTERM, marks=pytest.mark.full)]
)
def test_told_to_stop_while_the_network_is_asked_she_ends_quietly(
    home: Path, bare_environment: dict[str, str], door: str, stop: signal.Signals
) -> None:
    """As Ctrl+C on a terminal does: all that she started is told; here by servers that never answer."""
    if sys.platform == "win32":
        pytest.skip("Windows has no process groups to tell")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        asked = {
            "OPENAI_API_KEY": "sk-proj-" + "FAKE" * 10,
            "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
            "LIVEKIT_URL": f"ws://127.0.0.1:{port}",
            "GRANNY_HEALTH_PORT": "0",
        }
        with subprocess.Popen(
            [sys.executable, "agent.py", door],
            cwd=home,
            env=bare_environment | LIVEKIT | asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            assert process.stdout
            asking = next((line for line in process.stdout if "asking" in line.lower()), "")
            os.killpg(process.pid, stop)
            rest, _ = process.communicate(timeout=60)
    if door == "dev":
        assert asking == "Asking LiveKit, OpenAI, OpenAI model …\n"
    else:
        assert json.loads(asking)["probes"] == ["LiveKit", "OpenAI", "OpenAI model"]
    assert process.returncode == 0, rest
    assert "Traceback" not in rest


@pytest.mark.parametrize(
    "arguments",
    [
        ("agent.py", "--help"),
        pytest.param(("agent.py", "start", "--help"), marks=pytest.mark.full),
        ("agent.py", "download-files"),
    ],
)
def test_help_and_download_files_need_no_keys(
    home: Path, bare_environment: dict[str, str], arguments: tuple[str, ...]
) -> None:
    done = run(home, bare_environment, *arguments)
    assert done.status == 0, done.output
    assert "environment variable is required" not in done.output


def test_every_script_runs_from_any_folder(home: Path, bare_environment: dict[str, str], tmp_path: Path) -> None:
    """It names the folder of agent.py, not the one it was called from."""
    for script in ("agent.py", "check_env.py", "test_openai_key.py"):
        arguments = ("start",) if script == "agent.py" else ()
        done = run(home, bare_environment, str(home / script), *arguments, folder=tmp_path)
        assert done.status == 78, done.output
        assert REQUIRED in done.output


@pytest.mark.parametrize(
    "bad",
    [
        {
            "GRANNY_VOICE": ("no voice!", "letter"),
            "GRANNY_SPEED": ("-1", "0.25"),
            "GRANNY_EAGERNESS": ("eager", "low, medium, high, auto"),
            "GRANNY_PREFLIGHT_WAIT": ("-5", "at least 0"),
        },
        {"GRANNY_CALLER_FILE": ("nowhere.txt", "nowhere.txt")},
    ],
    ids=["out of range", "a file that is not there"],
)
def test_each_bad_setting_is_named_with_its_place_and_what_is_allowed(
    home: Path, bare_environment: dict[str, str], bad: dict[str, tuple[str, str]]
) -> None:
    """Several of them in one start."""
    values = {variable: value for variable, (value, _) in bad.items()}
    environment = bare_environment | LIVEKIT | {"OPENAI_API_KEY": "sk-" + "FAKE" * 12} | values
    done = run(home, environment, "agent.py", "start")
    assert done.status == 78, done.output
    told = {finding["variable"]: finding for finding in done.lines[-1]["findings"]}
    for variable, (_, allowed) in bad.items():
        assert (told[variable]["where"], allowed in told[variable]["evidence"]) == ("environment", True), done.output


async def test_without_livekit_she_waits_as_long_as_she_was_told_and_may_be_started_again(
    home: Path, bare_environment: dict[str, str]
) -> None:
    """75, on which systemd and containers start her again: a machine may start her before its LiveKit server."""
    async with StandIn(api_key=OPENAI_KEY) as standin:
        told = {"OPENAI_API_KEY": OPENAI_KEY, "OPENAI_BASE_URL": standin.base_url, "GRANNY_PREFLIGHT_WAIT": "2"}
        environment = bare_environment | LIVEKIT | told
        starts = [asyncio.to_thread(run, home, environment, "agent.py", door) for door in ("start", "dev")]
        start, dev = await asyncio.gather(*starts)
    assert (start.status, dev.status) == (75, 78), start.output + dev.output
    assert start.faults["livekit-not-listening"] == "transient"
    assert "Fault  livekit-not-listening (fatal)" in dev.output


@pytest.mark.parametrize("bad", [{"LIVEKIT_URL": "ws://127.0.0.1:1"}, {"GRANNY_SPEED": "-1"}])
async def test_who_may_apologise_for_openai_apologises_for_nothing_else(
    home: Path, bare_environment: dict[str, str], bad: dict[str, str]
) -> None:
    """Neither for a LiveKit server that is away, nor for a setting that is wrong."""
    async with fakes.listening(fakes.http(fakes.switching)) as port, StandIn(api_key="another") as standin:
        good = {"OPENAI_API_KEY": OPENAI_KEY, "LIVEKIT_URL": f"ws://127.0.0.1:{port}"}
        told = {"OPENAI_BASE_URL": standin.base_url, "GRANNY_PREFLIGHT": "apologise", "GRANNY_PREFLIGHT_WAIT": "0"}
        done = await asyncio.to_thread(run, home, bare_environment | LIVEKIT | good | told | bad, "agent.py", "start")
    assert done.status == 78, done.output
    assert "registered worker" not in done.output


def test_whoever_reads_along_has_the_report_in_words_and_not_twice(
    home: Path, bare_environment: dict[str, str]
) -> None:
    """In `start` with stderr at a terminal; the log stays the framework's."""
    if sys.platform == "win32":
        pytest.skip("Windows has no pseudo-terminals")
    ours, theirs = os.openpty()
    command = [sys.executable, "agent.py", "start"]
    environment = bare_environment | LIVEKIT | {"NO_COLOR": "1"}
    with subprocess.Popen(command, cwd=home, env=environment, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the end of a terminal is an error
            while piece := os.read(ours, 4096):
                shown += piece
        log, _ = process.communicate(timeout=60)
    os.close(ours)
    assert b"(exit code 78)" in shown.splitlines()[-1]
    assert b"check-up" not in log


@pytest.fixture
async def refusing(bare_environment: dict[str, str], tmp_path: Path) -> AsyncIterator[Refusing]:
    async with livekit_server(log=tmp_path / "livekit.log") as server, StandIn(api_key="another") as standin:
        environment = {
            **bare(bare_environment),
            **server.environment,
            "OPENAI_API_KEY": "sk-" + "FAKE" * 12,
            "OPENAI_BASE_URL": standin.base_url,
            "GRANNY_HEALTH_PORT": "0",
            "GRANNY_OWN_VOICE": "off",  # it would ask OpenAI by itself, later
        }
        yield Refusing(standin, environment)


@pytest.mark.livekit
@NEEDS_LIVEKIT
async def test_with_a_key_that_openai_refuses_strict_refuses(home: Path, refusing: Refusing) -> None:
    refused = await asyncio.to_thread(run, home, refusing.environment, "agent.py", "start")
    assert refused.status == 78, refused.output
    assert "openai-key-rejected" in refused.output
    assert "registered worker" not in refused.output


@pytest.mark.livekit
@NEEDS_LIVEKIT
@pytest.mark.parametrize("preflight", ["warn", pytest.param("off", marks=pytest.mark.full)])
async def test_who_must_start_regardless_can(home: Path, refusing: Refusing, tmp_path: Path, preflight: str) -> None:
    """With a key that OpenAI refuses warn says it and registers, off does not even ask."""
    environment = refusing.environment | {"GRANNY_PREFLIGHT": preflight}
    async with worker(home / "agent.py", log=tmp_path / "worker.log", environment=environment) as running:
        pass
    is_told = preflight == "warn"
    assert ("openai-key-rejected" in running.words) == is_told
    assert bool(refusing.standin.connections) == is_told
    assert ("GRANNY_PREFLIGHT=off" in running.words) != is_told
