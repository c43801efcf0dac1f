"""LiveKit comes and goes, and a worker is there again when it is; an apologising one waits for OpenAI as well."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from pathlib import Path

import aiohttp
import pytest

from calls.bare_worker import REJECTED
from calls.relay import relay
from calls.serving import AGENT, HANG, KEY, Running, agent_joined, registered, serving, until
from calls.stage import short_greeting
from granny.call.announcer import FAULT
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.script import HttpAnswer, Script
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.livekit_server import LiveKit, livekit_server, why_missing
from granny.rehearsal.rig.program import free_port

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
    pytest.mark.skipif(bool(os.environ.get("LIVEKIT_URL")), reason="a LiveKit server that was given is not killed"),
]

GONE, STILL, BACK = "LiveKit has gone; it is tried until it is back", "LiveKit is still away", "LiveKit is back"
UNAVAILABLE = "openai-unavailable"
BUSY = HttpAnswer(503, WireError(None, type="server_error").body())
ANOTHER_PAIR = ("anotherkey", "another-secret-of-thirty-two-characters")


def port_of(livekit: LiveKit) -> int:
    return int(livekit.url.rpartition(":")[2])


async def status(running: Running, path: str) -> int:
    async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{running.port}{path}") as answer:
        return answer.status


def faults(running: Running, message: str) -> list[str | None]:
    return [line["fault"] for line in running.lines(message)]


async def test_a_livekit_server_that_is_killed_and_comes_back_finds_the_worker_waiting(tmp_path: Path) -> None:
    """The health page tells it, the log tells it once each way, and the call after it is answered."""
    async with contextlib.AsyncExitStack() as until_killed, contextlib.AsyncExitStack() as stack:
        livekit = await until_killed.enter_async_context(livekit_server(log=tmp_path / "livekit.log"))
        running = await stack.enter_async_context(serving(livekit, tmp_path))
        await until_killed.aclose()
        await running.until_health(503, "unregistered", "livekit-not-listening")
        assert [await status(running, path) for path in ("/", "/ready", "/live")] == [503, 503, 200]
        again = livekit_server(log=tmp_path / "again.log", port=port_of(livekit))
        livekit = await stack.enter_async_context(again)
        await running.until_health(200, "ok")
        async with join(livekit, "well-1"):
            await running.until_metric('granny_calls_total{outcome="ok"}', 1)
        assert faults(running, GONE) == ["livekit-not-listening"]
        assert len(running.lines(BACK)) == 1
        assert not running.lines(STILL)
        assert "failed to connect" not in running.log
        assert "Traceback" not in running.log


@pytest.mark.full
async def test_a_key_that_livekit_no_longer_knows_is_named_and_tried_on(tmp_path: Path) -> None:
    """Somebody may put the key back; until then the log and the health page say what is wrong."""
    async with contextlib.AsyncExitStack() as stack:
        async with livekit_server(log=tmp_path / "livekit.log") as livekit:
            running = await stack.enter_async_context(serving(livekit, tmp_path))
        port = port_of(livekit)
        async with livekit_server(log=tmp_path / "other.log", pair=ANOTHER_PAIR, port=port):
            await running.until_health(503, "unregistered", "livekit-key-unknown")
        async with livekit_server(log=tmp_path / "again.log", port=port) as livekit:
            await running.until_health(200, "ok")
            async with join(livekit, "well-1"):
                await running.until_metric('granny_calls_total{outcome="ok"}', 1)
            named = [*faults(running, GONE), *faults(running, STILL)]
            assert named.count("livekit-key-unknown") == 1


@pytest.mark.full
async def test_calls_go_on_while_the_worker_has_lost_livekit(livekit: LiveKit, tmp_path: Path) -> None:
    """Their rooms are reached by connections of their own."""
    async with relay(livekit) as between:
        between.is_open.set()
        async with (
            serving(between.livekit, tmp_path, GRANNY_DRAIN_SECONDS="2") as running,
            join(livekit, "talking-1") as caller,
        ):
            assert await agent_joined(caller)
            between.lose_workers()
            await running.until_health(503, "unregistered", "livekit-not-livekit")
            between.loses_workers = False
            await running.until_health(200, "ok")
            async with join(livekit, "well-1"):
                await running.until_metric('granny_calls_total{outcome="ok"}', 1)
            assert caller.room.remote_participants
            await running.until_metric("granny_calls_in_progress", 1)
            assert len(running.lines(GONE)) == len(running.lines(BACK)) == 1


@pytest.mark.full
async def test_a_worker_that_is_started_before_its_livekit_server_waits_for_it(tmp_path: Path) -> None:
    """As after a power cut: one machine starts both."""
    port = free_port()
    expected = LiveKit(f"ws://127.0.0.1:{port}", "devkey", "secret")
    async with StandIn(api_key=KEY) as standin, contextlib.AsyncExitStack() as stack:
        places = {"OPENAI_BASE_URL": standin.base_url, "GRANNY_PREFLIGHT_WAIT": "60"}
        serving_it = serving(expected, tmp_path, agent=AGENT, **places)
        starting = asyncio.create_task(stack.enter_async_context(serving_it))
        await until(lambda: asyncio.to_thread(is_asking, tmp_path), lambda: "not asking")
        await stack.enter_async_context(livekit_server(log=tmp_path / "livekit.log", port=port))
        running = await asyncio.wait_for(starting, 2 * HANG)
        assert running.lines("ready")


def is_asking(folder: Path) -> bool:
    log = folder / "worker.log"
    return log.exists() and '"still asking"' in log.read_text(encoding="utf-8")


@pytest.mark.full
@pytest.mark.parametrize(
    ("fault", "key", "script"),
    [
        (REJECTED, "another", Script()),
        (UNAVAILABLE, KEY, Script(handshakes=(BUSY,))),
    ],
    ids=["the account's", "OpenAI's own"],
)
async def test_while_openai_fails_a_cold_start_apologises_and_then_talks(
    livekit: LiveKit, tmp_path: Path, fault: str, key: str, script: Script
) -> None:
    """GRANNY_PREFLIGHT=apologise: registered, with the door shut; nobody starts her anew when OpenAI is well."""
    async with StandIn(api_key=key, script=script, manner=Manner(greeting=short_greeting())) as standin:
        places = {"OPENAI_BASE_URL": standin.base_url, "GRANNY_PREFLIGHT": "apologise"}
        async with registered(livekit, tmp_path, agent=AGENT, **places) as running:
            await running.until_health(503, "apologising", fault)
            assert await status(running, "/ready") == 503  # an update with a wrong key stops at its first worker
            async with join(livekit, "sorry") as caller:
                await until(lambda: is_off_the_line(caller), lambda: running.log)
            assert set(told(caller)) == {fault}  # once for each line that is said of it
            assert speech(caller.heard.sound)
            await running.until_metric(f'granny_calls_total{{outcome="{fault}"}}', 1)
            standin.api_key, standin.script = KEY, Script()
            await running.until_health(200, "ok")
            async with join(livekit, "well") as caller:
                await until(lambda: has_heard(caller), lambda: running.log)
                assert not told(caller)
    assert not running.lines("ready")
    assert faults(running, "starting with the door shut") == [fault]


def told(caller: RoomCaller) -> list[str]:
    """The faults that the room was told."""
    return [json.loads(payload)["fault"] for _, topic, payload in caller.heard.data if topic == FAULT]


async def is_off_the_line(caller: RoomCaller) -> bool:
    return caller.gone.is_set()


async def has_heard(caller: RoomCaller) -> bool:
    return bool(speech(caller.heard.sound))
