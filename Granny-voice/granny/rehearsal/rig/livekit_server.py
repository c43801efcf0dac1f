"""A real LiveKit server on 127.0.0.1 for the length of a rehearsal, if `livekit-server` is installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from granny.rehearsal.rig.program import Program, free_port, start

PROGRAM = "livekit-server"
_CONFIG = (
    "port: {http}\nrtc:\n  tcp_port: {tcp}\n  udp_port: {udp}\nlogging:\n  level: warn\nkeys:\n  {key}: {password}\n"
)
_REDIS = "redis:\n  address: 127.0.0.1:{port}\n"
_DEV_PAIR = ("devkey", "secret")
"""The published key and secret of `livekit-server --dev`."""
_TRIES = 3


@dataclass(frozen=True, slots=True)
class LiveKit:
    """Where a LiveKit server is, and a key pair it accepts."""

    url: str
    key: str
    secret: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the worker reads."""
        return {"LIVEKIT_URL": self.url, "LIVEKIT_API_KEY": self.key, "LIVEKIT_API_SECRET": self.secret}


def why_missing() -> str | None:
    """Why no LiveKit server can be had here; None if one can."""
    if os.environ.get("LIVEKIT_URL") or shutil.which(PROGRAM):
        return None
    return f"needs a real LiveKit server: {PROGRAM} is not on PATH and LIVEKIT_URL is not set"


@contextlib.asynccontextmanager
async def livekit_server(
    *, log: Path, pair: tuple[str, str] = _DEV_PAIR, port: int | None = None
) -> AsyncIterator[LiveKit]:
    """The server that LIVEKIT_URL names, else one started here on free ports of 127.0.0.1.

    Args:
        log: where its words go.
        pair: the key that one started here knows, and its secret.
        port: where one started here listens: one that comes back. None takes any free port.

    Raises:
        OSError: it is not installed, or does not come up; its words are in the log.
    """
    if url := os.environ.get("LIVEKIT_URL"):
        yield LiveKit(url, os.environ.get("LIVEKIT_API_KEY", ""), os.environ.get("LIVEKIT_API_SECRET", ""))
        return
    async with own_livekit_server(log=log, pair=pair, port=port) as livekit:
        yield livekit


@contextlib.asynccontextmanager
async def own_livekit_server(
    *, log: Path, pair: tuple[str, str] = _DEV_PAIR, port: int | None = None, redis: int | None = None
) -> AsyncIterator[LiveKit]:
    """One started here, whatever LIVEKIT_URL names; else as above.

    With `redis`, the port of one on 127.0.0.1, other services of LiveKit reach it over that.

    Raises:
        OSError: as above.
    """
    program, url = await _started(log, pair, port, more=_REDIS.format(port=redis) if redis else "")
    try:
        yield LiveKit(url, *pair)
    finally:
        await program.kill()  # asked to stop, it would take 5 s for the sake of rooms that are empty by now


async def _started(log: Path, pair: tuple[str, str], port: int | None, *, more: str) -> tuple[Program, str]:
    """A server that listens, and its URL; on other ports if somebody else has taken one just now."""
    for _ in range(_TRIES):
        http = port or free_port(socket.SOCK_STREAM)
        tcp, udp = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)
        arguments = ("--dev", "--bind", "127.0.0.1", "--node-ip", "127.0.0.1")
        config = _CONFIG.format(http=http, tcp=tcp, udp=udp, key=pair[0], password=pair[1]) + more
        # not among the arguments, which every user of the machine can read
        program = await start(PROGRAM, *arguments, log=log, environment={**os.environ, "LIVEKIT_CONFIG": config})
        if await program.until_listening(http):
            return program, f"ws://127.0.0.1:{http}"
        await program.kill()
    msg = f"{PROGRAM} did not come up in {_TRIES} tries"
    raise OSError(msg)
