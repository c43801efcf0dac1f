"""`make talk` without any key ends on her page: by a LiveKit server of its own where there is one, else by a socket."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from browser.rig import Rig
from granny.rehearsal.rig.livekit_server import PROGRAM

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals", allow_module_level=True)

_ADDRESS = re.compile(rb"http://127\.0\.0\.1:\d+/#[\w-]+")
_READY_SECONDS = 60.0
WAYS = ["by a LiveKit server", "without one"]


@contextlib.asynccontextmanager
async def talking(home: Path, environment: dict[str, str]) -> AsyncIterator[str]:
    """`python -m granny talk` in a terminal of a desktop, for as long as it is needed; the address that it prints."""
    terminal, own_end = os.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "granny", "talk"), cwd=home, env=environment, stdin=own_end, stdout=own_end
    )
    os.close(own_end)
    printed = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(printed), os.fdopen(terminal, "rb", 0))
    try:
        yield await asyncio.wait_for(_address(printed), _READY_SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await process.wait()
    assert process.returncode == 0


async def _address(printed: asyncio.StreamReader) -> str:
    text = b""
    while not (found := _ADDRESS.search(text)):
        piece = await printed.read(4096)
        assert piece, text.decode()
        text += piece
    return found[0].decode()


@pytest.mark.parametrize("way", WAYS)
async def test_a_rehearsal_on_her_page(
    alone: Rig, home: Path, bare_environment: dict[str, str], tmp_path: Path, way: str
) -> None:
    """Greeted, answered, hung up; and nobody could take it for the real Granny."""
    path = os.environ["PATH"] if way == WAYS[0] else os.pathsep.join(("/usr/bin", "/bin"))
    if way == WAYS[1] and any((Path(folder) / PROGRAM).exists() for folder in path.split(os.pathsep)):
        pytest.skip("the system's own LiveKit server cannot be taken off the PATH")
    environment = bare_environment | {"PATH": path, "DISPLAY": ":9", "BROWSER": "true", "XDG_DATA_HOME": str(tmp_path)}
    async with talking(home, environment) as address, alone.visitor("anna") as page:
        await page.open(address)
        assert await page.text("rehearsal") == page.words.sentences["rehearsal"]
        await page.call()
        await page.until_caption("granny", "This is a rehearsal, not the real Granny.")
        await page.until_answered()
        await page.press("hangup")
        await page.until_state("hung-up")
        assert await page.microphones() == ["ended"]
        assert {urlsplit(asked).netloc for asked in page.asked} == {urlsplit(address).netloc}
