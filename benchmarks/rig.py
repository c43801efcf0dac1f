"""What every measurement stands on: one LiveKit server, one stand-in, and a worker of each agent beside it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from granny.rehearsal.livekit_server import LiveKit, livekit_server
from granny.rehearsal.room_caller import RoomCaller, join
from granny.rehearsal.script import Script
from granny.rehearsal.standin import StandIn
from granny.rehearsal.worker import Worker, bare, worker

HERE = Path(__file__).resolve().parent
GRANNY, PLAIN, BARE = "granny", "plain", "bare"
AGENTS = {
    GRANNY: HERE.parent / "Granny-voice" / "agent.py",
    PLAIN: HERE / "plain_agent.py",
    BARE: HERE / "bare_agent.py",
}
KEY = "sk-benchmark-this-is-not-a-key"
SETTLING_SECONDS = 4.0
"""After registration: the idle processes are still being made."""
_rooms = itertools.count()


def new_room() -> str:
    """The name of a room that no call of this run has been in."""
    return f"bench-{next(_rooms)}"


@dataclass(frozen=True, slots=True)
class Rig:
    """The running parts; `workers` by agent name."""

    livekit: LiveKit
    standin: StandIn
    workers: dict[str, Worker]
    folder: Path

    @contextlib.asynccontextmanager
    async def call(self, agent: str) -> AsyncIterator[RoomCaller]:
        """A caller in a new room, to which this agent is dispatched."""
        async with join(self.livekit, new_room(), agent_name=agent) as caller:
            yield caller

    def latency(self, seconds: float) -> None:
        """How long the model thinks before its first sound."""
        self.standin.script = Script(latency=seconds)


@contextlib.asynccontextmanager
async def rig(agents: tuple[str, ...] = tuple(AGENTS)) -> AsyncIterator[Rig]:
    """Everything started, registered and at rest."""
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="granny-bench-")))
        livekit = await stack.enter_async_context(livekit_server(log=folder / "livekit.log"))
        standin = await stack.enter_async_context(StandIn(api_key=KEY))
        if GRANNY in agents:
            await _record_lines(standin, folder)
        workers = {name: await stack.enter_async_context(_worker(name, livekit, standin, folder)) for name in agents}
        await asyncio.sleep(SETTLING_SECONDS)
        yield Rig(livekit, standin, workers, folder)


async def _record_lines(standin: StandIn, folder: Path) -> None:
    """Have her record her lines in her own voice, as `python -m granny.lines record` does for users."""
    recorder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "granny.lines", "record"),
        cwd=AGENTS[GRANNY].parent,
        env=_openai(standin, folder) | {"LIVEKIT_URL": "ws://127.0.0.1:1"},
        stdout=asyncio.subprocess.DEVNULL,
    )
    await recorder.wait()


def _openai(standin: StandIn, folder: Path) -> dict[str, str]:
    """The variables that the stand-in needs, and a cache of this run's own."""
    return {
        **bare(),
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": standin.base_url,
        "XDG_CACHE_HOME": str(folder / "cache"),
    }


def _worker(
    name: str, livekit: LiveKit, standin: StandIn, folder: Path
) -> contextlib.AbstractAsyncContextManager[Worker]:
    environment = {
        **_openai(standin, folder),
        **livekit.environment,
        "GRANNY_AGENT_NAME": GRANNY,
        "GRANNY_HEALTH_PORT": "0",
        "GRANNY_MAX_CALLS": "50",
        "LIVEKIT_AGENTS_LOOP_BLOCK_WARN_MS": "50",
    }
    return worker(AGENTS[name], log=folder / f"{name}.log", environment=environment)
