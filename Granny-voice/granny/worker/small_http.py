"""A small HTTP server that a crowd cannot silence: few connections, little time, nothing of itself told.

Whoever opens more connections than it holds loses their oldest; a request that is not asked whole within seconds is cut
off. A request that cannot be read is answered with 400, and is no event: anybody could fill the log with them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

CONNECTIONS = 128
"""The most that are open at once; far fewer than the files that a process may open."""
ASK_SECONDS = 5.0
"""How long a connection may stay without a whole request, the first as well as the next."""
_ACCEPTED_AT_ONCE = 32
"""In one turn of the event loop: fewer than `CONNECTIONS`, so that a whole request is read before its turn to go."""
_NAME = "Granny"
_METHODS = ("GET", "HEAD")
_ALL_ADDRESSES = "::"

Page = Callable[[], Awaitable[web.Response]]

logger = logging.getLogger("granny.health")


class _Readable(logging.Filter):
    """Lets nothing pass that is about a request which could not be read."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


logger.addFilter(_Readable())


class _Handler(web.RequestHandler):
    """aiohttp's, whose errors do not tell its version either."""

    __slots__ = ()

    def handle_error(self, *arguments: Any, **options: Any) -> web.StreamResponse:  # noqa: ANN401  aiohttp's own
        answer = super().handle_error(*arguments, **options)
        answer.headers["Server"] = _NAME
        return answer


class _Server(web.Server):
    """Makes a handler for each connection, and has the oldest make room when there are too many."""

    def __init__(self, pages: Mapping[str, Page]) -> None:
        super().__init__(self._answer)
        self._pages = pages
        self._latest: deque[_Handler] = deque()

    def __call__(self) -> web.RequestHandler:
        if len(self._latest) >= CONNECTIONS:
            _cut_off(self._latest.popleft())
        handler = _Handler(
            self,
            loop=asyncio.get_running_loop(),
            logger=logger,
            access_log=None,  # type: ignore[arg-type]  # None means none
            keepalive_timeout=ASK_SECONDS,  # counts from the connection's first moment, too
            lingering_time=0,
        )
        self._latest.append(handler)
        return handler

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        page = self._pages.get(request.path)
        if request.method not in _METHODS:
            answer = web.Response(status=HTTPStatus.METHOD_NOT_ALLOWED)
        elif page is None:
            answer = web.Response(status=HTTPStatus.NOT_FOUND)
        else:
            answer = await page()
        answer.headers["Server"] = _NAME
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _cut_off(handler: web.RequestHandler) -> None:
    """At once, whatever is still to be sent."""
    if isinstance(handler.transport, asyncio.Transport):
        handler.transport.abort()


@contextlib.asynccontextmanager
async def serving(host: str, port: int, pages: Mapping[str, Page]) -> AsyncIterator[int]:
    """Serve the pages, by their paths, for the length of the `async with`.

    Args:
        host: an address of this machine; `::` means all, IPv4's too.
        port: 0 takes any free one.
        pages: each makes its answer anew.

    Yields:
        The port.

    Raises:
        OSError: address and port cannot be had.
    """
    runner = web.ServerRunner(_Server(pages))
    await runner.setup()
    try:
        site = web.TCPSite(runner, None if host == _ALL_ADDRESSES else host, port, backlog=_ACCEPTED_AT_ONCE)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
