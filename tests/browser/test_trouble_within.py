"""What goes wrong in a call, in a real browser: it is heard and written, and there is a way out of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from livekit.protocol.rtc import SignalRequest

from browser.her_page import HEARD, HerPage
from browser.rig import PEOPLE, Rig, livekit_process, page_at, rig_at
from calls.house import house_at
from calls.stage import short_greeting, unhurried
from family import with_people
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.script import HttpAnswer, ResponseFault, Script
from granny.rehearsal.rig.livekit_server import LiveKit, livekit_server
from granny.rehearsal.rig.worker import descendants
from granny.worker.failover import TOO_SOON_SECONDS

if TYPE_CHECKING:  # the group `browser` is not everybody's
    from playwright.async_api import Browser, WebSocketRoute

FROZEN = 30.0


@contextlib.contextmanager
def openai_does(here: Rig, script: Script) -> Iterator[None]:
    """What OpenAI does wrong for a while."""
    here.granny.standin.script = script
    try:
        yield
    finally:
        here.granny.standin.script = Script()


async def again(page: HerPage) -> None:
    """Press the button once more, and she is there."""
    assert await page.button() in (page.words.button("try-again"), page.words.button("call-again"))
    pressed_at = await page.now()
    await page.press("talk")
    await page.until_heard(after=pressed_at)
    await page.until_state("listening")


async def test_a_key_that_openai_refuses(here: Rig) -> None:
    """It is said aloud, written down, and still there to be read when the call is over."""
    refused = HttpAnswer(401, WireError("invalid_api_key").body())
    async with here.opened("anna") as page:
        with openai_does(here, Script(handshakes=(refused,))):
            await page.press("talk")
            await page.until_trouble("openai-key-rejected")
            await page.until_heard()
            await page.until_phase("ready")
            await page.until_trouble("openai-key-rejected")
            assert await page.microphones() == ["ended"]
        await here.granny.running.until_health(200, "ok")
        await again(page)


async def test_credit_that_runs_out_in_mid_call(here: Rig) -> None:
    spent = ResponseFault(failed=WireError("insufficient_quota", type="insufficient_quota"))
    async with here.opened("anna") as page:
        await page.call()
        with openai_does(here, Script(responses=(spent,))):
            await page.until_trouble("openai-out-of-credit")
            await page.until_phase("ready")
            await page.until_trouble("openai-out-of-credit")
        await here.granny.running.until_health(200, "ok")
        await again(page)


async def test_a_job_that_is_killed(here: Rig) -> None:
    """She comes back by herself, to the same caller in the same call, unless it has died at its very beginning."""
    async with here.opened("anna") as page:
        await page.call()
        await asyncio.sleep(TOO_SOON_SECONDS)
        await page.until_quiet()
        killed_at = await page.now()
        job_of(here).kill()
        await page.until_trouble("job-died")
        await page.until_heard(after=killed_at)
        await page.until_state("listening")
        assert await page.trouble() == ""
        assert await page.microphones() == ["live"]


def job_of(here: Rig) -> psutil.Process:
    """The process of the one call: it talks to OpenAI."""
    standin = here.granny.standin.port
    jobs = [psutil.Process(pid) for pid in descendants(here.granny.running.worker.process.pid)]
    talking = [
        job for job in jobs if any(one.raddr and one.raddr.port == standin for one in job.net_connections("tcp"))
    ]
    (found,) = talking
    return found


async def test_a_microphone_that_another_call_takes_away(here: Rig) -> None:
    """A track that has ended is replaced, and she hears through the new one."""
    async with here.opened("anna") as page:
        await page.call()
        await page.value("""{
            const [track] = witness.microphones;
            track.stop();
            track.dispatchEvent(new Event("ended"));
        }""")
        await page.until_caption("caller", HEARD)
        assert await page.microphones() == ["ended", "live"]


async def test_a_microphone_that_does_not_come_back(here: Rig) -> None:
    """She goes on, the page says what is wrong, and a tap puts it right."""
    async with here.opened("anna") as page:
        await page.call()
        await page.value("""{
            const [track] = witness.microphones;
            globalThis.ask = navigator.mediaDevices.getUserMedia;
            navigator.mediaDevices.getUserMedia = async () => {
                throw new DOMException("taken", "NotReadableError");
            };
            track.stop();
            track.dispatchEvent(new Event("ended"));
        }""")
        await page.until_trouble("microphone-lost")
        await page.value("void (navigator.mediaDevices.getUserMedia = ask)")
        await page.press("mend")
        await page.until_caption("caller", HEARD)
        assert await page.trouble() == ""


@contextlib.asynccontextmanager
async def nobody_there(home: Path, folder: Path, browser: Browser) -> AsyncIterator[tuple[HerPage, LiveKit, Path]]:
    """Her page and a LiveKit server, without a worker; and Granny's folder, for one that comes later."""
    own = with_people(home, folder / "Granny-voice", PEOPLE)
    async with (
        livekit_server(log=folder / "livekit.log") as livekit,
        page_at(livekit, own, folder, browser) as rig,
        rig.opened("anna") as page,
    ):
        yield page, livekit, own


async def test_nobody_who_could_answer(home: Path, browser: Browser, tmp_path: Path) -> None:
    """After ten seconds it is said; whoever waits is answered when she comes."""
    async with nobody_there(home, tmp_path, browser) as (page, livekit, own):
        await page.press("talk")
        await page.until_state("calling")
        await page.until_trouble("nobody-yet")
        assert await page.phase() == "calling"
        manner = Manner(greeting=short_greeting())
        async with house_at(livekit, unhurried(tmp_path), tmp_path, manner, PYTHONPATH=str(own)):
            await page.until_heard()
            await page.until_state("listening")
            assert await page.trouble() == ""
            await page.press("hangup")
            await page.until_state("hung-up")


async def test_nobody_who_ever_answers(home: Path, browser: Browser, tmp_path: Path) -> None:
    async with nobody_there(home, tmp_path, browser) as (page, _, _):
        await page.press("talk")
        await page.until_trouble("nobody-yet")
        await page.until_trouble("nobody-came")
        assert await page.phase() == "ready"
        assert await page.microphones() == ["ended"]
        assert await page.button() == page.words.button("try-again")


async def test_a_server_that_freezes_for_half_a_minute(home: Path, browser: Browser, tmp_path: Path) -> None:
    """The page says that the line is interrupted, and the talk goes on afterwards."""
    async with (
        livekit_server(log=tmp_path / "livekit.log") as livekit,
        rig_at(livekit, home, tmp_path, browser) as rig,
        rig.opened("anna") as page,
    ):
        await page.call()
        await page.until_quiet()
        server = livekit_process(livekit)
        server.suspend()
        try:
            await asyncio.sleep(FROZEN)
            assert await page.state() in ("interrupted", "calling-again")
        finally:
            server.resume()
        await page.until_state("listening", "thinking", "speaking")
        thawed_at = await page.now()
        await page.until_heard(after=thawed_at)
        assert await page.trouble() == ""


async def test_a_server_that_is_killed(home: Path, browser: Browser, tmp_path: Path) -> None:
    """The page says so, tries to call her anew, says at last what is wrong, and a tap calls her when it is back."""
    log = tmp_path / "livekit.log"
    async with (
        livekit_server(log=log) as livekit,
        rig_at(livekit, home, tmp_path, browser) as rig,
        rig.opened("anna") as page,
    ):
        await page.call()
        livekit_process(livekit).kill()
        await page.until_state("interrupted")
        await page.until_state("calling-again")
        await page.until_phase("ready")
        await page.until_trouble("livekit-unreachable")
        assert await page.microphones() == ["ended"]
        async with livekit_server(log=log, port=int(livekit.url.rpartition(":")[2])):
            await rig.granny.running.until_health(200, "ok")
            await again(page)


async def test_a_server_that_is_killed_as_the_caller_comes_in(home: Path, browser: Browser, tmp_path: Path) -> None:
    """She is there, and has not got the microphone yet: the call is worth another try, as one that had begun."""
    async with (
        livekit_server(log=tmp_path / "livekit.log") as livekit,
        rig_at(livekit, home, tmp_path, browser) as rig,
        rig.opened("anna") as page,
    ):
        await page.page.route_web_socket("**/lk/rtc**", all_but_the_microphone)
        await page.press("talk")
        await page.until_phase("talking")
        livekit_process(livekit).kill()
        await page.until_state("interrupted")
        await page.until_state("calling-again")
        await page.press("hangup")
        await page.until_state("hung-up")


def all_but_the_microphone(socket: WebSocketRoute) -> None:
    """What the page says to LiveKit goes there, but not that it has a microphone to send."""
    livekit = socket.connect_to_server()

    def pass_on(message: str | bytes) -> None:
        if not (isinstance(message, bytes) and SignalRequest.FromString(message).HasField("add_track")):
            livekit.send(message)

    socket.on_message(pass_on)
