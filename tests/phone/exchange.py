"""Granny on the telephone: a SIP service, a worker and a stand-in for OpenAI, and lines that ring her or are rung."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from calls.hearing_lines import record_tones
from calls.house import House
from calls.serving import HANG, KEY, serving
from calls.stage import short_greeting
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.telephone_line import Account, Call, DialledCall, TelephoneLine, telephone_line
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.sip_bridge import SipBridge, sip_bridge
from granny.rehearsal.rig.worker import bare

HERS = "+493023125000"
"""Her number, as the provider of these tests writes it."""
CALLER, CALLEE = "+493023125099", "+493023125042"
"""Who rings her, and whom she rings."""
AGENT = "granny"
"""The name by which she is sent for."""
T = TypeVar("T")


@dataclass
class Exchange(House):
    """A house with a telephone.

    Attributes:
        bridge: the SIP service.
        callee: the telephone that rings, whichever number she dials.
        home: the folder of her agent.py.
        settings: what her commands are told, as the worker is.
    """

    bridge: SipBridge
    callee: TelephoneLine
    home: Path
    settings: dict[str, str]

    @contextlib.asynccontextmanager
    async def telephone(self, number: str = CALLER, *, account: Account | None = None) -> AsyncIterator[TelephoneLine]:
        """Somebody's telephone."""
        async with telephone_line(self.bridge.address, number=number, account=account) as line:
            yield line

    @contextlib.asynccontextmanager
    async def ringing(self, number: str = CALLER, *, called: str = HERS) -> AsyncIterator[DialledCall]:
        """Somebody who has dialled her number, and hangs up at the end."""
        async with self.telephone(number) as line:
            yield await line.ring(called)

    @contextlib.asynccontextmanager
    async def answered(self, number: str = CALLER) -> AsyncIterator[DialledCall]:
        """The same, once she has picked up."""
        async with self.ringing(number) as call:
            assert await within(call.answered()), f"refused: {call.status}\n{self.running.log[-4000:]}"
            yield call

    @contextlib.asynccontextmanager
    async def rings(self, who: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """`python -m granny ring`, while it runs; it has ended when the test has."""
        process = await _started(self.home, self.settings, "ring", who, "--json")
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await within(process.wait())

    async def rang(self, process: asyncio.subprocess.Process) -> tuple[int, list[str]]:
        """Its exit status, and what it says came of each try."""
        words, _ = await within(process.communicate())
        return process.returncode or 0, [one["outcome"] for one in json.loads(words)["tries"]]

    async def until_quiet(self, call: Call, after: float = 0.0) -> None:
        """She has spoken, later than `after` on the ear's clock, and then paused."""
        await self.until(lambda: is_quiet(call, after), "a word of hers")

    async def until_over(self, call: Call) -> None:
        """The line is free again."""
        await self.until(call.gone.is_set, "the end of the call")


@contextlib.asynccontextmanager
async def exchange(
    home: Path, folder: Path, manner: Manner | None = None, /, **settings: str
) -> AsyncIterator[Exchange]:
    """All of it: set up by her own command, for a provider whose one telephone rings whichever number she dials."""
    record_tones(folder / "lines")
    async with (
        sip_bridge(folder) as bridge,
        telephone_line(bridge.address, number=CALLEE) as callee,
        StandIn(api_key=KEY, manner=manner or Manner(greeting=short_greeting())) as standin,
    ):
        told = {
            "OPENAI_BASE_URL": standin.base_url,
            "XDG_CACHE_HOME": str(folder / "cache"),
            "GRANNY_AGENT_NAME": AGENT,
            "GRANNY_LINES_FOLDER": str(folder / "lines"),
            "GRANNY_PHONE_NUMBER": HERS,
            "GRANNY_PHONE_IN_ADDRESSES": "127.0.0.1",
            "GRANNY_PHONE_OUT_ADDRESS": callee.address,
            **settings,
        }
        commands = {**bare(), "OPENAI_API_KEY": KEY, **bridge.livekit.environment, **told}
        async with serving(bridge.livekit, folder, agent=home / "agent.py", **told) as running:
            setup = await _started(home, commands, "phone", "setup")
            words, _ = await within(setup.communicate())
            assert setup.returncode == 0, words.decode()
            yield Exchange(bridge.livekit, standin, running, bridge, callee, home, commands)


async def _started(home: Path, settings: dict[str, str], *command: str) -> asyncio.subprocess.Process:
    """One of her commands."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "granny", *command),
        cwd=home,
        env=settings,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )


def is_quiet(call: Call, after: float = 0.0) -> bool:
    spans = [span for span in speech(call.heard.sound) if span.start >= after]
    return bool(spans) and call.heard.now() - spans[-1].end > 1.0


async def within(awaitable: Awaitable[T], seconds: float = HANG) -> T:
    """What is waited for, or a failure."""
    return await asyncio.wait_for(awaitable, seconds)
