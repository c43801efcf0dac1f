"""What every measurement stands on: a worker of each agent, each with a LiveKit server of its own, and one stand-in.

What would favour one of them is kept out:

- Granny is measured with the settings of a user who has copied `.env.local.example`: no name for dispatch, no limit
  raised. So that she is not sent into the others' calls, each agent has a LiveKit server.
- Both of her states are measured: `granny` has recorded her lines after a start of hers, `first start` has none yet,
  and is kept in that state by a cache folder that cannot be written: the model greets, as the plain agent's does.
- The stand-in runs in a process of its own, lest the measuring callers delay those who need it for their first word;
  what it says begins and ends with sound (`tests/rehearsal/test_voice.py`), the echo of the caller included.
- The agents take turns in an order that moves on with each round. After each call its room is ended, and the next one
  waits until no process is left of it: a plain agent's job would linger for 20 seconds beside the others' calls.
- A call in which nothing was heard is counted, not left out.

What remains: a stand-in on this machine answers without a network's delay, which favours whoever needs it for the first
word; and every eagerness of turn detection but the highest is the same to it, where OpenAI waits longer for a patient
Granny.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from livekit import api

from granny.lines import Line
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.rig.livekit_server import LiveKit, livekit_server
from granny.rehearsal.rig.standin_process import StandInProcess, standin_process
from granny.rehearsal.rig.worker import Worker, bare, descendants, worker

HERE = Path(__file__).resolve().parent
GRANNY, NEW, PLAIN, BARE = "granny", "first start", "plain", "bare"
AGENTS = {
    GRANNY: HERE.parent / "Granny-voice" / "agent.py",
    NEW: HERE.parent / "Granny-voice" / "agent.py",
    PLAIN: HERE / "plain_agent.py",
    BARE: HERE / "bare_agent.py",
}
NAMES = {PLAIN: "plain", BARE: "bare"}
"""By which LiveKit sends for an agent; Granny's default has none, and she joins every room."""
KEY = "sk-benchmark-this-is-not-a-key"
SETTLING_SECONDS = 4.0
"""After registration: the idle processes are still being made."""
LINGERING_SECONDS = 60.0
"""The longest wait for the processes of a call that has ended."""
_RECORDING_SECONDS = 60.0
_rooms = itertools.count()


def new_room() -> str:
    """The name of a room that no call of this run has been in."""
    return f"bench-{next(_rooms)}"


@dataclass(frozen=True, slots=True)
class Rig:
    """The running parts; `workers` and `livekits` by agent."""

    livekits: dict[str, LiveKit]
    standin: StandInProcess
    workers: dict[str, Worker]
    processes_at_rest: int

    @contextlib.asynccontextmanager
    async def call(self, agent: str) -> AsyncIterator[RoomCaller]:
        """A caller in a new room, to which this agent comes; afterwards nothing is left of the call."""
        room = new_room()
        async with join(self.livekits[agent], room, agent_name=NAMES.get(agent, "")) as caller:
            yield caller
        await self.end(agent, room)
        await self.at_rest()

    async def end(self, agent: str, room: str) -> None:
        """End a room that may have ended by itself."""
        where = self.livekits[agent]
        async with api.LiveKitAPI(where.url, where.key, where.secret) as livekit:
            with contextlib.suppress(api.TwirpError):
                await livekit.room.delete_room(api.DeleteRoomRequest(room=room))

    async def at_rest(self) -> None:
        """Wait until every worker has the processes that it has without a call."""
        await asyncio.sleep(0.5)
        for _ in range(int(LINGERING_SECONDS / 0.2)):
            if _processes(self.workers) == self.processes_at_rest:
                return
            await asyncio.sleep(0.2)

    async def latency(self, seconds: float) -> None:
        """How long the model thinks before its first sound."""
        await self.standin.script(latency=seconds)


@contextlib.asynccontextmanager
async def rig(agents: tuple[str, ...] = tuple(AGENTS)) -> AsyncIterator[Rig]:
    """Everything started, registered, recorded and at rest."""
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="granny-bench-")))
        standin = await stack.enter_async_context(standin_process(KEY))
        await standin.script(pace=1000.0)  # while she records
        livekits, workers = {}, {}
        for name in agents:
            log = folder / f"livekit-{name}.log"
            livekits[name] = await stack.enter_async_context(livekit_server(log=log))
            environment = {**environment_of(standin.base_url, folder / name), **livekits[name].environment}
            workers[name] = await stack.enter_async_context(
                worker(AGENTS[name], log=folder / f"{name}.log", environment=environment)
            )
        if GRANNY in workers:
            await until_recorded(workers[GRANNY])
        await standin.script()
        await asyncio.sleep(SETTLING_SECONDS)
        yield Rig(livekits, standin, workers, _processes(workers))


def environment_of(standin: str, cache: Path) -> dict[str, str]:
    """What an agent needs here: an OpenAI, free ports, a cache of its own, and its stalls in the log."""
    if cache.name == NEW:
        cache.touch()  # no folder: nothing can be kept there
    return {
        **bare(),
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": standin,
        "XDG_CACHE_HOME": str(cache),
        "GRANNY_HEALTH_PORT": "0",
        "PLAIN_PORT": "0",
        "LIVEKIT_AGENTS_LOOP_BLOCK_WARN_MS": "50",
    }


async def until_recorded(running: Worker) -> None:
    """Wait until she has recorded all her lines.

    Raises:
        OSError: she has not.
    """
    for _ in range(int(_RECORDING_SECONDS / 0.1)):
        if running.words.count('"line recorded"') == len(Line):
            return
        await asyncio.sleep(0.1)
    msg = f"her lines were not recorded; see {running.log}"
    raise OSError(msg)


def _processes(workers: dict[str, Worker]) -> int:
    return sum(len(descendants(running.process.pid)) for running in workers.values())
