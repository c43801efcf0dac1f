"""How the worker and the plugin reach out: the same trust store, the same proxy, no redirect followed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import hashlib
import os
import re
import secrets
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import certifi

from granny.net.route import Way
from granny.net.spelling import NOT_SHOWN, spells_secret

TROUBLES = (aiohttp.ClientError, OSError, asyncio.TimeoutError)
"""All that a request can end with besides an answer."""
SWITCHED = 101
"""The status that says: from here on this is a WebSocket."""

_KEY, _ACCEPT = "Sec-WebSocket-Key", "Sec-WebSocket-Accept"
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
_ENCRYPTED = {"https", "wss"}
_BODY_SECONDS = 1.0
_LARGEST_BODY = 1024 * 1024
_ORIGIN = re.compile(r"[a-z]{2,5}://[A-Za-z0-9]([A-Za-z0-9.-]{0,60})(:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer. Its body may hold secrets: it is read for known words, and never shown.

    Attributes:
        status: the HTTP status.
        body: its text, at most one megabyte; None if it did not come in time.
        headers: they tell who answered; never shown.
        date: the sender's clock, in seconds since 1970; None if it did not tell.
        accepted: whether it opens the WebSocket that was asked for, as RFC 6455 wants it and the worker insists on it.
        sends_to: scheme and host that a redirect leads to, in the server's own words: not shown but by `sent_on`;
            None if there is none, or it is of unusual form.
    """

    status: int
    body: str | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    date: float | None = None
    accepted: bool = False
    sends_to: str | None = field(default=None, repr=False)


def open_session(url: str, way: Way) -> aiohttp.ClientSession:
    """A session that reaches out as the worker's does.

    Raises:
        OSError: the file or folder named in SSL_CERT_FILE or SSL_CERT_DIR cannot be read.
    """
    encrypted = {urlsplit(url).scheme.lower(), urlsplit(way.proxy.address if way.proxy else "").scheme} & _ENCRYPTED
    # no limit of its own: each call that goes through the page holds a connection, and whoever asks bounds how many
    connector = aiohttp.TCPConnector(ssl=trust(way) if encrypted else True, limit=0)
    return aiohttp.ClientSession(
        proxy=way.proxy.address if way.proxy else None, connector=connector, trace_configs=[_without_redirects()]
    )


class Redirected(aiohttp.ClientError):
    """The server sends on to another address, which `ws_connect` would follow, key and all; it cannot be told not to.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _without_redirects() -> aiohttp.TraceConfig:
    async def stop(_: object, __: object, asked: aiohttp.TraceRequestRedirectParams) -> None:
        asked.response.close()
        raise Redirected(asked.response.status)

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(stop)
    return trace


def trust(way: Way) -> ssl.SSLContext:
    """The trust store of livekit's `http_context`: SSL_CERT_FILE, the system's, or else certifi's."""
    return _trust_for(way.cert_file, way.cert_folder)


@functools.cache
def _trust_for(file: str | None, folder: str | None) -> ssl.SSLContext:
    if file or folder:
        return ssl.create_default_context(cafile=file, capath=folder)
    context = ssl.create_default_context()
    if not _has_system_store():
        context.load_verify_locations(cafile=certifi.where())
    return context


def export_trust() -> None:
    """Where the system has no trust store, name certifi's for all that is started from here, as livekit does later."""
    if not (os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or _has_system_store()):
        os.environ["SSL_CERT_FILE"] = certifi.where()


def _has_system_store() -> bool:
    paths = ssl.get_default_verify_paths()
    return any(path and Path(path).exists() for path in (paths.cafile, paths.capath))


async def get(session: aiohttp.ClientSession, url: str, *, headers: dict[str, str], seconds: float) -> Reply:
    """Ask once, follow nothing, and read the answer.

    Raises:
        aiohttp.ClientError, OSError, asyncio.TimeoutError: there was no answer within `seconds`.
    """
    request = session.get(url, headers=headers, allow_redirects=False)
    response = await asyncio.wait_for(request, seconds)
    try:
        body = None if response.status == SWITCHED else await _text(response)
        return Reply(
            status=response.status,
            body=body,
            headers=response.headers,
            date=_date(response.headers.get("Date", "")),
            accepted=_is_accepted(response, headers.get(_KEY, "")),
            sends_to=_origin(response.headers.get("Location", ""), sent=headers.get("Authorization", "")),
        )
    finally:
        response.close()


def upgrade_headers() -> dict[str, str]:
    """What makes a GET ask for a WebSocket; unlike `ws_connect`, it shows the text of a refusal."""
    return {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        _KEY: base64.b64encode(secrets.token_bytes(16)).decode(),
    }


def sent_on(reply: Reply, secrets: Iterable[str]) -> str | None:
    """Where a redirect leads, if it does and the server does not spell a secret there."""
    if reply.sends_to is None:
        return None
    return NOT_SHOWN if spells_secret(reply.sends_to.partition("://")[2], secrets) else reply.sends_to


def _is_accepted(response: aiohttp.ClientResponse, key: str) -> bool:
    """The three conditions of aiohttp's `ws_connect`, with which the worker registers."""
    right = base64.b64encode(hashlib.sha1(f"{key}{_GUID}".encode(), usedforsecurity=False).digest()).decode()
    upgrade, connection, accept = (response.headers.get(name, "") for name in ("Upgrade", "Connection", _ACCEPT))
    is_switched = response.status == SWITCHED and upgrade.lower() == "websocket" and connection.lower() == "upgrade"
    return is_switched and accept == right


async def _text(response: aiohttp.ClientResponse) -> str | None:
    """As much of the body as comes in time; None if nothing of it came, and more was to come."""
    body = bytearray()
    try:
        await asyncio.wait_for(_fill(body, response), _BODY_SECONDS)
    except TROUBLES:
        if not body:
            return None
    return body.decode("utf-8", errors="replace")


async def _fill(body: bytearray, response: aiohttp.ClientResponse) -> None:
    async for chunk in response.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > _LARGEST_BODY:
            return


def _date(header: str) -> float | None:
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return parsedate_to_datetime(header).timestamp()
    return None


def _origin(location: str, *, sent: str) -> str | None:
    """Scheme and host of a redirect, nothing else of it, and nothing of the key or pass that was sent."""
    found = _ORIGIN.match(location)
    if found is None:
        return None
    return NOT_SHOWN if spells_secret(found[0].partition("://")[2], (sent.removeprefix("Bearer "),)) else found[0]
