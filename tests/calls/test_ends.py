"""How a call ends without a fault of OpenAI's: silence, a limit, the worker's stop; and the console's calls."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from calls.hearing_lines import record_tones, sounds
from calls.scenes import Scene, refuse
from calls.serving import until
from calls.stage import KEY, Stage, short_greeting, stage
from granny.lines import Line
from granny.rehearsal.callers.caller import call
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.script import Script
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.livekit_server import why_missing
from granny.rehearsal.rig.worker import bare

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
]

SILENCE = Scene(
    name="silence",
    at="start",
    script=Script(),
    lines=(Line.ARE_YOU_STILL_THERE, Line.GOODBYE),
    slug="call-idle",
)
TOO_MUCH = Scene(
    name="more tokens than allowed",
    at="answer",
    script=Script(),
    lines=(Line.TIME_IS_UP,),
    slug="call-too-long",
)
STOP = Scene(
    name="stop",
    at="start",
    script=Script(),
    lines=(Line.WORKER_STOPPING,),
    slug="worker-stopping",
)
ITS_STAGE = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A worker that waits neither long for an answer nor for its calls to end."""
    settings = {"GRANNY_IDLE_SECONDS": "3", "GRANNY_DRAIN_SECONDS": "1"}
    async with stage(home, tmp_path_factory.mktemp("stage"), bare(), **settings) as here:
        yield here


@ITS_STAGE
async def test_after_silence_she_asks_and_then_says_goodbye(here: Stage) -> None:
    met = await here.play(SILENCE)
    assert met.lines == SILENCE.lines
    assert met.attribute == met.reason == SILENCE.slug
    assert met.off_the_line is not None


@ITS_STAGE
async def test_a_worker_that_stops_says_goodbye(here: Stage) -> None:
    """SIGTERM, and a call that does not end in the drain time; the last of this stage."""
    before = len(here.standin.connections)
    playing = asyncio.create_task(here.play_last(STOP))
    await until(functools.partial(is_greeted, here, before), lambda: here.worker.words)
    await here.worker.stop()
    met = await playing
    assert here.worker.status == 0
    assert met.lines == STOP.lines
    assert met.attribute == STOP.slug
    assert met.off_the_line is not None


async def test_a_call_that_costs_too_much_ends_after_her_answer(home: Path, tmp_path: Path) -> None:
    """What she is told is read with each answer, and two thirds of what is allowed here."""
    async with stage(home, tmp_path, bare(), GRANNY_MAX_CALL_TOKENS="1500") as here:
        met = await here.play(TOO_MUCH)
    assert met.lines == TOO_MUCH.lines
    assert met.attribute == met.reason == TOO_MUCH.slug
    answer = met.connections[0].responses[1].result
    assert answer is not None
    assert answer.status == "completed"


async def is_greeted(here: Stage, before: int) -> bool:
    """Whether the model has said its first word in a call that came after so many connections."""
    results = [response.result for one in here.standin.connections[before:] for response in one.responses]
    return any(result is not None and result.status == "completed" for result in results)


async def test_in_the_console_too_a_fault_is_heard(home: Path, tmp_path: Path) -> None:
    record_tones(tmp_path / "lines")
    async with StandIn(api_key=KEY, manner=Manner(greeting=short_greeting())) as standin:
        environment = {
            **bare(),
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": standin.base_url,
            "GRANNY_LINES_FOLDER": str(tmp_path / "lines"),
            "GRANNY_PREFLIGHT": "off",
            "GRANNY_OWN_VOICE": "off",
        }
        standin.script = refuse(401, "invalid_api_key")
        recording = await call(home / "agent.py", log=tmp_path / "console.log", environment=environment)
    assert [sound.line for sound in sounds(recording.agent)] == [Line.COMPUTER_COMPANION, Line.NOT_SET_UP]
