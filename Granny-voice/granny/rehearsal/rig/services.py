"""The services that a family's alerts go to, on 127.0.0.1: a web hook, and a watch over a heartbeat."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from typing_extensions import Self

_HOST = "127.0.0.1"
_HOOK, _BEAT = "/hook/", "/beat/"


@dataclass(slots=True)
class Services:
    """Both, on one port, for the length of an `async with`.

    Attributes:
        status: with which each request is answered; another than 200 refuses it.
        letters: what the web hook has taken, as Apprise's `json://` sends it.
        refused: how many letters it has not.
        beats: what the heartbeat's watch has taken: `""`, `/start`, `/fail`.
        came: set at each request, for whoever waits.
        port: where it listens; 0 takes any free one. It stays the same after a pause.
    """

    status: int = 200
    letters: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0
    beats: list[str] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    _runner: web.ServerRunner | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def open(self) -> None:
        """Listen, after a pause on the same port."""
        self._runner = web.ServerRunner(web.Server(self._answer, access_log=None))
        await self._runner.setup()
        await web.TCPSite(self._runner, _HOST, self.port).start()
        self.port = self._runner.addresses[0][1]

    async def aclose(self) -> None:
        """Listen no more."""
        if self._runner:
            await self._runner.cleanup()
        self._runner = None

    def hook(self, secret: str) -> str:
        """An address for GRANNY_ALERTS, with a secret in it, and one in front of the host."""
        return f"json://granny:{secret}@{_HOST}:{self.port}{_HOOK}{secret}"

    def beat(self, secret: str) -> str:
        """An address for GRANNY_HEARTBEAT_URL."""
        return f"http://{_HOST}:{self.port}{_BEAT}{secret}"

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path.startswith(_HOOK):
            await self._take(request)
        elif request.path.startswith(_BEAT) and self.status == web.HTTPOk.status_code:
            _, _, what = request.path.removeprefix(_BEAT).partition("/")
            self.beats.append(f"/{what}" if what else "")
        self.came.set()
        return web.Response(status=self.status, text="not for reading")

    async def _take(self, request: web.BaseRequest) -> None:
        if self.status == web.HTTPOk.status_code:
            self.letters.append(await request.json())
        else:
            self.refused += 1
