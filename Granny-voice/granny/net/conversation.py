"""An open conversation with OpenAI, for those who want more of it than a probe's one question."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from granny import faults
from granny.faults import Finding
from granny.net import http
from granny.net.answer import Unasked
from granny.net.http import TROUBLES
from granny.net.openai_endpoint import find_door
from granny.net.realtime_client import (
    ASK_ID,
    UPDATE_ID,
    Event,
    Socket,
    connect,
    events,
    is_last,
    judged,
    leave,
)
from granny.net.route import way_of

if TYPE_CHECKING:  # pydantic is slow to import, and not needed here
    from granny.config.settings import Settings

__all__ = [
    "ASK_ID",
    "TROUBLES",
    "UPDATE_ID",
    "Event",
    "Socket",
    "conversation",
    "events",
    "is_last",
    "judged",
    "way_of",
]


@contextlib.asynccontextmanager
async def conversation(settings: Settings) -> AsyncIterator[Socket | Finding | Unasked]:
    """A conversation opened as the probe and the plugin open theirs; or why there is none."""
    door = find_door(settings)
    if isinstance(door, Unasked):
        yield door
        return
    if finding := door.way.proxy_fault():
        yield finding
        return
    try:
        session = http.open_session(door.url, door.way)
    except OSError:
        yield faults.OPENAI_CERTIFICATE.found("cannot be read", variable="SSL_CERT_FILE")
        return
    async with session:
        try:
            socket = await connect(session, door)
        except ValueError as error:  # aiohttp and yarl refuse what cannot be sent
            yield Unasked(f"OPENAI_API_KEY or OPENAI_BASE_URL cannot be used ({type(error).__name__})")
            return
        try:
            yield socket
        finally:
            if not isinstance(socket, Finding):
                await leave(socket)
