"""A browser's signalling passed on to LiveKit, so that one name and one certificate serve page and call."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping
from http import HTTPStatus

import aiohttp
from aiohttp import web

from granny.page._asking import bearer
from granny.page._open_calls import OpenCall, OpenCalls
from granny.page.lines import Route
from granny.rooms.asking import TROUBLES

_JOIN, _VALIDATE = ("/rtc", "/rtc/v1"), ("/rtc/validate", "/rtc/v1/validate")
"""LiveKit's paths, for a browser's older and newer client; its API is not among them."""
_LARGEST_MESSAGE = 1024 * 1024
_PATIENCE_SECONDS = 10.0
_PARTING_SECONDS = 1.0


class Signalling:
    """The way from the browsers to LiveKit.

    Args:
        session: by which LiveKit is reached.
        url: its address.
        calls: into whose rooms somebody may come.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, calls: OpenCalls) -> None:
        self._session, self._calls = session, calls
        self._url = re.sub("^ws", "http", url).rstrip("/")

    def routes(self, prefix: str) -> Mapping[tuple[str, str], Route]:
        """What is passed on, below this path."""
        joining = {("GET", prefix + path): self._joining(path) for path in _JOIN}
        return joining | {("GET", prefix + path): self._asking_why(path) for path in _VALIDATE}

    def _joining(self, path: str) -> Route:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            if not web.WebSocketResponse().can_prepare(request):
                return web.Response(status=HTTPStatus.UPGRADE_REQUIRED)
            try:
                call = await self._calls.entered_with(_token(request))
                return await self._joined(request, path, call) if call else web.Response(status=HTTPStatus.FORBIDDEN)
            except aiohttp.WSServerHandshakeError as error:
                return web.Response(status=error.status)
            except TROUBLES:
                return web.Response(status=HTTPStatus.BAD_GATEWAY)

        return answer

    async def _joined(self, request: web.BaseRequest, path: str, call: OpenCall) -> web.StreamResponse:
        call.sockets += 1
        try:
            asked = self._session.ws_connect(
                self._address(request, path), headers=_pass(request), max_msg_size=_LARGEST_MESSAGE
            )
            async with await asyncio.wait_for(asked, _PATIENCE_SECONDS) as livekit:
                call.is_entered = True
                browser = web.WebSocketResponse(max_msg_size=_LARGEST_MESSAGE, compress=False, timeout=_PARTING_SECONDS)
                await browser.prepare(request)
                await _both_ways(browser, livekit)
        finally:
            call.sockets -= 1
        return browser

    def _asking_why(self, path: str) -> Route:
        """Why somebody is not let in: the status alone, for LiveKit's words may hold the token."""

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            if not self._calls.has(_token(request)):
                return web.Response(status=HTTPStatus.FORBIDDEN)
            try:
                return web.Response(status=await asyncio.wait_for(self._status(request, path), _PATIENCE_SECONDS))
            except TROUBLES:
                return web.Response(status=HTTPStatus.BAD_GATEWAY)

        return answer

    async def _status(self, request: web.BaseRequest, path: str) -> int:
        async with self._session.get(self._address(request, path), headers=_pass(request)) as told:
            return told.status

    def _address(self, request: web.BaseRequest, path: str) -> str:
        return f"{self._url}{path}?{request.query_string}"


def _token(request: web.BaseRequest) -> str:
    """That by which LiveKit goes: first a header's; a browser, which sends none, has it in its address."""
    return bearer(request) or request.query.get("access_token", "")


def _pass(request: web.BaseRequest) -> dict[str, str]:
    """What the client shows to LiveKit beside its address."""
    words = request.headers.get("Authorization")
    return {"Authorization": words} if words else {}


async def _both_ways(browser: web.WebSocketResponse, livekit: aiohttp.ClientWebSocketResponse[bool]) -> None:
    """Until one of the two has hung up."""
    ways = [asyncio.create_task(_one_way(browser, livekit)), asyncio.create_task(_one_way(livekit, browser))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        await browser.close()


async def _one_way(
    source: web.WebSocketResponse | aiohttp.ClientWebSocketResponse[bool],
    target: web.WebSocketResponse | aiohttp.ClientWebSocketResponse[bool],
) -> None:
    with contextlib.suppress(ConnectionError, aiohttp.ClientError):  # the other one has hung up
        async for message in source:
            if message.type is aiohttp.WSMsgType.BINARY:
                await target.send_bytes(message.data)
            elif message.type is aiohttp.WSMsgType.TEXT:
                await target.send_str(message.data)
