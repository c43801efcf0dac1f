"""`python -m granny page`, as whoever types it meets it."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from pathlib import Path

import aiohttp
import pytest

from commands.running import run
from granny.rehearsal.rig.livekit_server import livekit_server, why_missing
from granny.rehearsal.rig.program import free_port
from keeping import links_in

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
    links_in(tmp_path).make()
    done = run(home, environment, *PAGE)
    assert done.returncode == 78
    assert "page-without-links" not in done.stderr


def test_a_database_that_is_away_may_come_back(home: Path, environment: dict[str, str]) -> None:
    """So whoever started the page may start it again later; systemd does."""
    away = f"postgresql://granny:hunter2-FAKE@127.0.0.1:{free_port()}/granny"
    done = run(home, {**environment, "GRANNY_PREFLIGHT": "off", "GRANNY_DATABASE_URL": away}, *PAGE)
    assert (done.returncode, "store-unavailable" in done.stderr) == (75, True)
    assert "hunter2" not in done.stdout + done.stderr


def test_without_keys_it_says_so(home: Path, bare_environment: dict[str, str]) -> None:
    done = run(home, bare_environment, *PAGE)
    assert done.returncode == 78
    assert "env-file-missing" in done.stderr


@pytest.mark.livekit
@pytest.mark.skipif(why_missing() is not None, reason=why_missing() or "")
async def test_it_opens_and_closes(home: Path, environment: dict[str, str], tmp_path: Path) -> None:
    """A link that is made while it runs is good at once; asked to stop, it stops, and all is well."""
    async with livekit_server(log=tmp_path / "livekit.log") as livekit:
        page = await asyncio.create_subprocess_exec(
            sys.executable, *PAGE, cwd=home, env={**environment, **livekit.environment}, stderr=asyncio.subprocess.PIPE
        )
        assert page.stderr
        said = b""
        while b"Ctrl+C" not in said:
            said += await asyncio.wait_for(page.stderr.read(4096), 60) or pytest.fail(said.decode())
        address = re.findall(r"http://127\.0\.0\.1:\d+", said.decode())[-1]
        assert b"page-without-links" in said
        headers = {"Authorization": f"Bearer {links_in(tmp_path).make()}", "Content-Type": "application/json"}
        async with aiohttp.ClientSession(headers=headers) as browser:
            async with browser.post(f"{address}/hello") as hello:
                assert (hello.status, (await hello.json())["line"]) == (200, "livekit")
            async with browser.post(f"{address}/call") as call:
                assert call.status == 201
        page.terminate()
        assert await asyncio.wait_for(page.wait(), 30) == 0
