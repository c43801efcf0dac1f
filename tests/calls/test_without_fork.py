"""As on Windows, where calls are threads, and on macOS, where each process begins anew: a whole call is held."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from calls.serving import KEY, serving, until
from calls.stage import SAID, short_greeting
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.livekit_server import LiveKit, why_missing

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]

THREADS = {"before": "", "after": "server.update_options(job_executor_type=JobExecutorType.THREAD)"}
SPAWN = {"before": 'defaults["multiprocessing_context"] = "spawn"', "after": ""}
ENTRY = """\
from livekit.agents import AgentServer, JobExecutorType, cli

defaults = AgentServer.__init__.__kwdefaults__
{before}
from agent import answer, server
{after}

if __name__ == "__main__":
    cli.run_app(server)
"""


@pytest.mark.parametrize(("way", "mode"), [(THREADS, "start"), (SPAWN, "dev")], ids=["threads", "spawn"])
async def test_a_whole_call_is_held(livekit: LiveKit, tmp_path: Path, way: dict[str, str], mode: str) -> None:
    """In `dev` too a process waits for the call: where each begins anew, that is some 4 s."""
    entry = tmp_path / "elsewhere.py"
    entry.write_text(ENTRY.format(**way), encoding="utf-8")
    async with (
        StandIn(api_key=KEY, manner=Manner(greeting=short_greeting())) as standin,
        serving(livekit, tmp_path, mode, agent=entry, OPENAI_BASE_URL=standin.base_url) as running,
    ):
        async with join(livekit, "elsewhere") as caller:
            await until(functools.partial(is_heard, caller, 0.0), lambda: running.log)
            await until(functools.partial(is_quiet, caller), lambda: running.log)
            asked_at = caller.heard.now()
            caller.say(SAID)
            await until(functools.partial(is_heard, caller, asked_at), lambda: running.log)
        await running.until_metric('granny_calls_total{outcome="ok"}', 1)
        await running.until_metric("granny_calls_in_progress", 0)
    assert "no warmed process available" not in running.log, "the caller waited for a process to begin"
    assert running.worker.status == 0, running.log


async def is_heard(caller: RoomCaller, after: float) -> bool:
    return any(span.start >= after for span in speech(caller.heard.sound))


async def is_quiet(caller: RoomCaller) -> bool:
    return caller.heard.now() - speech(caller.heard.sound)[-1].end > 1.0
