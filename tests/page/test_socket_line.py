"""The line without LiveKit, over real sockets: a browser's at one end, at the other what speaks as a job does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import aiohttp
import pytest
from livekit.protocol.agent_pb import agent_session as wire

from granny.page.socket_line import AT_ONCE, socket_line
from granny.rooms.roomless import CAPTION, FAULT, FRAME_BYTES, Address, messages, packed, telling
from keeping import by_heart
from page.visiting import ANNA, SECRET, Visitor, visited

HANG = 40.0
"""Seconds after which a test gives up."""
Browser: TypeAlias = "aiohttp.ClientWebSocketResponse[bool]"
SOUND = b"\1\2" * (FRAME_BYTES // 2)


@dataclass
class Job:
    """What answers a call, in the place of her job."""

    person: str
    end: asyncio.Future[str | None]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: list[wire.AgentSessionMessage] = field(default_factory=list)
    is_left: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self) -> None:
        async for message in messages(self.reader):
            self.heard.append(message)
        self.is_left.set()

    def say(self, pcm: bytes) -> None:
        frame = wire.AgentSessionMessage.ConsoleIO.AudioFrame(data=pcm)
        self.tell(wire.AgentSessionMessage(audio_output=frame))

    def tell(self, message: wire.AgentSessionMessage) -> None:
        self.writer.write(packed(message))

    def hang_up(self, fault: str | None = None) -> None:
        self.writer.close()
        self.end.set_result(fault)


@dataclass
class Worker:
    """Rings: each call is answered at once, unless nobody is to come."""

    comes: bool = True
    jobs: list[Job] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    listening: set[asyncio.Task[None]] = field(default_factory=set)

    async def ring(self, address: Address, person: str) -> asyncio.Future[str | None]:
        self.addresses.append(address)
        end: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        if self.comes:
            job = Job(person, end, *await address.dial())
            self.jobs.append(job)
            self.listening.add(asyncio.create_task(job.hear()))
        return end


@dataclass
class Place:
    """A page on this line, whoever visits it, and the worker behind it."""

    visitor: Visitor
    worker: Worker
    client: aiohttp.ClientSession

    async def ask(self, secret: str = SECRET) -> tuple[int, dict[str, Any]]:
        status, _, body = await self.visitor.ask("POST", "/call", secret=secret)
        return status, json.loads(body)

    @contextlib.asynccontextmanager
    async def call(self) -> AsyncIterator[Browser]:
        """A browser that has tapped, and has her on the line."""
        status, door = await self.ask()
        assert status == 201
        async with self.client.ws_connect(door["server_url"]) as browser:
            await browser.send_str(door["participant_token"])
            assert await self.told(browser) == {"type": "agent"}
            yield browser

    async def told(self, browser: Browser) -> dict[str, Any]:
        """The next thing that the page is told."""
        told: dict[str, Any] = json.loads(await browser.receive_str(timeout=HANG))
        return told

    @property
    def job(self) -> Job:
        return self.worker.jobs[-1]


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    worker = Worker()
    links = {SECRET: ANNA}
    async with (
        socket_line(by_heart(links), worker.ring) as line,
        visited(line) as visitor,
        aiohttp.ClientSession() as client,
    ):
        yield Place(visitor, worker, client)
    for task in worker.listening:
        task.cancel()


async def until(is_so: Any) -> None:
    async def look() -> None:
        while not is_so():  # noqa: ASYNC110  what others do has no event here
            await asyncio.sleep(0.01)

    await asyncio.wait_for(look(), HANG)


async def test_sound_goes_both_ways(place: Place) -> None:
    async with place.call() as browser:
        place.job.say(SOUND)
        assert await browser.receive_bytes(timeout=HANG) == SOUND
        await browser.send_bytes(SOUND)
        await until(lambda: place.job.heard)
        (heard,) = place.job.heard
        assert (heard.audio_input.data, heard.audio_input.sample_rate) == (SOUND, 48_000)


async def test_once_she_is_there_nobody_else_can_knock(place: Place) -> None:
    """An open door would also outlast the call where Python waits for who has come by it, which is the job."""
    async with place.call():
        with pytest.raises(ConnectionRefusedError):
            await place.worker.addresses[-1].dial()


async def test_the_call_is_for_the_links_person(place: Place) -> None:
    async with place.call():
        assert place.job.person == "anna"


async def test_she_is_told_when_all_of_it_has_been_heard(place: Place) -> None:
    async with place.call() as browser:
        place.job.say(SOUND)
        place.job.tell(
            wire.AgentSessionMessage(audio_playback_flush=wire.AgentSessionMessage.ConsoleIO.AudioPlaybackFlush())
        )
        await browser.receive_bytes(timeout=HANG)
        await until(lambda: place.job.heard)
        assert place.job.heard[0].WhichOneof("message") == "audio_playback_finished"


async def test_an_interruption_reaches_the_browser_and_nothing_comes_behind_it(place: Place) -> None:
    async with place.call() as browser:
        place.job.say(SOUND * 500)
        await browser.receive_bytes(timeout=HANG)
        place.job.tell(
            wire.AgentSessionMessage(audio_playback_clear=wire.AgentSessionMessage.ConsoleIO.AudioPlaybackClear())
        )
        place.job.tell(telling(FAULT, fault="after-it"))
        seen: list[Any] = []
        while not seen or seen[-1].type is aiohttp.WSMsgType.BINARY:
            seen.append(await browser.receive(timeout=HANG))
        assert json.loads(seen[-1].data) == {"type": "clear"}
        assert len(seen) < 100
        assert await place.told(browser) == {"type": "fault", "slug": "after-it", "ends": False}


async def test_words_states_and_faults_are_shown_as_a_line_has_them(place: Place) -> None:
    async with place.call() as browser:
        place.job.tell(telling(CAPTION, id="turn-1", text="Hello dear.", final=True))
        hers = {"type": "caption", "who": "granny", "id": "turn-1", "text": "Hello dear.", "final": True}
        assert await place.told(browser) == hers
        said = wire.AgentSessionEvent.UserInputTranscribed(transcript="Good day.", is_final=True)
        place.job.tell(wire.AgentSessionMessage(event=wire.AgentSessionEvent(user_input_transcribed=said)))
        callers = {"type": "caption", "who": "caller", "id": "caller-1", "text": "Good day.", "final": True}
        assert await place.told(browser) == callers
        state = wire.AgentSessionEvent.AgentStateChanged(new_state=wire.AgentState.AS_THINKING)
        place.job.tell(wire.AgentSessionMessage(event=wire.AgentSessionEvent(agent_state_changed=state)))
        assert await place.told(browser) == {"type": "state", "state": "thinking"}


async def test_who_hangs_up_ends_her_job(place: Place) -> None:
    async with place.call() as browser:
        await browser.close()
        await asyncio.wait_for(place.job.is_left.wait(), HANG)


@pytest.mark.parametrize("word", ["text", b"", b"\0" * (FRAME_BYTES - 2), b"\0" * 4 * FRAME_BYTES])
async def test_what_is_no_frame_of_sound_ends_the_call(place: Place, word: str | bytes) -> None:
    async with place.call() as browser:
        await (browser.send_str(word) if isinstance(word, str) else browser.send_bytes(word))
        await asyncio.wait_for(place.job.is_left.wait(), HANG)


async def test_what_she_said_last_is_heard_and_then_that_it_is_over(place: Place) -> None:
    async with place.call() as browser:
        place.job.say(SOUND * 60)
        place.job.hang_up()
        heard = [await browser.receive_bytes(timeout=HANG) for _ in range(60)]
        assert heard == [SOUND] * 60
        assert await place.told(browser) == {"type": "closed", "reason": "ended"}


async def test_why_she_hung_up_is_told(place: Place) -> None:
    async with place.call() as browser:
        place.job.hang_up("openai-out-of-credit")
        assert await place.told(browser) == {"type": "fault", "slug": "openai-out-of-credit", "ends": True}
        assert await place.told(browser) == {"type": "closed", "reason": "ended"}


async def test_a_job_that_died_is_told_of_at_once(place: Place) -> None:
    """Whatever was still to be heard of her breaks off, as in a room."""
    async with place.call() as browser:
        place.job.say(SOUND * 400)
        await browser.receive_bytes(timeout=HANG)
        place.job.hang_up("job-died")
        heard = 0
        while (message := await browser.receive(timeout=HANG)).type is aiohttp.WSMsgType.BINARY:
            heard += 1
        assert json.loads(message.data) == {"type": "fault", "slug": "job-died", "ends": True}
        assert heard < 400


async def test_a_ticket_is_good_once(place: Place) -> None:
    _, door = await place.ask()
    async with place.client.ws_connect(door["server_url"]) as browser:
        await browser.send_str(door["participant_token"])
        assert await place.told(browser) == {"type": "agent"}
        async with place.client.ws_connect(door["server_url"]) as other:
            await other.send_str(door["participant_token"])
            assert (await other.receive(timeout=HANG)).type is aiohttp.WSMsgType.CLOSE


async def test_who_has_no_ticket_is_let_down(place: Place) -> None:
    for ticket in ("", "guessed", SECRET):
        async with place.client.ws_connect(f"{place.visitor.origin}/talk") as browser:
            await browser.send_str(ticket)
            assert (await browser.receive(timeout=HANG)).type is aiohttp.WSMsgType.CLOSE
    assert place.worker.jobs == []


async def test_another_page_reaches_nobody(place: Place) -> None:
    _, door = await place.ask()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await place.client.ws_connect(door["server_url"], headers={"Origin": "https://evil.example"})
    assert refused.value.status == 403


async def test_nobody_calls_without_a_link(place: Place) -> None:
    assert await place.ask("guessed") == (403, {"fault": "link-unknown"})
    assert place.worker.addresses == []


async def test_more_calls_at_once_than_there_may_be_are_refused(place: Place) -> None:
    async with contextlib.AsyncExitStack() as calls:
        for _ in range(AT_ONCE):
            await calls.enter_async_context(place.call())
        assert await place.ask() == (429, {"fault": "too-many-calls"})
        await place.job.writer.drain()
    await until(lambda: all(job.is_left.is_set() for job in place.worker.jobs))
    assert (await place.ask())[0] == 201


async def test_another_program_on_the_machine_is_not_taken_for_her(place: Place) -> None:
    place.worker.comes = False
    _, door = await place.ask()
    await until(lambda: place.worker.addresses)
    address = place.worker.addresses[-1]
    reader, writer = await Address(address.port).dial()
    assert await asyncio.wait_for(reader.read(), HANG) == b""
    writer.close()
    job = Job("anna", asyncio.get_running_loop().create_future(), *await address.dial())
    async with place.client.ws_connect(door["server_url"]) as browser:
        await browser.send_str(door["participant_token"])
        assert await place.told(browser) == {"type": "agent"}
    job.writer.close()


async def test_nothing_of_a_call_is_in_the_log(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        _, door = await place.ask()
        async with place.client.ws_connect(door["server_url"]) as browser:
            await browser.send_str(door["participant_token"])
            await place.told(browser)
            place.job.tell(telling(CAPTION, id="turn-1", text="My late husband", final=True))
            await place.told(browser)
    assert door["participant_token"] not in caplog.text
    assert "husband" not in caplog.text
    assert SECRET not in caplog.text
