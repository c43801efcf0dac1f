"""`make talk` chooses the way that this machine offers, and says why; where there is none, what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def talk(home: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "granny.commands.talk"],
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_key_alone_needs_a_microphone(home: Path, bare_environment: dict[str, str]) -> None:
    done = talk(home, bare_environment | {"OPENAI_API_KEY": "sk-" + "FAKE" * 12})
    assert done.returncode == 78, done.stderr
    assert "libportaudio2" in done.stderr
    assert "LIVEKIT_URL" in done.stderr
    assert "Traceback" not in done.stderr
    assert "FAKEFAKE" not in done.stdout + done.stderr


def test_a_bad_set_up_is_reported_before_anything_is_tried(home: Path, bare_environment: dict[str, str]) -> None:
    done = talk(home, bare_environment | {"OPENAI_API_KEY": "sk-ant-" + "FAKE" * 12})
    assert done.returncode == 78, done.stderr
    assert "openai-key-other-provider" in done.stderr
