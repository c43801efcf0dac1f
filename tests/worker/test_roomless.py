"""A whole call without a room: what its page gets over the wire, and what hanging up there does."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from livekit.agents import JobExecutorType
from livekit.agents.cli import AgentsConsole
from livekit.protocol.agent_pb import agent_session as wire

import agent
from calls.hearing_lines import record_tones, sounds
from calls.stage import short_greeting
from granny import faults
from granny.call.lifecycle import wind_up
from granny.config.settings import Settings
from granny.lines import Line, load
from granny.people import People
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.script import ResponseFault, Script
from granny.rehearsal.openai.standin import StandIn
from granny.rooms.roomless import Address, messages, packed
from granny.worker import server as module
from granny.worker.exchange import Exchange
from granny.worker.server import GrannyServer
from scenarios._scene import OPENAI_KEY, settings

HANG = 40.0
"""Seconds after which a test gives up."""


@dataclass
class Page:
    """The other end of a wire: it hears everything at once, and writes down what it is told."""

    address: Address = field(default_factory=lambda: Address(0))
    sound: bytearray = field(default_factory=bytearray)
    told: list[dict[str, Any]] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    writer: asyncio.StreamWriter | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await self.address.is_dialled(reader)
        self.writer = writer
        async for message in messages(reader):
            self._take(message)
        self.gone.set()
        writer.close()

    def hang_up(self) -> None:
        assert self.writer
        self.writer.close()

    def _take(self, message: wire.AgentSessionMessage) -> None:
        if message.HasField("audio_output"):
            self.sound += message.audio_output.data
        elif message.HasField("audio_playback_flush"):
            assert self.writer
            heard = wire.AgentSessionMessage.ConsoleIO.AudioPlaybackFinished()
            self.writer.write(packed(wire.AgentSessionMessage(audio_playback_finished=heard)))
        elif message.event.HasField("debug_message"):
            self.told.append(dict(message.event.debug_message.payload))
        elif message.event.HasField("agent_state_changed"):
            self.states.append(wire.AgentState.Name(message.event.agent_state_changed.new_state))

    def captions(self) -> dict[str, str]:
        """The last text of each."""
        return {one["id"]: one["text"] for one in self.told if one["about"] == "caption"}

    def faults(self) -> list[str]:
        return [one["fault"] for one in self.told if one["about"] == "fault"]


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[Page]:
    page = Page()
    listener = await asyncio.start_server(page.serve, "127.0.0.1", 0)
    page.address = Address(listener.sockets[0].getsockname()[1])
    try:
        yield page
    finally:
        listener.close()


@contextlib.asynccontextmanager
async def at_work(configured: Settings, folder: Path) -> AsyncIterator[Exchange]:
    """A worker of which no LiveKit server knows; its calls are threads of this process."""
    server = GrannyServer()
    server.rtc_session(agent.answer, on_session_end=wind_up)
    server.setup_fnc = functools.partial(module._hand_over, configured, People.read(folder))
    server.update_options(job_executor_type=JobExecutorType.THREAD, num_idle_processes=1)
    exchange, started = Exchange(server), asyncio.Event()
    server.once("worker_started", started.set)

    async def ask() -> tuple[()]:
        return ()

    serving = server.serve(configured, ask=ask, devmode=True, unregistered=True, features=[exchange.subscribe])
    running = asyncio.create_task(serving)
    try:
        await asyncio.wait_for(started.wait(), HANG)
        yield exchange
    finally:
        await server.aclose()
        await running


@pytest.fixture(autouse=True)
def console(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process's own is there again for the next test."""
    monkeypatch.setattr(AgentsConsole, "_instance", None)


@contextlib.asynccontextmanager
async def house(folder: Path, script: Script | None = None) -> AsyncIterator[tuple[Exchange, StandIn]]:
    """Her lines are tones; a greeting is recorded only if a test has put one there."""
    manner = Manner(greeting=short_greeting())
    record_tones(folder / "lines")
    async with StandIn(api_key=OPENAI_KEY, manner=manner, script=script or Script()) as standin:
        places = {"OPENAI_BASE_URL": standin.base_url, "GRANNY_LINES_FOLDER": str(folder / "lines")}
        async with at_work(settings(GRANNY_OWN_VOICE="off", **places), folder) as exchange:
            yield exchange, standin


async def until(is_so: Any) -> None:
    async def look() -> None:
        while not is_so():  # noqa: ASYNC110  what another thread does has no event here
            await asyncio.sleep(0.02)

    await asyncio.wait_for(look(), HANG)


async def test_she_greets_over_the_wire_and_a_page_that_goes_ends_the_call(tmp_path: Path) -> None:
    async with house(tmp_path) as (exchange, _), listening() as page:
        end = await exchange.ring(page.address, "")
        await until(lambda: page.states[-2:] == ["AS_SPEAKING", "AS_LISTENING"])
        assert [sound.line for sound in sounds(page.sound)] == [None]
        assert page.captions() == {"turn-1": short_greeting().transcript}
        page.hang_up()
        assert await asyncio.wait_for(end, HANG) is None
    assert page.faults() == []


async def test_a_recorded_greeting_is_heard_and_the_model_knows_of_it(tmp_path: Path) -> None:
    async with house(tmp_path) as (exchange, standin), listening() as page:
        shutil.copy(tmp_path / "lines" / f"{Line.ONE_MOMENT.value}.wav", tmp_path / "lines" / "greeting.wav")
        (tmp_path / "lines" / "greeting.txt").write_text("Hello dear.", encoding="utf-8")
        await exchange.ring(page.address, "")
        await until(lambda: standin.connections and "Hello dear." in standin.connections[-1].texts)
        assert [sound.line for sound in sounds(page.sound)] == [Line.ONE_MOMENT]
        assert list(page.captions().values()) == ["Hello dear."]
        assert not standin.connections[-1].responses
        page.hang_up()


async def test_a_fault_that_ends_the_call_is_told_and_said(tmp_path: Path) -> None:
    """There is no room that could be told of it."""
    out_of_credit = Script(responses=(ResponseFault(failed=WireError("insufficient_quota")),))
    async with house(tmp_path, out_of_credit) as (exchange, _), listening() as page:
        end = await exchange.ring(page.address, "")
        await asyncio.wait_for(page.gone.wait(), HANG)
        assert await asyncio.wait_for(end, HANG) == faults.OPENAI_OUT_OF_CREDIT.slug
    assert page.faults() == [faults.OPENAI_OUT_OF_CREDIT.slug]
    said = [Line.COMPUTER_COMPANION, Line.NO_CREDIT]  # nothing of hers has been heard yet: she says what she is
    assert [sound.line for sound in sounds(page.sound)] == said
    assert list(page.captions().values()) == [load(line).text for line in said]
