"""`python -m granny page`, as whoever types it meets it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from commands.running import run
from granny.people.links import Links

PAGE = ("-m", "granny", "page")


@pytest.fixture
def environment(bare_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """All that is needed but LiveKit, where nothing listens."""
    return bare_environment | {
        "OPENAI_API_KEY": "sk-proj-" + "FAKE" * 10,
        "LIVEKIT_URL": "ws://127.0.0.1:9",
        "LIVEKIT_API_KEY": "APIfakefake",
        "LIVEKIT_API_SECRET": "FAKE" * 9,
        "GRANNY_DATA_FOLDER": str(tmp_path),
        "GRANNY_PAGE_PORT": "0",
    }


def test_all_that_keeps_it_from_opening_is_named_at_once(home: Path, environment: dict[str, str]) -> None:
    """A port that is taken, a LiveKit that is not there, and that nobody has a link yet; OpenAI is not asked."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environment["GRANNY_PAGE_PORT"] = str(taken.getsockname()[1])
        done = run(home, environment, *PAGE)
    assert (done.returncode, done.stdout) == (78, "")
    for fault in ("port-in-use", "livekit-not-listening", "page-without-links"):
        assert fault in done.stderr
    assert "GRANNY_PAGE_PORT" in done.stderr
    assert "python -m granny link NAME" in " ".join(done.stderr.split())
    assert "Asking LiveKit" in done.stderr


def test_with_a_link_there_is_no_word_of_links(home: Path, environment: dict[str, str], tmp_path: Path) -> None:
    Links(tmp_path).make()
    done = run(home, environment, *PAGE)
    assert done.returncode == 78
    assert "page-without-links" not in done.stderr


def test_without_keys_it_says_so(home: Path, bare_environment: dict[str, str]) -> None:
    done = run(home, bare_environment, *PAGE)
    assert done.returncode == 78
    assert "env-file-missing" in done.stderr
