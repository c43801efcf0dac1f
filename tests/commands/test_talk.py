"""`make talk` chooses the way that this machine offers, and says why; where there is none, what to do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from commands.running import run
from granny.commands import talk
from granny.config.paths import HOME
from granny.config.settings import Settings


def run_talk(home: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return run(home, environment, "-m", "granny", "talk")


def test_a_key_alone_needs_somebody_to_talk(home: Path, bare_environment: dict[str, str]) -> None:
    done = run_talk(home, bare_environment | {"OPENAI_API_KEY": "sk-" + "FAKE" * 12})
    assert done.returncode == 78, done.stderr
    assert "make talk in a terminal" in done.stderr
    assert "LIVEKIT_URL" in done.stderr
    assert "Traceback" not in done.stderr
    assert "FAKEFAKE" not in done.stdout + done.stderr


def test_a_key_in_a_copy_of_the_example_is_a_key_alone(home: Path, bare_environment: dict[str, str]) -> None:
    """As README has it: copied, one key put in, and all else left as it stands."""
    file = home / ".env.local"
    example = (HOME.parent / ".env.local.example").read_text(encoding="utf-8")
    file.write_text(example.replace("sk-your-openai-key", "sk-" + "FAKE" * 12), encoding="utf-8")
    file.chmod(0o600)
    try:
        done = run_talk(home, bare_environment)
    finally:
        file.unlink()
    assert (done.returncode, done.stdout) == (78, "")
    assert "make talk in a terminal" in done.stderr


def test_a_bad_set_up_is_reported_before_anything_is_tried(home: Path, bare_environment: dict[str, str]) -> None:
    done = run_talk(home, bare_environment | {"OPENAI_API_KEY": "sk-ant-" + "FAKE" * 12})
    assert done.returncode == 78, done.stderr
    assert "openai-key-other-provider" in done.stderr


@pytest.mark.parametrize(
    ("platform", "environment", "is_one"),
    [
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {}, False),
        ("darwin", {}, True),
        ("darwin", {"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}, False),
        ("win32", {}, True),
    ],
)
def test_a_desktop_is_where_a_browser_opens_before_who_sits_there(
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    environment: dict[str, str],
    is_one: bool,  # noqa: FBT001  an expectation
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert talk.has_desktop() is is_one


def test_ctrl_c_ends_a_rehearsal_quietly(home: Path, bare_environment: dict[str, str]) -> None:
    """It is the way to end a call, so all is well."""
    if sys.platform == "win32":
        pytest.skip("Windows has no process groups to tell")
    with subprocess.Popen(
        [sys.executable, "-m", "granny", "talk"],
        cwd=home,
        env=bare_environment | {"PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout
        begun = next((line for line in process.stdout if "a recorded caller holds the call" in line), "")
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert begun
    assert process.returncode == 0, rest
    assert "Traceback" not in rest


@pytest.mark.parametrize(
    ("url", "key", "secret", "is_there"),
    [
        ("wss://livekit.invalid", "APIfakefake", "FAKE" * 9, True),
        ("wss://your-project.livekit.cloud", "your-livekit-api-key", "your-livekit-api-secret", False),
        ("wss://livekit.invalid", "APIfakefake", "your-livekit-api-secret", True),
        ("wss://livekit.invalid", "APIfakefake", None, False),
    ],
    ids=["set", "the example's", "one forgotten, which the worker's report names", "not whole"],
)
def test_a_livekit_server_is_one_that_somebody_has_set(
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    key: str,
    secret: str | None,
    is_there: bool,  # noqa: FBT001  an expectation
) -> None:
    values = {"OPENAI_API_KEY": "sk-" + "FAKE" * 12, "LIVEKIT_URL": url, "LIVEKIT_API_KEY": key}
    values |= {"LIVEKIT_API_SECRET": secret} if secret else {}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert talk.has_livekit(Settings.model_validate(values)) is is_there
