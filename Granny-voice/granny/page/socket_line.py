"""The line without LiveKit, on one machine: at the tap her job is sent for, and the browser's socket joins it.

Sound goes as it is, over TCP: on one machine nothing of it is lost or late, elsewhere each lost packet would be heard.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from aiohttp import web

from granny import faults
from granny.page._asking import TOO_MANY_CALLS, by_link, door, refusal
from granny.page._crowd import Tally
from granny.page._talk import Talk
from granny.page.lines import Route, Who
from granny.rooms.roomless import FRAME_BYTES, Address
from granny.store.link import Link

AT_ONCE = 2
"""Calls: whoever calls again while the last call is still ending is let in."""
_COMING_SECONDS = 10.0
"""How long the browser and the job may each take to come."""
_END_SECONDS = 2.0
"""How long the worker may take to find out of what a job died."""
_TICKET_BYTES = 16
_HEARTBEAT_SECONDS = 10.0
_HERE = "127.0.0.1"
_TALK = "/talk"

logger = logging.getLogger("granny.page")

End = asyncio.Future["str | None"]
"""What becomes the slug of the fault by which a call has ended, or None."""
Ring = Callable[[Address, str], Awaitable[End]]
"""Sends a job for a person to an address."""


@contextlib.asynccontextmanager
async def socket_line(who: Who, ring: Ring) -> AsyncIterator[SocketLine]:
    """The line to a worker that rings so, for the length of the `async with`."""
    line = SocketLine(who, ring)
    try:
        yield line
    finally:
        await line.aclose()


class SocketLine:
    """Calls that go through the page's own server.

    Attributes:
        name: by which the site knows what to load.
    """

    name = "socket"
    to_cloud = False

    def __init__(self, who: Who, ring: Ring) -> None:
        self._ring = ring
        self._refused = Tally("too many calls")
        self._calls: dict[str, _Call] = {}
        self._going_on: set[asyncio.Task[None]] = set()
        self.routes: Mapping[tuple[str, str], Route] = {
            ("POST", "/call"): by_link(who, self._begin),
            ("GET", _TALK): self._join,
        }

    def expect(self, link: Link) -> None:
        """Her process is ready since before the page was there."""

    async def aclose(self) -> None:
        """End all calls."""
        for task in self._going_on:
            task.cancel()
        await asyncio.gather(*self._going_on, return_exceptions=True)

    async def _begin(self, request: web.BaseRequest, link: Link) -> web.Response:
        """The tap: she is sent for, and the browser has a ticket for this one call, in the form of LiveKit's answer."""
        if len(self._calls) >= AT_ONCE:
            self._refused.count(link=link.id)
            return refusal(TOO_MANY_CALLS)
        ticket, call = secrets.token_urlsafe(_TICKET_BYTES), _Call()
        self._calls[ticket] = call
        going_on = asyncio.create_task(self._hold(call, link.person))
        self._going_on.add(going_on)
        going_on.add_done_callback(self._going_on.discard)
        going_on.add_done_callback(lambda _: self._over(ticket))
        return door(request, ticket, path=_TALK)

    def _over(self, ticket: str) -> None:
        self._calls.pop(ticket).over.set()

    async def _join(self, request: web.BaseRequest) -> web.WebSocketResponse:
        browser = web.WebSocketResponse(heartbeat=_HEARTBEAT_SECONDS, max_msg_size=2 * FRAME_BYTES, compress=False)
        await browser.prepare(request)
        call = await self._call_of(browser)
        if call:
            call.browser.set_result(browser)
            await call.over.wait()
        await browser.close()
        return browser

    async def _call_of(self, browser: web.WebSocketResponse) -> _Call | None:
        """The call for which the browser has a ticket, which is good once."""
        try:
            ticket = await browser.receive_str(timeout=_COMING_SECONDS)
        except (TypeError, asyncio.TimeoutError):  # it said something else, or nothing
            return None
        call = self._calls.get(ticket)
        return call if call and not call.browser.done() else None

    async def _hold(self, call: _Call, person: str) -> None:
        try:
            # closed as soon as both are there, and not waited for: from Python 3.12 on it waits for who has come by it
            with contextlib.closing(await asyncio.start_server(call.dialled, _HERE, 0)) as listener:
                call.address = Address(listener.sockets[0].getsockname()[1])
                end = await self._ring(call.address, person)
                is_whole = await call.is_whole(end)
            if is_whole:
                await _talk(call, end)
        except OSError as error:
            logger.info("the page has gone", extra={"error": type(error).__name__})
        except Exception:
            logger.exception("a call could not be held")
        finally:
            call.hang_up()


class _Call:
    """A call from its tap to its end.

    Attributes:
        address: where its job is to come.
        browser, job: its two ends, once they are there.
        over: set at its end.
    """

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.address = Address(0)
        self.browser: asyncio.Future[web.WebSocketResponse] = loop.create_future()
        self.job: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = loop.create_future()
        self.over = asyncio.Event()

    async def dialled(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Somebody has come to the address; any program on the machine may, and say nothing."""
        with contextlib.suppress(asyncio.TimeoutError):
            is_job = await asyncio.wait_for(self.address.is_dialled(reader), _COMING_SECONDS)
            if is_job and not self.job.done():
                self.job.set_result((reader, writer))
                return
        writer.close()

    async def is_whole(self, end: End) -> bool:
        """Wait for both ends; False if one does not come."""
        both = asyncio.gather(self.browser, self.job)
        await asyncio.wait((both, end), timeout=_COMING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if both.done():
            return True
        both.cancel()
        missing = [name for name, one in (("browser", self.browser), ("job", self.job)) if not one.done()]
        logger.warning("a call did not come about", extra={"missing": missing})
        return False

    def hang_up(self) -> None:
        """On the job, which ends by it."""
        if self.job.done() and not self.job.cancelled():
            self.job.result()[1].close()


async def _talk(call: _Call, end: End) -> None:
    """Until one of the two has gone; the page is told why if it is she."""
    talk = Talk(call.browser.result(), *call.job.result())
    if not await talk.hold():
        return
    await asyncio.wait([end], timeout=_END_SECONDS)
    fault = end.result() if end.done() else None
    if fault != faults.JOB_DIED.slug:
        await talk.play_out()
    if fault:
        await talk.show("fault", slug=fault, ends=True)
    await talk.show("closed", reason="ended")
