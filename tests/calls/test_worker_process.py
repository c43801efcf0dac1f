"""The worker against a real LiveKit server: its books, its door, its health, its end."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from calls.bare_worker import GOODBYE, REJECTED, WELL_FILE, WORDS
from granny.rehearsal.caller import SENTENCE, recorded, speech
from granny.rehearsal.livekit_server import LiveKit, livekit_server, why_missing
from granny.rehearsal.manner import Manner
from granny.rehearsal.room_caller import RoomCaller, join
from granny.rehearsal.standin import StandIn
from granny.rehearsal.voice import GREETING_TEXT
from granny.rehearsal.worker import Worker, bare, descendants, worker

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]

BARE = Path(__file__).with_name("bare_worker.py")
AGENT = Path(__file__).resolve().parents[2] / "Granny-voice" / "agent.py"
KEY = "sk-proj-" + "FAKE" * 10
HANG = 40.0
"""Seconds after which a test gives up."""


@dataclass
class Running:
    """A worker process, and what can be seen of it from outside."""

    worker: Worker
    port: int

    @property
    def log(self) -> str:
        return self.worker.words

    def lines(self, message: str) -> list[dict[str, Any]]:
        """The log's lines of one message; in `start` each is a JSON object."""
        lines = [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
        return [line for line in lines if line["message"] == message]

    async def get(self, path: str) -> str:
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"http://127.0.0.1:{self.port}{path}") as answer,
        ):
            return await answer.text()

    async def health(self) -> tuple[int, str, str | None]:
        async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{self.port}/") as answer:
            body = await answer.json()
            return answer.status, body["status"], body["fault"]

    async def until_health(self, status: int, word: str, fault: str | None = None) -> None:
        async def is_so() -> bool:
            return await self.health() == (status, word, fault)

        await until(is_so, lambda: self.log)

    async def metric(self, sample: str) -> float:
        found = re.search(rf"^{re.escape(sample)} (\S+)$", await self.get("/metrics"), re.MULTILINE)
        return float(found[1]) if found else 0.0

    async def until_metric(self, sample: str, value: float) -> None:
        async def is_so() -> bool:
            return await self.metric(sample) == value

        await until(is_so, lambda: self.log)


async def until(is_so: Any, evidence: Any) -> None:
    """Ask ten times a second until it is so."""
    for _ in range(int(HANG * 10)):
        if await is_so():
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"it never became so\n{evidence()[-6000:]}")


@contextlib.asynccontextmanager
async def serving(
    livekit: LiveKit, folder: Path, mode: str = "start", *, agent: Path = BARE, **environment: str
) -> AsyncIterator[Running]:
    """A worker that takes calls, with a health page on a port of its own."""
    variables = {
        **bare(),
        "PYTHONPATH": str(AGENT.parent),
        "OPENAI_API_KEY": KEY,
        "GRANNY_HEALTH_PORT": "0",
        WELL_FILE: str(folder / "well"),
        **livekit.environment,
        **environment,
    }
    log = folder / "worker.log"
    async with worker(agent, log=log, environment=variables, arguments=(mode,)) as process:
        found = re.search(r'health page.*?"port": (\d+)', process.words)
        assert found, process.words
        running = Running(process, int(found[1]))
        await running.until_health(200, "ok")
        yield running


@pytest.fixture
async def livekit(tmp_path: Path) -> AsyncIterator[LiveKit]:
    async with livekit_server(log=tmp_path / "livekit.log") as server:
        yield server


async def agent_joined(caller: RoomCaller, *, seconds: float = HANG) -> bool:
    for _ in range(int(seconds * 10)):
        if caller.room.remote_participants:
            return True
        await asyncio.sleep(0.1)
    return False


async def test_every_call_is_counted_and_has_its_line(livekit: LiveKit, tmp_path: Path) -> None:
    async with serving(livekit, tmp_path, GRANNY_PRICE_INPUT="32", GRANNY_PRICE_OUTPUT="64") as running:
        async with join(livekit, "well-1"):
            await running.until_metric('granny_calls_total{outcome="ok"}', 1)
        async with join(livekit, "killed-1"):
            await running.until_metric('granny_calls_total{outcome="job-died"}', 1)
        await running.until_metric("granny_calls_in_progress", 0)
        assert await running.metric("granny_answer_seconds_count") == 2
        assert "lk_agents_worker_load" in await running.get("/metrics")
        assert json.loads(await running.get("/worker"))["worker_type"] == "JT_ROOM"
        well, died = running.lines("call ended")
    assert (well["outcome"], well["turns"], well["answer_p95"], well["cost"]) == ("ok", 2, 0.6, 0.032)
    assert died["outcome"] == "job-died"
    assert well["job_id"] != died["job_id"]


@pytest.mark.parametrize("mode", ["start", "dev"])
async def test_an_account_fault_shuts_the_door_until_a_probe_passes(
    livekit: LiveKit, tmp_path: Path, mode: str
) -> None:
    """A call that nobody else takes is answered after all: the caller hears the apology, not nothing."""
    async with serving(livekit, tmp_path, mode=mode) as running:
        async with join(livekit, "rejected-1"):
            await running.until_health(503, "fault", REJECTED)
            await running.until_metric(f'granny_calls_total{{outcome="{REJECTED}"}}', 1)
        async with join(livekit, "rejected-2"):
            await running.until_metric(f'granny_calls_total{{outcome="{REJECTED}"}}', 2)
        assert running.log.count("nobody else took the call") == 1
        (tmp_path / "well").touch()
        await running.until_health(200, "ok")
        async with join(livekit, "well-1"):
            await running.until_metric('granny_calls_total{outcome="ok"}', 1)
        assert running.log.count("taking no calls until OpenAI accepts the account again") == 1
        assert running.log.count("taking calls again") == 1


async def test_a_call_refused_by_one_worker_is_taken_by_another(livekit: LiveKit, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    async with serving(livekit, first, mode="dev") as ill:
        async with join(livekit, "rejected-1"):
            await ill.until_health(503, "fault", REJECTED)
        async with serving(livekit, second, mode="dev") as well:
            for number in range(3):  # LiveKit chooses by load, at times the ill one first
                async with join(livekit, f"well-{number}"):
                    await well.until_metric('granny_calls_total{outcome="ok"}', number + 1)


async def test_without_livekit_the_worker_is_not_well(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as livekit_alone, contextlib.AsyncExitStack() as stack:
        livekit = await livekit_alone.enter_async_context(livekit_server(log=tmp_path / "livekit.log"))
        running = await stack.enter_async_context(serving(livekit, tmp_path))
        await livekit_alone.aclose()
        await running.until_health(503, "unregistered")


async def test_calls_that_cannot_end_in_time_are_said_goodbye_to(livekit: LiveKit, tmp_path: Path) -> None:
    async with serving(livekit, tmp_path, GRANNY_DRAIN_SECONDS="2") as running:
        async with join(livekit, "talking-1") as one, join(livekit, "talking-2", identity="other") as two:
            assert await agent_joined(one)
            assert await agent_joined(two)
            stopping = asyncio.create_task(running.worker.stop())
            await running.until_health(503, "stopping")
            await stopping
            assert running.worker.status == 0
            for caller in (one, two):
                await until(functools.partial(was_said_goodbye_to, caller), lambda: running.log)
        assert [line["outcome"] for line in running.lines("call ended")] == ["worker-stopping"] * 2


async def test_a_job_that_dies_is_relieved_by_another(livekit: LiveKit, tmp_path: Path) -> None:
    """The room hears of it, and the dead job's participant does not linger for the 20 s that LiveKit would wait."""
    async with serving(livekit, tmp_path) as running, join(livekit, "relieved-1") as caller:
        await running.until_metric('granny_calls_total{outcome="job-died"}', 1)
        await until(functools.partial(is_told, caller), lambda: running.log)
        assert await agent_joined(caller)
        assert len(caller.room.remote_participants) == 1
        assert [json.loads(payload) for _, _, payload in caller.heard.data] == [{"fault": "job-died"}]
        assert not caller.gone.is_set()


async def test_the_caller_of_a_job_that_dies_at_once_is_off_the_line(livekit: LiveKit, tmp_path: Path) -> None:
    """Rather than called back by one dying job after the other."""
    async with serving(livekit, tmp_path), join(livekit, "killed-1") as caller:
        await asyncio.wait_for(caller.gone.wait(), HANG)


async def test_when_a_worker_is_killed_its_caller_hears_why_and_another_takes_the_next_call(
    livekit: LiveKit, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    async with (
        StandIn(api_key=KEY) as standin,
        serving(livekit, first, agent=AGENT, OPENAI_BASE_URL=standin.base_url) as killed,
        join(livekit, "orphaned") as caller,
    ):
        await until(functools.partial(has_heard, caller, 0.0), lambda: killed.log)
        async with serving(livekit, second, agent=AGENT, OPENAI_BASE_URL=standin.base_url) as other:
            await until(functools.partial(is_quiet, caller), lambda: killed.log)
            job = descendants(killed.worker.process.pid)
            killed.worker.process.kill()
            killed_at = caller.heard.now()
            async with join(livekit, "next") as next_caller:
                await until(functools.partial(has_heard, next_caller, 0.0), lambda: other.log)
            await until(functools.partial(has_heard, caller, killed_at), lambda: other.log)
            await asyncio.wait_for(caller.gone.wait(), HANG)
            assert caller.heard.attributes["granny.fault"] == "worker-died"
            assert [json.loads(payload) for _, _, payload in caller.heard.data] == [{"fault": "worker-died"}]
            await until(functools.partial(are_gone, job), lambda: killed.log)


async def is_told(caller: RoomCaller) -> bool:
    return bool(caller.heard.data)


async def has_heard(caller: RoomCaller, after: float) -> bool:
    return any(span.start >= after for span in speech(caller.heard.sound))


async def is_quiet(caller: RoomCaller) -> bool:
    return caller.heard.now() - speech(caller.heard.sound)[-1].end > 1.0


async def are_gone(pids: list[int]) -> bool:
    return not any(psutil.pid_exists(pid) for pid in pids)


async def was_said_goodbye_to(caller: RoomCaller) -> bool:
    return caller.heard.attributes.items() >= GOODBYE.items()


@pytest.mark.parametrize("mode", ["start", "dev"])
async def test_what_a_careless_library_logs_shows_no_key_and_no_word(
    livekit: LiveKit, tmp_path: Path, mode: str
) -> None:
    async with serving(livekit, tmp_path, mode, LIVEKIT_LOG_LEVEL="TRACE") as running:
        async with join(livekit, "careless-1"):
            await running.until_metric('granny_calls_total{outcome="job-died"}', 1)
        log = running.log
    assert log.count("refused [hidden]") == 3
    assert not shown_in(log)


async def test_the_log_of_a_whole_call_shows_no_key_and_no_word(livekit: LiveKit, tmp_path: Path) -> None:
    """Granny herself, with all that can be logged; first a conversation, then a key that is refused."""
    async with StandIn(api_key=KEY, manner=Manner(heard=WORDS)) as standin:
        chatty = {"LIVEKIT_LOG_LEVEL": "TRACE", "LK_OPENAI_DEBUG": "1", "OPENAI_BASE_URL": standin.base_url}
        async with serving(livekit, tmp_path, agent=AGENT, **chatty) as running:
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
    assert not shown_in(log)


async def was_written_down(caller: RoomCaller) -> bool:
    """Whether the caller's words have come back as a transcript: the worker has had them in its hands."""
    return any(WORDS in utterance.text for utterance in caller.heard.transcript)


def shown_in(log: str) -> list[str]:
    """The pieces of the key, the words and the tokens that a log shows."""
    forbidden = [KEY[start : start + 8] for start in range(len(KEY) - 7)] + [WORDS, GREETING_TEXT, "eyJ"]
    return [piece for piece in forbidden if piece in log]
