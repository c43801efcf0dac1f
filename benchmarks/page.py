"""From the tap to her first sound in Chromium: her page, a page of the usual kind, and the floor, in turn.

    uv sync --inexact --group browser
    python -m benchmarks.page --rounds 10
    python -m benchmarks.page --rounds 10 --way 40

- `her page`: the site as it is, with the line as it is: at the tap the room is made and she is sent for.
- `usual`: a page that fetches a token at the tap, connects with it and then opens the microphone; she is sent for when
  the caller comes in, by the token. Granny, her worker, the page's server and the way to LiveKit are the same.
- `floor`: that same usual page, in a room where somebody plays a tone already: what a browser needs to hear anything.

So that the table favours nobody: all three are loaded and idle before the tap, in a window of their own; the microphone
is permitted; the sound is looked for by the same code, in the received track; the pages take turns in an order that
moves on.
Granny greets with her recorded line, as from her second start on.

What remains: everything runs on one machine, so that she and the browser get ready at each other's cost, and a way of
no length makes the usual page's journeys free, which `--way 40` does not: so many milliseconds, there and back, are
then between the browser and the page, for all that goes by TCP; the sound goes by UDP and is not delayed. A pretended
microphone opens at once, where a tablet's takes some tenths of a second. LiveKit waits 0.2 s for the bids of its
workers before anybody is sent; the floor, where nobody is, has no such wait.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import math
import shutil
import statistics
import tempfile
import time
import wave
from array import array
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from pathlib import Path

import aiohttp
from aiohttp import web
from livekit import api, rtc
from livekit.protocol.agent_dispatch import RoomAgentDispatch
from livekit.protocol.room import RoomConfiguration
from playwright.async_api import Browser, Page, async_playwright

from benchmarks.rig import GRANNY, KEY, Rig, rig
from granny.config.settings import Settings
from granny.page._asking import by_link, door
from granny.page._open_calls import OpenCall
from granny.page.lines import Route, Who
from granny.page.livekit_line import LiveKitLine
from granny.page.server import House, serving
from granny.people import People
from granny.rehearsal.rig.livekit_server import LiveKit
from granny.rooms.access import Access
from granny.rooms.asking import LiveKitRooms
from granny.rooms.tokens import Invitation, room_of
from granny.store.link import Link

HERS, USUAL, FLOOR = "her page", "usual", "floor"
_WAYS = (HERS, USUAL, FLOOR)
_SECRET = "benchmark-FAKE-link"  # noqa: S105  of this run alone
_LINK = Link("bench000", "", datetime.now(timezone.utc))


async def _whose(secret: str) -> Link | None:
    return _LINK if secret == _SECRET else None


_IDLE_SECONDS = 1.5
_PRESS_MS = 100
"""A finger is on the button so long at the least. The tap is counted from where it lets go, for all three."""
_LONGEST_WAIT_SECONDS, _LOOKING_SECONDS = 20.0, 0.1
_SECONDS = """() => {
  const [tap, sound] = ["granny:tap", "granny:sound"].map((name) => performance.getEntriesByName(name)[0]);
  return tap && sound ? (sound.startTime - tap.startTime) / 1000 : null;
}"""
_USUAL_PAGE = (
    '<!doctype html><meta charset="utf-8"><button>Talk</button><script type="module" src="/usual.js"></script>'
)
_RATE = 48_000
_TONE = array("h", (int(8000 * math.sin(2 * math.pi * 440 * n / _RATE)) for n in range(_RATE // 100))).tobytes()


class Line(LiveKitLine):
    """Her line, and beside it what the other two pages ask for.

    Attributes:
        floor: the token for the room with the tone.
    """

    floor = ""

    def add_the_others(self, settings: Settings, who: Who) -> None:
        """To be called once."""
        script = Path(__file__).with_name("page_usual.js").read_text(encoding="utf-8")

        async def usual_page(request: web.BaseRequest) -> web.Response:
            if request.path == "/usual":
                return web.Response(text=_USUAL_PAGE, content_type="text/html")
            return web.Response(text=script, content_type="text/javascript")

        async def usual(request: web.BaseRequest, _: Link) -> web.Response:
            return self._door(request, Invitation.write(settings).token)

        async def floor(request: web.BaseRequest, _: Link) -> web.Response:
            return self._door(request, self.floor)

        more: dict[tuple[str, str], Route] = {
            ("GET", "/usual"): usual_page,
            ("GET", "/usual.js"): usual_page,
            ("POST", "/token-usual"): by_link(who, usual),
            ("POST", "/token-floor"): by_link(who, floor),
        }
        self.routes = {**self.routes, **more}

    def _door(self, request: web.BaseRequest, token: str) -> web.Response:
        """A token alone; the way to LiveKit is open for it as for one of a call."""
        room = room_of(token)
        self.calls._open[room] = OpenCall(room, time.monotonic(), token=token)  # noqa: SLF001  else it would be refused
        return door(request, token, path="/lk")


@contextlib.asynccontextmanager
async def tone(where: LiveKit, room: str) -> AsyncIterator[str]:
    """A room in which somebody plays a tone, and nobody is sent for; gives a caller's token for it."""

    def token(identity: str) -> str:
        made = api.AccessToken(where.key, where.secret).with_identity(identity)
        nobody = RoomConfiguration(agents=[RoomAgentDispatch(agent_name="nobody")])
        return made.with_grants(api.VideoGrants(room_join=True, room=room)).with_room_config(nobody).to_jwt()

    player, source = rtc.Room(), rtc.AudioSource(_RATE, 1)
    await player.connect(where.url, token("player"))
    await player.local_participant.publish_track(rtc.LocalAudioTrack.create_audio_track("tone", source))
    playing = asyncio.create_task(_play(source))
    try:
        yield token("caller")
    finally:
        playing.cancel()
        await player.disconnect()


async def _play(source: rtc.AudioSource) -> None:
    while True:
        await source.capture_frame(rtc.AudioFrame(_TONE, _RATE, 1, len(_TONE) // 2))


class Way:
    """A way of some length between a browser and a server, for all that goes by TCP.

    Attributes:
        port: where the browser finds it.
        target: the server's port; to be set before anybody comes.
    """

    port = target = 0

    def __init__(self, seconds: float) -> None:
        self._one_way = seconds / 2

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Way]:
        """For the length of the `async with`."""
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self
            server.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * self._one_way)  # TCP's own first journey, of which a loopback knows nothing
        with contextlib.suppress(OSError):
            there = await asyncio.open_connection("127.0.0.1", self.target)
            await asyncio.gather(self._carry(reader, there[1]), self._carry(there[0], writer))

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Each piece as late as the way is long, and none waits for the one before."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while piece := await source.read(65536):
                loop.call_later(self._one_way, target.write, piece)
        loop.call_later(self._one_way, target.close)


class Bench:
    """The browser before the page."""

    def __init__(self, one: Rig, line: Line, browser: Browser, port: int) -> None:
        self._rig, self._line, self._browser = one, line, browser
        self._origin = f"http://127.0.0.1:{port}"
        self._numbers = itertools.count()

    async def seconds(self, way: str) -> float | None:
        """From a tap to the first sound; None: nothing was heard."""
        async with contextlib.AsyncExitStack() as stack:
            if way == FLOOR:
                room = f"floor-{next(self._numbers)}"
                self._line.floor = await stack.enter_async_context(tone(self._rig.livekits[GRANNY], room))
            heard = await self._tapped(way)
        for room in list(self._line.calls._open):  # noqa: SLF001  of this measurement alone
            await self._rig.end(GRANNY, room)
        self._line.calls._open.clear()  # noqa: SLF001
        await self._rig.at_rest()
        return heard

    async def _tapped(self, way: str) -> float | None:
        context = await self._browser.new_context(permissions=["microphone"])
        page = await context.new_page()
        address = f"#{_SECRET}" if way == HERS else f"usual#/token-{way}@{_SECRET}"
        await page.goto(f"{self._origin}/{address}", wait_until="networkidle")
        await asyncio.sleep(_IDLE_SECONDS)
        try:
            await page.click("#talk" if way == HERS else "button", delay=_PRESS_MS)
            return await _heard(page)
        finally:
            await context.close()


async def _heard(page: Page) -> float | None:
    """Asked again and again: the page's own policy lets nobody wait within it."""
    for _ in range(int(_LONGEST_WAIT_SECONDS / _LOOKING_SECONDS)):
        heard: float | None = await page.evaluate(_SECONDS)
        if heard is not None:
            return heard
        await asyncio.sleep(_LOOKING_SECONDS)
    return None


@contextlib.asynccontextmanager
async def bench(folder: Path, way: float) -> AsyncIterator[Bench]:
    """Granny with her lines recorded, her page's server, and Chromium with a silent microphone."""
    silence = folder / "silence.wav"
    with wave.open(str(silence), "wb") as target:
        target.setparams((1, 2, _RATE, 0, "NONE", ""))
        target.writeframes(bytes(2 * _RATE))
    async with rig((GRANNY,)) as one, async_playwright() as playwright, Way(way).open() as to_page:
        page = {"GRANNY_PAGE_PORT": "0", "GRANNY_PAGE_URL": f"http://127.0.0.1:{to_page.port}"}
        settings = Settings.model_validate({"OPENAI_API_KEY": KEY, **page, **one.livekits[GRANNY].environment})
        who: Who = _whose
        flags = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={silence}"]
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        async with aiohttp.ClientSession() as session:
            line = Line(settings, who, LiveKitRooms(session, Access.of(settings)), session)
            line.add_the_others(settings, who)
            async with serving(House(settings, People.read(folder), who, line)) as port:
                to_page.target = port
                yield Bench(one, line, browser, to_page.port if way else port)
        await browser.close()


async def main(rounds: int, length: float) -> None:
    """Measure in turn, and print; the first round is for warming up and not kept."""
    values: dict[str, list[float | None]] = {way: [] for way in _WAYS}
    with tempfile.TemporaryDirectory(prefix="granny-page-") as folder:
        async with bench(Path(folder), length) as measuring:
            for number in range(rounds + 1):
                first = number % len(_WAYS)
                row = {way: await measuring.seconds(way) for way in _WAYS[first:] + _WAYS[:first]}
                print("  ".join(f"{way} {'-' if row[way] is None else f'{row[way]:.3f}'}" for way in _WAYS), flush=True)
                for way in _WAYS:
                    values[way] += [row[way]] if number else []
    for way in _WAYS:
        heard = [value for value in values[way] if value is not None]
        print(f"{way:<9} median {statistics.median(heard):.3f} s, heard {len(heard)} of {rounds}")
    for other, wanted in ((USUAL, 0.75), (FLOOR, 1.15)):
        pairs = zip(values[HERS], values[other], strict=True)
        ratios = [hers / its for hers, its in pairs if hers is not None and its is not None]
        print(f"{HERS} / {other}: median of {len(ratios)} pairs {statistics.median(ratios):.2f}, wanted <= {wanted}")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=10, help="calls of each page that are counted")
    options.add_argument("--way", type=int, default=0, help="milliseconds from the browser to the page and back")
    chosen = options.parse_args()
    asyncio.run(main(chosen.rounds, chosen.way / 1000))
