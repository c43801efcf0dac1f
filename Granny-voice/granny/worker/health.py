"""The worker's page for those who watch over it: whether a caller would be answered now, and the metrics."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from http import HTTPStatus

import aiohttp
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from granny.net import small_http
from granny.worker.metrics import HEALTH, WARNING, exposition


class Status(str, Enum):
    """How the worker is; only with `OK` would a call be answered."""

    OK = "ok"
    STARTING = "starting"
    STOPPING = "stopping"
    UNREGISTERED = "unregistered"
    """LiveKit does not know it at the moment."""
    FAULT = "fault"
    """OpenAI was last seen to fail."""
    APOLOGISING = "apologising"
    """OpenAI has not been seen well since the worker began (GRANNY_PREFLIGHT=apologise)."""
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Health:
    """The page's content.

    Attributes:
        status: how the worker is.
        fault: the slug of OpenAI's fault, or of what keeps LiveKit away.
        warnings: the slugs of what is wrong beside the calls, which go on all the same.
    """

    status: Status
    fault: str | None = None
    warnings: tuple[str, ...] = ()


NOT_READY = (Status.STARTING, Status.STOPPING, Status.UNREGISTERED, Status.APOLOGISING)
"""A full worker is ready, and so is one with a fault: it tells callers to whom no other comes.

One that began with it is not: an update that brings a wrong key stops at its first worker.
"""


def health_page(
    host: str, port: int, *, health: Callable[[], Health], framework_port: Callable[[], int]
) -> contextlib.AbstractAsyncContextManager[int]:
    """Serve the pages for the length of an `async with`, which gives the port.

        /         for people: 200 only if a call would be answered now, else 503
        /live     200 as long as the event loop turns: for whoever would restart the worker
        /ready    200 if it is registered, not stopping and was well once, else 503: for whoever replaces one worker by
                  another
        /metrics  for Prometheus
        /worker   the framework's

    Args:
        host: the address to listen on; `::` means all.
        port: 0 takes any free one.
        health: asked at each request.
        framework_port: where the framework's own page is on 127.0.0.1; it says OK long before a call could be
            answered, and is passed on for `/worker` alone. 0 means nowhere.

    Raises:
        OSError: address and port cannot be had.
    """

    async def people() -> web.Response:
        return _told(health(), is_well=health().status is Status.OK)

    async def live() -> web.Response:
        return web.Response(text="live")

    async def ready() -> web.Response:
        return _told(health(), is_well=health().status not in NOT_READY)

    async def figures() -> web.Response:
        _count(health())
        text = await asyncio.to_thread(exposition)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def worker() -> web.Response:
        return await _passed_on(framework_port())

    pages = {"/": people, "/live": live, "/ready": ready, "/metrics": figures, "/worker": worker}
    return small_http.serving(host, port, functools.partial(_answer, pages))


async def _answer(pages: Mapping[str, Callable[[], Awaitable[web.Response]]], request: web.BaseRequest) -> web.Response:
    page = pages.get(request.path)
    if request.method not in ("GET", "HEAD"):
        answer = web.Response(status=HTTPStatus.METHOD_NOT_ALLOWED)
    elif page is None:
        answer = web.Response(status=HTTPStatus.NOT_FOUND)
    else:
        answer = await page()
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _count(health: Health) -> None:
    """As a figure, for whoever looks at many workers."""
    for status in Status:
        HEALTH.labels(status.value).set(status is health.status)
    WARNING.clear()
    for slug in health.warnings:
        WARNING.labels(slug).set(1)


def _told(health: Health, *, is_well: bool) -> web.Response:
    return web.json_response(asdict(health), status=HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE)


async def _passed_on(port: int) -> web.Response:
    """What the framework's own page says at `/worker`."""
    try:
        async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}/worker") as answer:
            body = await answer.read()
            return web.Response(status=answer.status, body=body, content_type=answer.content_type)
    except aiohttp.ClientError:
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
