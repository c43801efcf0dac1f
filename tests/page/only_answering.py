"""A LiveKit that only answers, and the page before it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from livekit import api

from granny.page.livekit_line import livekit_line
from keeping import by_heart
from page.visiting import ANNA, OUTSIDE, SECRET, Visitor, settings, visited

KEY, LIVEKIT_SECRET = "APIFAKEfakeFAKE", "livekitFAKEsecret" * 2


@dataclass
class LiveKit:
    """Makes, lists and ends rooms; and a socket at which each joins.

    Attributes:
        rooms: those that are there, by their names.
        status: of its answers.
        ended: the rooms that it was asked to end, in order.
        asked, shown: the paths of all requests, and who they said they were.
        breaks_off: how many of the next connections end without an answer.
    """

    rooms: dict[str, api.CreateRoomRequest] = field(default_factory=dict)
    status: int = 200
    ended: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    breaks_off: int = 0
    url: str = ""
    dead: int = 0
    """So many of the next rooms are given to a node that has died."""

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(request.path)
        self.shown.append(request.headers.get("Authorization", ""))
        if self.breaks_off and isinstance(request.transport, asyncio.Transport):
            self.breaks_off -= 1
            request.transport.abort()
        if request.path.startswith("/rtc"):
            return await self.join(request)
        if self.status != 200:
            return web.json_response({"code": "unavailable", "msg": "no"}, status=self.status)
        done = self.done(await request.read(), request.path)
        if request.path.endswith("CreateRoom") and self.dead:
            self.dead -= 1
            await asyncio.Event().wait()
        return web.Response(body=done.SerializeToString())

    def done(self, body: bytes, path: str) -> Any:
        method = path.rpartition("/")[2]
        if method == "CreateRoom":
            made = api.CreateRoomRequest.FromString(body)
            self.rooms[made.name] = made
            return api.Room(name=made.name)
        if method == "ListRooms":
            names = api.ListRoomsRequest.FromString(body).names
            return api.ListRoomsResponse(rooms=[api.Room(name=name) for name in names if name in self.rooms])
        self.ended.append(api.DeleteRoomRequest.FromString(body).room)
        self.rooms.pop(self.ended[-1], None)
        return api.DeleteRoomResponse()

    async def join(self, request: web.BaseRequest) -> web.StreamResponse:
        """Says what it hears, twice; the words "go" end it."""
        if request.path.endswith("/validate"):
            return web.Response(status=401, text=f"no: {request.query_string}")
        if self.status != 200:
            return web.Response(status=self.status)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.data == "go":
                break
            await (socket.send_bytes if isinstance(message.data, bytes) else socket.send_str)(2 * message.data)
        await socket.close()
        return socket


@contextlib.asynccontextmanager
async def answering() -> AsyncIterator[LiveKit]:
    made = LiveKit()
    runner = web.ServerRunner(web.Server(made.answer), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"ws://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@contextlib.asynccontextmanager
async def calling(livekit: LiveKit, **more: str) -> AsyncIterator[Visitor]:
    links = {SECRET: ANNA}
    variables = {
        "LIVEKIT_URL": livekit.url,
        "LIVEKIT_API_KEY": KEY,
        "LIVEKIT_API_SECRET": LIVEKIT_SECRET,
        **more,
    }
    async with (
        livekit_line(settings(**variables), by_heart(links)) as line,
        visited(line, variables, links=links) as page,
    ):
        yield page


async def call(page: Visitor, secret: str = SECRET, *, origin: str = OUTSIDE) -> tuple[int, dict[str, str]]:
    status, _, body = await page.ask("POST", "/call", secret=secret, Origin=origin)
    return status, json.loads(body)


async def until(is_so: Callable[[], bool]) -> None:
    """Nothing tells of it from outside, so it is looked at again and again."""
    for _ in range(2000):
        if is_so():
            return
        await asyncio.sleep(0.005)
    raise AssertionError
