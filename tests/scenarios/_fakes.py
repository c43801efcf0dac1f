"""Tiny servers on 127.0.0.1 that misbehave in one way each, certificates among them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from unittest import mock

import trustme

SWITCHED = "HTTP/1.1 101 Switching Protocols\r\n"
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TLS_GREETING = b"\x16"

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Answer = Callable[[str], bytes]


@contextlib.asynccontextmanager
async def listening(handler: Handler, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A TCP server; yields its port."""

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            await handler(reader, writer)
        with contextlib.suppress(OSError):
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def http(answer: Answer) -> Handler:
    """Answers every request's head, then closes; to a TLS greeting it answers at once, as real servers do."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        start = await reader.readexactly(1)
        head = start if start == _TLS_GREETING else start + await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(head.decode("latin-1")))
        await writer.drain()

    return handle


def banner(line: bytes) -> Handler:
    """Speaks first, as SSH does."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(line)
        await writer.drain()
        await reader.read(100)

    return handle


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Takes everything, answers nothing."""
    while await reader.read(4096):
        pass


async def closing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Hangs up after the first bytes."""
    await reader.read(4096)


_HOST_LINE = re.compile(rb"\r\nHost: [^\r]*\r\n")
TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"


def tunnelling(handler: Handler) -> Handler:
    """A proxy that opens its tunnel, and what happens in it."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(TUNNEL)
        await writer.drain()
        await handler(reader, writer)

    return handle


def forwarding(host: str) -> Handler:
    """A proxy for what is not encrypted; whatever host is asked for, this one answers."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, url, version = (await reader.readline()).split()
        name, _, port = host.partition(":")
        theirs, ours = await asyncio.open_connection(name, int(port))
        ours.write(b" ".join((method, b"/" + url.split(b"/", 3)[3], version)) + b"\r\n")
        try:
            await asyncio.gather(_passed_on(reader, ours, host=host), _passed_on(theirs, writer))
        finally:
            ours.close()

    return handle


async def _passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, host: str = "") -> None:
    """To the end; each request with this host's name, for who is asked under another may be deaf to it."""
    named = f"\r\nHost: {host}\r\n".encode()
    while data := await reader.read(4096):
        writer.write(_HOST_LINE.sub(named, b"\r\n" + data)[2:] if host else data)
        await writer.drain()
    writer.close()


def response(
    status: int, body: str = "", *, headers: Mapping[str, str] | None = None, skew_seconds: float = 0
) -> bytes:
    """An HTTP answer with a `Date`."""
    date = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=skew_seconds), usegmt=True)
    fields = {"Date": date, "Content-Length": str(len(body.encode())), "Connection": "close"} | dict(headers or {})
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n{body}".encode()


def switching(head: str) -> bytes:
    """A right answer to a request for a WebSocket (RFC 6455, 4.2.2)."""
    key = next(line for line in head.splitlines() if line.lower().startswith("sec-websocket-key:")).split(":", 1)[1]
    accept = base64.b64encode(hashlib.sha1(f"{key.strip()}{_GUID}".encode(), usedforsecurity=False).digest()).decode()
    return f"{SWITCHED}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode()


@contextlib.contextmanager
def named(suffix: str) -> Iterator[None]:
    """Every host with this ending is this machine, as a name server could have it."""
    real = socket.getaddrinfo

    def look_up(host: str, *more: Any, **options: Any) -> Any:
        return real("127.0.0.1" if str(host).endswith(suffix) else host, *more, **options)

    with mock.patch.object(socket, "getaddrinfo", look_up):
        yield


def unused_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def trusted_tls(
    name: str = "127.0.0.1", *, not_before: datetime | None = None, not_after: datetime | None = None
) -> tuple[trustme.CA, ssl.SSLContext]:
    """An authority, and a server's side with a certificate of it."""
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_before=not_before, not_after=not_after).configure_cert(tls)
    return authority, tls


def self_signed_tls(folder: Path) -> ssl.SSLContext:
    """A server's side that shows a certificate signed by itself."""
    authority = trustme.CA()
    certificate, key = folder / "self.pem", folder / "self.key"
    authority.cert_pem.write_to_path(str(certificate))
    authority.private_key_pem.write_to_path(str(key))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls


@contextlib.contextmanager
def trusting(authority: trustme.CA) -> Iterator[None]:
    """SSL_CERT_FILE names this authority."""
    with authority.cert_pem.tempfile() as path, environment(SSL_CERT_FILE=path):
        yield


@contextlib.contextmanager
def environment(**variables: str) -> Iterator[None]:
    """These variables for a while."""
    with mock.patch.dict(os.environ, variables):
        yield
