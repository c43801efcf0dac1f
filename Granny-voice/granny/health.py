"""The worker's page for those who watch over it: whether a caller would be answered now, and the metrics."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from enum import Enum
from http import HTTPStatus

import aiohttp
from aiohttp import web
from livekit.agents.telemetry.http_server import HttpServer


class Status(str, Enum):
    """How the worker is; only with `OK` would a call be answered."""

    OK = "ok"
    STARTING = "starting"
    STOPPING = "stopping"
    UNREGISTERED = "unregistered"
    """LiveKit does not know it at the moment."""
    FAULT = "fault"
    """OpenAI was last seen to fail."""
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Health:
    """The page's content.

    Attributes:
        status: how the worker is.
        fault: the slug, if it is a fault.
    """

    status: Status
    fault: str | None = None


@contextlib.asynccontextmanager
async def health_page(
    host: str, port: int, *, health: Callable[[], Health], framework_port: Callable[[], int]
) -> AsyncIterator[int]:
    """Serve `/` (200 or 503), `/metrics`, and the framework's `/worker`, for the length of the `async with`.

    Args:
        host: the address to listen on; empty means all.
        port: 0 takes any free one.
        health: asked at each request.
        framework_port: where the framework's own page is on 127.0.0.1; it says OK long before a call could be
            answered, and is passed on for `/worker` alone. 0 means nowhere.

    Yields:
        The port.

    Raises:
        OSError: the port is taken.
    """

    async def answer(_request: web.Request) -> web.Response:
        now = health()
        status = HTTPStatus.OK if now.status is Status.OK else HTTPStatus.SERVICE_UNAVAILABLE
        return web.json_response(asdict(now), status=status, headers={"Cache-Control": "no-store"})

    async def worker(_request: web.Request) -> web.Response:
        return await _passed_on(framework_port())

    server = HttpServer(host, port)  # it brings /metrics with it
    server.app.add_routes([web.get("/", answer), web.get("/worker", worker)])
    await server.start()
    try:
        yield server.port
    finally:
        await server.aclose()


async def _passed_on(port: int) -> web.Response:
    """What the framework's own page says at `/worker`."""
    try:
        async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}/worker") as answer:
            body = await answer.read()
            return web.Response(status=answer.status, body=body, content_type=answer.content_type)
    except aiohttp.ClientError:
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
