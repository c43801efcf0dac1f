"""The stand-in for OpenAI in a process of its own, so that whoever measures does not delay it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

_HOME = Path(__file__).resolve().parents[3]
"""The folder of agent.py."""


@dataclass(frozen=True, slots=True)
class StandInProcess:
    """Where it is: what to put into OPENAI_BASE_URL."""

    base_url: str

    async def script(self, **rules: object) -> None:
        """Tell it what to do differently from now on, as `granny.rehearsal.openai.script.Script` has it.

        Raises:
            aiohttp.ClientError: it is not there, or does not take such rules.
        """
        url = f"{self.base_url.removesuffix('/v1')}/rehearsal/script"
        async with aiohttp.ClientSession() as client, client.put(url, json=rules) as answer:
            answer.raise_for_status()


@contextlib.asynccontextmanager
async def standin_process(key: str) -> AsyncIterator[StandInProcess]:
    """One that lets in this key, for the length of the `async with`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "granny.rehearsal", "--port", "0", "--api-key", key),
        cwd=_HOME,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout  # noqa: S101  asked for
        yield StandInProcess((await process.stdout.readline()).decode().strip().partition("=")[2])
    finally:
        with contextlib.suppress(ProcessLookupError):  # Ctrl+C ends it as well
            process.kill()
        await process.wait()
