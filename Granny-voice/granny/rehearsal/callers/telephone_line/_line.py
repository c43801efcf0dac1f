"""A telephone's socket: whose call a message belongs to, ringing, and being rung."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import cast

from granny.rehearsal.callers.telephone_line import _message
from granny.rehearsal.callers.telephone_line._call import Call, DialledCall, IncomingCall
from granny.rehearsal.callers.telephone_line._dialog import Account, dialled, rung
from granny.rehearsal.callers.telephone_line._message import Message
from granny.rehearsal.callers.telephone_line._sound import open_sound

_TRYING, _GONE = 100, 481


class TelephoneLine(asyncio.DatagramProtocol):
    """One line, with a number; made by `telephone_line`.

    Attributes:
        number: what the other end is told of who rings, as a provider would write it.
        address: host:port, at which it is rung.
    """

    def __init__(self, number: str, bridge: str, account: Account | None) -> None:
        self.number = number
        self.address = ""
        self._bridge = bridge
        self._account = account
        self._calls: dict[str, Call] = {}
        self._rung: asyncio.Queue[IncomingCall] = asyncio.Queue()
        self._sent: dict[tuple[str, str], Message] = {}
        """The last answer to each request, for when it is asked once more."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None

    async def ring(self, number: str) -> DialledCall:
        """Dial a number; returns as soon as it has been dialled."""
        dialog = dialled(self.address, self._bridge, own=self.number, other=number)
        call = DialledCall(dialog, await open_sound(), self._send, self._account)
        self._calls[dialog.call_id] = call
        return call

    async def rung(self) -> IncomingCall:
        """Wait until somebody dials this line."""
        return await self._rung.get()

    async def close(self) -> None:
        """Put the receiver down, and pull the plug."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for call in self._calls.values():
            call.hang_up()
            call.close()
        if self._transport:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As asyncio has it."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.address = "{}:{}".format(*transport.get_extra_info("sockname"))

    def datagram_received(self, data: bytes, _address: tuple[str, int]) -> None:
        """As asyncio has it."""
        if data.strip():  # else it is only to keep the line open
            self._take(_message.decode(data))

    def _take(self, message: Message) -> None:
        if not message.status and (before := self._sent.get((message.branch, message.method))):
            self._transmit(before)
        elif call := self._calls.get(message.get("call-id")):
            call.take(message)
        elif message.method == "INVITE" and not message.status:
            self._on_invite(message)
        elif not message.status and message.method != "ACK":
            self._send(_message.answer(message, _GONE, tag="none", contact=f"<sip:{self.address}>"))

    def _on_invite(self, invite: Message) -> None:
        dialog = rung(self.address, invite)
        self._send(_message.answer(invite, _TRYING, tag=dialog.tag, contact=dialog.contact))

        async def open_call() -> None:
            call = IncomingCall(dialog, await open_sound(), self._send, invite)
            self._calls[dialog.call_id] = call
            self._rung.put_nowait(call)

        self._spawn(open_call())

    def _send(self, message: Message) -> None:
        if message.status:
            self._sent[message.branch, message.method] = message
        self._transmit(message)

    def _transmit(self, message: Message) -> None:
        host, _, port = self._bridge.rpartition(":")
        if self._transport:
            self._transport.sendto(message.encode(), (host, int(port)))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@contextlib.asynccontextmanager
async def telephone_line(bridge: str, *, number: str, account: Account | None = None) -> AsyncIterator[TelephoneLine]:
    """A telephone on a port of its own of 127.0.0.1, which is hung up and unplugged at the end.

    Args:
        bridge: host:port of the SIP service it rings, and is rung by.
        number: its own, as the provider writes it; "anonymous": withheld.
        account: what it logs in with, where that is asked.
    """
    line = TelephoneLine(number, bridge, account)
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: line, local_addr=("127.0.0.1", 0))
    try:
        yield line
    finally:
        await line.close()
