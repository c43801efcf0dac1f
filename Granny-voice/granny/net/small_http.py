"""A small HTTP server that a crowd cannot silence: few connections, little time, nothing of itself told.

Whoever opens more connections than it holds loses the oldest that is not just being answered; a request that is not
asked whole within seconds is cut off. A request that cannot be read is answered with 400, and is no event: anybody
could fill the log with them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

CONNECTIONS = 256
"""The most that wait for a request at once; far fewer than the files that a process may open."""
ASK_SECONDS = 5.0
"""How long a connection may stay without a whole request, the first as well as the next."""
_ACCEPTED_AT_ONCE = 32
"""In one turn of the event loop: fewer than `CONNECTIONS`, so that a whole request is read before its turn to go."""
_LONGEST_LINE = 16 * 1024
"""Of a request: a browser's first words to LiveKit stand in its address."""
_LEAVING_SECONDS = 1.0
"""For those who are just being answered, when it ends."""
_NAME = "Granny"
_ALL_ADDRESSES = "::"

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
"""What is said to one request; as long as it takes, the connection is nobody's to cut off."""

logger = logging.getLogger("granny.http")


class _Readable(logging.Filter):
    """Lets nothing pass that is about a request which could not be read."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


logger.addFilter(_Readable())


class _Handler(web.RequestHandler):
    """aiohttp's, whose errors do not tell its version either."""

    __slots__ = ("_on_lost",)

    def __init__(self, server: _Server, *, on_lost: Callable[[_Handler], None]) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            logger=logger,
            access_log=None,  # type: ignore[arg-type]  # None means none
            keepalive_timeout=ASK_SECONDS,  # counts from the connection's first moment, too
            lingering_time=0,
            max_line_size=_LONGEST_LINE,
        )
        self._on_lost = on_lost

    def connection_lost(self, error: BaseException | None) -> None:
        self._on_lost(self)
        super().connection_lost(error)

    def handle_error(self, *arguments: Any, **options: Any) -> web.StreamResponse:  # noqa: ANN401  aiohttp's own
        answer = super().handle_error(*arguments, **options)
        answer.headers["Server"] = _NAME
        return answer


class _Server(web.Server):
    """Makes a handler for each connection, and has the oldest make room when too many wait."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(self._answered)
        self._answer = answer
        self._waiting: dict[web.RequestHandler, None] = {}

    def __call__(self) -> web.RequestHandler:
        if len(self._waiting) >= CONNECTIONS:
            oldest = next(iter(self._waiting))
            self._forget(oldest)
            _cut_off(oldest)
        handler = _Handler(self, on_lost=self._forget)
        self._waiting[handler] = None
        return handler

    async def _answered(self, request: web.BaseRequest) -> web.StreamResponse:
        self._forget(request.protocol)
        try:
            answer = await self._answer(request)
        finally:
            if request.transport is not None:
                self._waiting[request.protocol] = None
        if not answer.prepared:
            answer.headers["Server"] = _NAME
        return answer

    def _forget(self, handler: web.RequestHandler) -> None:
        self._waiting.pop(handler, None)


def _cut_off(handler: web.RequestHandler) -> None:
    """At once, whatever is still to be sent."""
    if isinstance(handler.transport, asyncio.Transport):
        handler.transport.abort()


@contextlib.asynccontextmanager
async def serving(host: str, port: int, answer: Answer) -> AsyncIterator[int]:
    """Answer whoever asks, for the length of the `async with`.

    Args:
        host: an address of this machine; `::` means all, IPv4's too.
        port: 0 takes any free one.
        answer: is asked for each request.

    Yields:
        The port.

    Raises:
        OSError: address and port cannot be had.
    """
    runner = web.ServerRunner(_Server(answer), shutdown_timeout=_LEAVING_SECONDS)
    await runner.setup()
    try:
        site = web.TCPSite(runner, None if host == _ALL_ADDRESSES else host, port, backlog=_ACCEPTED_AT_ONCE)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
