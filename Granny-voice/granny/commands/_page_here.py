"""Her page and her worker in one process, for as long as somebody wants to talk: what `make talk` comes to."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NoReturn

from livekit.agents.cli.log import setup_logging

from granny.config.settings import Settings
from granny.faults import ExitCode
from granny.page.family import HowSheIs, Now, now_of
from granny.page.lines import Line, Who
from granny.page.livekit_line import livekit_line
from granny.page.server import House, serving
from granny.page.socket_line import socket_line
from granny.people import People
from granny.store.link import Link
from granny.worker.exchange import Exchange

if TYPE_CHECKING:
    from granny.worker.server import GrannyServer

_SECRET_BYTES = 16
_JOIN = "on the page whose address comes next"


class _RefusedError(Exception):
    """No call can be held; she has said why."""

    def __init__(self, code: ExitCode) -> None:
        super().__init__(code)
        self.code = code


@dataclasses.dataclass(frozen=True, slots=True)
class Way:
    """By which way she is to be called here.

    Attributes:
        settings: hers.
        people: who may be known.
        by_livekit: whether her calls go by a LiveKit server, that of the settings; else by the page's own server.
        is_rehearsal: whether it is a stand-in that speaks.
        tell: is told the page's address, with the link of this run, as soon as she would answer.
        others: whose link a secret is that is not of this run; None where nobody but who sits here may call.
    """

    settings: Settings
    people: People
    by_livekit: bool
    is_rehearsal: bool
    tell: Callable[[str], None]
    others: Who | None = None


async def hold(way: Way) -> int:
    """Check up, take calls, and serve the page until told to stop; the exit status where she does not start."""
    setup_logging("WARNING", devmode=True, console=False)
    logging.getLogger("livekit.agents").setLevel(logging.ERROR)  # its remarks on a busy machine are for developers
    server, exchange = _server()
    ready = asyncio.Event()
    server.once("worker_registered" if way.by_livekit else "worker_started", lambda *_: ready.set())
    running = asyncio.create_task(server.run(devmode=True, unregistered=not way.by_livekit))
    try:
        await _until(ready, running)
        async with _page(way, server, exchange) as address:
            way.tell(address)
            await _over(running, server)
    except _RefusedError as refused:
        return refused.code
    finally:
        await server.aclose()
        if not ready.is_set():  # in the check-up there is nothing yet to be closed
            running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return ExitCode.OK


def _server() -> tuple[GrannyServer, Exchange]:
    from agent import server  # noqa: PLC0415  it takes its time, and reads what the environment says by then

    exchange = Exchange(server)
    server.features = (*server.features, exchange.subscribe)
    server.join = _JOIN
    server.leave = _refuse
    return server, exchange


def _refuse(code: ExitCode) -> NoReturn:
    raise _RefusedError(code)


async def _until(ready: asyncio.Event, running: asyncio.Task[None]) -> None:
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait((waiting, running), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if running.done():
        running.result()


async def _over(running: asyncio.Task[None], server: GrannyServer) -> None:
    """Until she stops by herself; a stop from outside ends her calls while their way is still there."""
    try:
        await asyncio.wait([running])
    finally:
        await server.aclose()
    running.result()


@contextlib.asynccontextmanager
async def _page(way: Way, server: GrannyServer, exchange: Exchange) -> AsyncIterator[str]:
    """Her page, with a link for who sits here, which is good for this run alone."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    link = Link("", "", datetime.now(timezone.utc))

    async def who(said: str) -> Link | None:
        if secrets.compare_digest(said.encode(errors="replace"), secret.encode()):
            return link
        return await way.others(said) if way.others else None

    async def how_she_is() -> Now:
        return now_of(dataclasses.asdict(server.health()))

    async with _line(way, who, exchange) as line, _served(way, who, line, how_she_is) as port:
        yield f"http://127.0.0.1:{port}/#{secret}"


def _line(way: Way, who: Who, exchange: Exchange) -> contextlib.AbstractAsyncContextManager[Line]:
    return livekit_line(way.settings, who) if way.by_livekit else socket_line(who, exchange.ring)


@contextlib.asynccontextmanager
async def _served(way: Way, who: Who, line: Line, how_she_is: HowSheIs) -> AsyncIterator[int]:
    """On the usual port, for which a browser remembers the microphone; where that is taken on any other."""

    def at(port: int) -> House:
        url = way.settings.page_url if way.others else None
        here = way.settings.model_copy(update={"page_host": "127.0.0.1", "page_url": url, "page_port": port})
        return House(here, way.people, who, line, is_rehearsal=way.is_rehearsal, how_she_is=how_she_is)

    async with contextlib.AsyncExitStack() as stack:
        try:
            port = await stack.enter_async_context(serving(at(way.settings.page_port)))
        except OSError:
            port = await stack.enter_async_context(serving(at(0)))
        yield port
