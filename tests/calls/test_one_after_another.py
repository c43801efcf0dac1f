"""A real LiveKit server, the real worker and a caller through LiveKit's SDK, with the stand-in as OpenAI."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from livekit.agents.worker import ServerEnvOption

from granny.rehearsal.callers.caller import SENTENCE, Span, recorded, speech
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.callers.telephone import SAMPLE_RATE
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.openai.voice import Recording, recorded_greeting
from granny.rehearsal.rig.livekit_server import LiveKit, livekit_server, why_missing
from granny.rehearsal.rig.worker import Worker, descendants, worker
from granny.worker.server import GrannyServer

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
]

KEY = "sk-rehearsal-" + "FAKE" * 6
SAID = recorded(SENTENCE)[: int(1.5 * SAMPLE_RATE) * 2]
"""The first 1.5 s of the sentence, as of the greeting, so that many calls do not take minutes."""
PATIENCE = 20.0
_COUNTED = '''\
"""agent.py, with every start of an agent session in the log."""
import logging

from livekit.agents import AgentSession, cli

from agent import answer, server

start = AgentSession.start


async def counted(self, *arguments, **options):
    logging.getLogger("counted").warning("AgentSession.start")
    return await start(self, *arguments, **options)


AgentSession.start = counted

if __name__ == "__main__":
    cli.run_app(server)
'''


def short_greeting() -> Recording:
    """The first 1.5 s of the rehearsal's greeting."""
    return Recording.of(recorded_greeting().pcm[: int(1.5 * 24_000) * 2], "This is a rehearsal.")


async def heard_until(caller: RoomCaller, *, after: float) -> Span:
    """The next speech of the agent's that has ended, in seconds since joining."""
    while caller.heard.now() - after < PATIENCE:
        for span in speech(caller.heard.sound):
            if span.start >= after and caller.heard.now() - span.end > 0.6:
                return span
        await asyncio.sleep(0.1)
    pytest.fail(f"nothing was heard for {PATIENCE:.0f} s after {after:.1f} s")


async def one_call(livekit: LiveKit, room: str) -> None:
    async with join(livekit, room) as caller:
        greeting = await heard_until(caller, after=0.0)
        assert greeting.rms > 1000
        asked_at = caller.heard.now()
        caller.say(SAID)
        await caller.said()
        answer = await heard_until(caller, after=asked_at)
        assert answer.rms > 1000
        assert answer.end - answer.start > 1.0, "the echo is as long as what was said"
        speakers = [turn.speaker for turn in caller.heard.transcript if turn.text]
        assert {"agent", "caller"} <= set(speakers)


async def until_at_rest(running: Worker) -> None:
    """Until the processes that wait for calls are there."""
    waiting = ServerEnvOption.getvalue(GrannyServer()._num_idle_processes, devmode=False)
    while running.words.count('"process initialized"') < waiting:  # noqa: ASYNC110  a log has no event
        await asyncio.sleep(0.1)


async def until_idle(running: Worker, children: int) -> None:
    for _ in range(100):
        if len(descendants(running.process.pid)) <= children:
            return
        await asyncio.sleep(0.1)


async def gone(pids: list[int]) -> bool:
    """Whether the processes end; the framework's fork server does so just after its worker."""
    for _ in range(50):
        if not [pid for pid in pids if is_alive(pid)]:
            return True
        await asyncio.sleep(0.1)
    return False


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("calls", [2, pytest.param(10, marks=pytest.mark.full)])
async def test_calls_one_after_another(
    home: Path, bare_environment: dict[str, str], tmp_path: Path, calls: int
) -> None:
    """Each meets one connection to OpenAI and one agent session, and nothing is left over when the worker stops."""
    entry = home / "counted.py"
    entry.write_text(_COUNTED, encoding="utf-8")
    manner = Manner(greeting=short_greeting())
    async with (
        StandIn(api_key=KEY, manner=manner) as standin,
        livekit_server(log=tmp_path / "livekit.log") as livekit,
    ):
        environment = {
            **bare_environment,
            **livekit.environment,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": standin.base_url,
            "GRANNY_HEALTH_PORT": "0",
        }
        async with worker(entry, log=tmp_path / "worker.log", environment=environment) as running:
            await until_at_rest(running)
            of_the_check_up = len(standin.connections)
            at_rest = len(descendants(running.process.pid))
            for number in range(calls):
                await one_call(livekit, f"call-{number}")
            assert len(standin.connections) - of_the_check_up == calls
            await until_idle(running, at_rest)
            await asyncio.wait_for(standin.hung_up(), PATIENCE)
            children = descendants(running.process.pid)
            assert len(children) <= at_rest, running.words[-2000:]
        assert running.status == 0, running.words[-2000:]
        assert running.words.count("AgentSession.start") == calls
        assert await gone(children)
        assert KEY not in running.words
