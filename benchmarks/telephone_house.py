"""What `benchmarks.telephone` calls with: a SIP service, a stand-in for OpenAI, and Granny as a user has her."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.rig import HERE, KEY, SETTLING_SECONDS, until_recorded
from granny import lines
from granny.lines import Line
from granny.rehearsal.callers.caller import recorded
from granny.rehearsal.callers.telephone import SAMPLE_RATE
from granny.rehearsal.callers.telephone_line import TelephoneLine, telephone_line
from granny.rehearsal.openai.voice import recorded_greeting
from granny.rehearsal.rig.sip_bridge import SipBridge, sip_bridge
from granny.rehearsal.rig.standin_process import StandInProcess, standin_process
from granny.rehearsal.rig.worker import Worker, bare, worker

MODEL, RECORDING = "the model", "a recording"
HERS, CALLER, CALLEE = "+493023125000", "+493023125099", "+493023125042"
_ANNA = f'called = "Anna"\nnumbers = ["{CALLEE}", "{CALLER}"]\nring_hours = "0:00-24:00"\nring_tries = 1\n'
"""Both numbers are hers: who is in no file would be turned away."""
_BURN = "while True: pass"


@dataclass(frozen=True, slots=True)
class House:
    """All that runs.

    Attributes:
        greets: what is heard of her first.
        bridge, standin, worker, callee: the parts; the callee's telephone rings, whichever number she dials.
        home, settings: of her agent.py and of her commands.
        greetings: what that may sound like, PCM16 mono at `telephone.SAMPLE_RATE`.
        apologies: the same of the line for a call that has broken.
    """

    greets: str
    bridge: SipBridge
    standin: StandInProcess
    worker: Worker
    callee: TelephoneLine
    home: Path
    settings: dict[str, str]
    greetings: tuple[bytes, ...]
    apologies: tuple[bytes, ...]

    @property
    def answers_before(self) -> int:
        """How many responses the model has given by the time the greeting is over."""
        return 0 if self.greets == RECORDING else 1


@contextlib.asynccontextmanager
async def house_that(greets: str, folder: Path) -> AsyncIterator[House]:
    """All of it, with the settings of a user, in a folder that is there and empty."""
    home = folder / "Granny-voice"
    shutil.copytree(HERE.parent / "Granny-voice", home, ignore=shutil.ignore_patterns(".env*", "*.toml"))
    (home / "people" / "anna.toml").write_text(_ANNA, encoding="utf-8")
    (home / "people" / "anna.toml").chmod(0o600)
    cache = folder / "cache"
    if greets == MODEL:
        cache.touch()  # no folder: nothing can be kept there
    async with (
        sip_bridge(folder) as bridge,
        telephone_line(bridge.address, number=CALLEE) as callee,
        standin_process(KEY) as standin,
    ):
        settings = {
            **bare(),
            **bridge.livekit.environment,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": standin.base_url,
            "XDG_CACHE_HOME": str(cache),
            "XDG_DATA_HOME": str(folder / "data"),
            "GRANNY_HEALTH_PORT": "0",
            "GRANNY_AGENT_NAME": "granny",
            "GRANNY_PHONE_NUMBER": HERS,
            "GRANNY_PHONE_IN_ADDRESSES": "127.0.0.1",
            "GRANNY_PHONE_OUT_ADDRESS": callee.address,
        }
        await command(home, settings, "phone", "setup")
        if greets == RECORDING:
            await _record(standin, home, folder, settings)
        async with worker(home / "agent.py", log=folder / "worker.log", environment=settings) as running:
            await asyncio.sleep(SETTLING_SECONDS)
            spoken = (_kept(cache, "greeting"), _kept(cache, Line.SOMETHING_WENT_WRONG.value))
            yield House(greets, bridge, standin, running, callee, home, settings, *spoken)


async def _record(standin: StandInProcess, home: Path, folder: Path, settings: dict[str, str]) -> None:
    """A start before those that are measured."""
    await standin.script(pace=1000.0)
    async with worker(home / "agent.py", log=folder / "recording.log", environment=settings) as running:
        await until_recorded(running)
    await standin.script()


def _kept(cache: Path, slug: str) -> tuple[bytes, ...]:
    """What she has recorded; where there is nothing, what the stand-in or the shipped recording says."""
    own = tuple(recorded(file) for file in cache.rglob(f"*-{slug}-*.wav")) if cache.is_dir() else ()
    if own:
        return own
    shipped = recorded_greeting().pcm if slug == "greeting" else lines.load(Line(slug)).pcm
    return (np.repeat(np.frombuffer(shipped, dtype="<i2"), SAMPLE_RATE // 24_000).tobytes(),)


async def command(home: Path, settings: dict[str, str], *words: str) -> None:
    """One of hers, to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "granny", *words), cwd=home, env=settings, stdout=subprocess.DEVNULL
    )
    await process.wait()


@contextlib.contextmanager
def busy_cores(number: int) -> Iterator[None]:
    """So many programs that do nothing but count."""
    burning = [subprocess.Popen((sys.executable, "-c", _BURN)) for _ in range(number)]
    try:
        yield
    finally:
        for one in burning:
            one.kill()
            one.wait()
