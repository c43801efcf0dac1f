"""The worker against a real LiveKit server: its books, its door, its health, its end."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from calls.bare_worker import GOODBYE, REJECTED, WORDS, WRITTEN
from calls.hearing_lines import record_tones
from calls.serving import AGENT, KEY, Running, agent_joined, serving, until, worker_and_livekit
from granny.rehearsal.callers.caller import SENTENCE, recorded
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.openai.voice import GREETING_TEXT
from granny.rehearsal.rig.livekit_server import LiveKit, why_missing

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]

SHUT = "taking no calls until OpenAI accepts the account again"
ITS_HOUSE = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A worker that logs all it can, knows what a call costs, and stops soon."""
    prices = {"GRANNY_PRICE_INPUT": "32", "GRANNY_PRICE_OUTPUT": "64"}
    others = {"LIVEKIT_LOG_LEVEL": "TRACE", "GRANNY_DRAIN_SECONDS": "2"}
    async with worker_and_livekit(tmp_path_factory.mktemp("house"), **prices, **others) as running:
        yield running


@ITS_HOUSE
async def test_every_call_is_counted_and_has_its_line(here: Running) -> None:
    """The first calls of this house."""
    async with join(here.livekit, "well-1"):
        await here.until_metric('granny_calls_total{outcome="ok"}', 1)
    async with join(here.livekit, "killed-1"):
        await here.until_metric('granny_calls_total{outcome="job-died"}', 1)
    await here.until_metric("granny_calls_in_progress", 0)
    assert await here.metric("granny_answer_seconds_count") == 2
    assert "lk_agents_worker_load" in await here.get("/metrics")
    assert json.loads(await here.get("/worker"))["worker_type"] == "JT_ROOM"
    well, died = here.lines("call ended")
    assert (well["outcome"], well["turns"], well["answer_p95"], well["cost"]) == ("ok", 2, 0.6, 0.0512)
    assert died["outcome"] == "job-died"
    assert well["job_id"] != died["job_id"]


@pytest.mark.parametrize("mode", ["start", pytest.param("dev", marks=pytest.mark.full)])
async def test_an_account_fault_shuts_the_door_until_a_probe_passes(
    livekit: LiveKit, tmp_path: Path, mode: str
) -> None:
    """A call that nobody else takes is answered after all: the caller hears the apology, not nothing."""
    async with serving(livekit, tmp_path, mode=mode) as running:
        async with join(livekit, "rejected-1"):
            await running.until_health(503, "fault", REJECTED)
            await running.until_metric(f'granny_calls_total{{outcome="{REJECTED}"}}', 1)
        await running.until_logged(SHUT)
        async with join(livekit, "rejected-2"):
            await running.until_metric(f'granny_calls_total{{outcome="{REJECTED}"}}', 2)
        assert running.log.count("a caller was alone") == 1
        (tmp_path / "well").touch()
        await running.until_health(200, "ok")
        async with join(livekit, "well-1"):
            await running.until_metric('granny_calls_total{outcome="ok"}', 1)
        assert running.log.count(SHUT) == 1
        assert running.log.count("taking calls again") == 1


@pytest.mark.full
async def test_a_call_refused_by_one_worker_is_taken_by_another(livekit: LiveKit, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    async with serving(livekit, first, mode="dev") as ill:
        async with join(livekit, "rejected-1"):
            await ill.until_logged(SHUT)
        async with serving(livekit, second, mode="dev") as well:
            for number in range(3):  # LiveKit chooses by load, at times the ill one first
                async with join(livekit, f"well-{number}"):
                    await well.until_metric('granny_calls_total{outcome="ok"}', number + 1)


@ITS_HOUSE
async def test_what_a_careless_library_logs_shows_no_key_and_no_word(here: Running) -> None:
    await hides_what_a_call_logs(here)


@pytest.mark.full
async def test_nor_does_it_in_dev(livekit: LiveKit, tmp_path: Path) -> None:
    async with serving(livekit, tmp_path, "dev", LIVEKIT_LOG_LEVEL="TRACE") as running:
        await hides_what_a_call_logs(running)


async def hides_what_a_call_logs(running: Running) -> None:
    """A call that logs its key and its words."""
    died = 'granny_calls_total{outcome="job-died"}'
    before = await running.metric(died)
    async with join(running.livekit, "careless-1"):
        await running.until_metric(died, before + 1)
    assert running.log.count("refused [hidden]") == 3
    assert not shown_in(running.log)


@ITS_HOUSE
async def test_calls_that_cannot_end_in_time_are_said_goodbye_to(here: Running) -> None:
    """The last calls of this house: its worker stops."""
    before = len(here.lines("call ended"))
    async with (
        join(here.livekit, "talking-1") as one,
        join(here.livekit, "talking-2", identity="other") as two,
    ):
        assert await agent_joined(one)
        assert await agent_joined(two)
        stopping = asyncio.create_task(here.worker.stop())
        await here.until_health(503, "stopping")
        await stopping
        assert here.worker.status == 0
        for caller in (one, two):
            await until(functools.partial(was_said_goodbye_to, caller), lambda: here.log)
    ends = here.lines("call ended")[before:]
    assert [line["outcome"] for line in ends] == ["worker-stopping"] * 2
    # the worker has waited for a feature that takes its time
    assert set(jobs(ends)) <= set(jobs(here.lines(WRITTEN)))


def jobs(lines: list[dict[str, Any]]) -> list[str]:
    return sorted(line["job_id"] for line in lines)


async def was_said_goodbye_to(caller: RoomCaller) -> bool:
    return caller.heard.attributes.items() >= GOODBYE.items()


async def test_the_log_of_a_whole_call_shows_no_key_and_no_word(livekit: LiveKit, tmp_path: Path) -> None:
    """Granny herself, with all that can be logged; first a conversation, then a key that is refused."""
    record_tones(tmp_path / "lines")
    async with StandIn(api_key=KEY, manner=Manner(heard=WORDS)) as standin:
        chatty = {"LIVEKIT_LOG_LEVEL": "TRACE", "LK_OPENAI_DEBUG": "1", "OPENAI_BASE_URL": standin.base_url}
        short = {"GRANNY_LINES_FOLDER": str(tmp_path / "lines")}
        async with serving(livekit, tmp_path, agent=AGENT, **chatty, **short) as running:
            async with join(livekit, "conversation") as caller:
                assert await agent_joined(caller)
                caller.say(recorded(SENTENCE))
                await until(lambda: was_written_down(caller), lambda: running.log)
            await running.until_metric('granny_calls_total{outcome="ok"}', 1)
            standin.api_key = "another"
            async with join(livekit, "refused"):
                await running.until_metric(f'granny_calls_total{{outcome="{REJECTED}"}}', 1)
        log = running.log
    assert '"<<<"' in log  # whole events were logged
    assert all(line.startswith("{") for line in log.splitlines())  # the report, too, and what Python warns of
    assert not shown_in(log)


async def was_written_down(caller: RoomCaller) -> bool:
    """Whether the caller's words have come back as a transcript: the worker has had them in its hands."""
    return any(WORDS in utterance.text for utterance in caller.heard.transcript)


def shown_in(log: str) -> list[str]:
    """The pieces of the key, the words and the tokens that a log shows."""
    forbidden = [KEY[start : start + 8] for start in range(len(KEY) - 7)] + [WORDS, GREETING_TEXT, "eyJ"]
    return [piece for piece in forbidden if piece in log]
