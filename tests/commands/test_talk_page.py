"""`make talk` at a desktop comes to her page, whatever the machine has; what is heard there is what was promised."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import numpy as np
import psutil
import pytest
from aiohttp import WSMsgType

from granny.rehearsal.openai.hearing import AUDIBLE_RMS
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.openai.voice import GREETING_TEXT
from granny.rehearsal.rig.livekit_server import PROGRAM
from scenarios._scene import OPENAI_KEY

if sys.platform == "win32":
    pytest.skip("Windows has no terminals that a program can make", allow_module_level=True)

HANG = 60.0
"""Seconds after which a test gives up."""
CLOSED = {"type": "closed", "reason": "ended"}
Browser: TypeAlias = "aiohttp.ClientWebSocketResponse[bool]"
_BROWSER = '#!/bin/sh\nprintf %s "$1" > {address}.part && mv {address}.part {address}\n'


@dataclass
class Desk:
    """Somebody's desktop with a terminal, in which `make talk` runs."""

    process: subprocess.Popen[bytes]
    terminal: int
    opened: Path
    text: bytearray = field(default_factory=bytearray)

    def read(self) -> None:
        with contextlib.suppress(OSError):
            while piece := os.read(self.terminal, 4096):
                self.text += piece

    @property
    def words(self) -> str:
        """All that is to be read in the terminal."""
        return self.text.decode(errors="replace").replace("\r\n", "\n")

    async def page(self) -> tuple[str, str]:
        """The address to which the browser that was opened is sent on, and the link's secret."""
        for _ in range(int(HANG * 10)):
            if self.opened.exists():
                address, _, secret = (await sent_on(self.opened.read_text(encoding="utf-8"))).partition("/#")
                return address, secret
            assert self.process.poll() is None, self.words
            await asyncio.sleep(0.1)
        pytest.fail(f"no page was opened\n{self.words}")

    async def stop(self) -> int:
        """Ctrl+C; its exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return await asyncio.to_thread(self.process.wait, HANG)


async def sent_on(address: str) -> str:
    async with aiohttp.ClientSession() as browser, browser.get(address, allow_redirects=False) as answer:
        return answer.headers["Location"]


@contextlib.contextmanager
def sitting(home: Path, folder: Path, environment: dict[str, str]) -> Iterator[Desk]:
    import pty  # noqa: PLC0415  Windows has none

    browser, opened = folder / "browser", folder / "address"
    browser.write_text(_BROWSER.format(address=opened), encoding="utf-8")
    browser.chmod(0o700)
    ours, theirs = pty.openpty()
    here = {"DISPLAY": ":0", "BROWSER": str(browser), "GRANNY_PAGE_PORT": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "granny", "talk"],
        cwd=home,
        env={**environment, **here},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    desk = Desk(process, ours, opened)
    reading = threading.Thread(target=desk.read)
    reading.start()
    try:
        yield desk
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        reading.join()
        os.close(ours)


def without_livekit_server() -> str:
    """PATH, less where the program is."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if not shutil.which(PROGRAM, path=folder))


@dataclass
class Caller:
    """A browser of which there is nothing but its requests."""

    address: str
    secret: str
    client: aiohttp.ClientSession

    async def post(self, path: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.secret}"}
        async with self.client.post(self.address + path, headers=headers, json={}) as answer:
            assert answer.ok, await answer.text()
            told: dict[str, Any] = await answer.json()
            return told

    @contextlib.asynccontextmanager
    async def talking(self) -> AsyncIterator[Browser]:
        """Somebody who has tapped, until they hang up."""
        door = await self.post("/call")
        async with self.client.ws_connect(door["server_url"]) as browser:
            await browser.send_str(door["participant_token"])
            yield browser

    async def greeted(self) -> None:
        """Call, hear her greet, read it, and hang up."""
        async with self.talking() as browser:
            is_heard = is_read = False
            async for said in received(browser):
                is_heard = is_heard or (isinstance(said, bytes) and is_audible(said))
                is_read = is_read or (isinstance(said, dict) and said.get("text") == GREETING_TEXT)
                assert isinstance(said, bytes) or said["type"] not in ("fault", "closed"), said
                if is_heard and is_read:
                    return
        pytest.fail("she did not greet")


async def received(browser: Browser) -> AsyncIterator[bytes | dict[str, Any]]:
    """Her sound, and what the page is told, until she hangs up."""
    while (message := await browser.receive(timeout=HANG)).type in (WSMsgType.BINARY, WSMsgType.TEXT):
        yield message.data if message.type is WSMsgType.BINARY else json.loads(message.data)


def job_processes(pid: int) -> list[psutil.Process]:
    """Those that hold a call or wait for one: the fork server's children."""
    started = psutil.Process(pid).children(recursive=True)
    return [one for one in started if one.parent() in started]


def is_audible(frame: bytes) -> bool:
    samples = np.frombuffer(frame, dtype="<i2").astype(np.float64)
    return bool(np.sqrt(np.mean(samples**2)) > AUDIBLE_RMS)


@contextlib.contextmanager
def nothing_left(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Whoever was started by it is gone with it."""
    started = psutil.Process(process.pid).children(recursive=True)
    yield
    _, alive = psutil.wait_procs(started, timeout=HANG)
    assert alive == []


async def test_without_anything_she_rehearses_on_her_page_and_says_so(
    home: Path, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    with sitting(home, tmp_path, bare_environment | {"PATH": without_livekit_server()}) as desk:
        address, secret = await desk.page()
        async with aiohttp.ClientSession() as client:
            caller = Caller(address, secret, client)
            hello = await caller.post("/hello")
            assert (hello["line"], hello["rehearsal"]) == ("socket", True)
            await caller.greeted()
            await caller.greeted()
        with nothing_left(desk.process):
            assert await desk.stop() == 0
    words = desk.words
    assert words.index("REHEARSAL: this is not OpenAI") < words.index("Granny is ready") < words.index(address)
    assert "Traceback" not in words, words


@pytest.mark.full
async def test_a_call_whose_process_dies_is_told_of_on_the_page(
    home: Path, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    with sitting(home, tmp_path, bare_environment | {"PATH": without_livekit_server()}) as desk:
        address, secret = await desk.page()
        async with aiohttp.ClientSession() as client:
            caller = Caller(address, secret, client)
            async with caller.talking() as browser:
                told: list[dict[str, Any]] = []
                is_killed = False
                async for said in received(browser):
                    if isinstance(said, bytes) and not is_killed:
                        is_killed = True
                        for process in job_processes(desk.process.pid):
                            process.kill()
                    told += [said] if isinstance(said, dict) else []
            assert told[-2:] == [{"type": "fault", "slug": "job-died", "ends": True}, CLOSED]
            await caller.greeted()
        assert await desk.stop() == 0


@pytest.mark.full
async def test_with_a_key_alone_it_is_no_rehearsal(
    home: Path, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    async with StandIn(api_key=OPENAI_KEY) as standin:
        environment = bare_environment | {
            "PATH": without_livekit_server(),
            "OPENAI_API_KEY": OPENAI_KEY,
            "OPENAI_BASE_URL": standin.base_url,
        }
        with sitting(home, tmp_path, environment) as desk:
            address, secret = await desk.page()
            async with aiohttp.ClientSession() as client:
                hello = await Caller(address, secret, client).post("/hello")
            assert (hello["line"], hello["rehearsal"]) == ("socket", False)
            assert await desk.stop() == 0
    assert "REHEARSAL" not in desk.words
    assert OPENAI_KEY not in desk.words


@pytest.mark.full
async def test_a_key_that_is_refused_opens_no_page(
    home: Path, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    async with StandIn(api_key=OPENAI_KEY) as standin:
        environment = bare_environment | {
            "PATH": without_livekit_server(),
            "OPENAI_API_KEY": OPENAI_KEY[:-4] + "FAKE",
            "OPENAI_BASE_URL": standin.base_url,
        }
        with sitting(home, tmp_path, environment) as desk:
            assert await asyncio.to_thread(desk.process.wait, HANG) == 78
            assert not desk.opened.exists()
    assert "openai-key-rejected" in desk.words
    assert "Traceback" not in desk.words


@pytest.mark.full
@pytest.mark.livekit
@pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"needs a real LiveKit server: {PROGRAM} is not on PATH")
async def test_a_livekit_server_that_is_installed_is_started_for_the_rehearsal(
    home: Path, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    with sitting(home, tmp_path, bare_environment) as desk:
        address, secret = await desk.page()
        async with aiohttp.ClientSession() as client:
            caller = Caller(address, secret, client)
            hello = await caller.post("/hello")
            assert (hello["line"], hello["rehearsal"]) == ("livekit", True)
            assert (await caller.post("/call"))["server_url"] == address.replace("http", "ws") + "/lk"
        with nothing_left(desk.process):
            assert await desk.stop() == 0
    assert "Traceback" not in desk.words
