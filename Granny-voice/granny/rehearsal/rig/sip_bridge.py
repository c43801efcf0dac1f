"""LiveKit's SIP service on 127.0.0.1, with the redis and the LiveKit server that it needs, where they are installed."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from granny.rehearsal.rig import livekit_server, redis_server
from granny.rehearsal.rig.livekit_server import LiveKit, own_livekit_server
from granny.rehearsal.rig.program import Program, free_port, start

PROGRAM = "livekit-sip"
_PROGRAMS = (PROGRAM, livekit_server.PROGRAM, redis_server.PROGRAM)
_PAIR = ("rehearsalkey", "invented-for-a-rehearsal-and-for-nothing-else")
_CONFIG = """\
api_key: {key}
api_secret: {secret}
ws_url: {url}
redis:
  address: 127.0.0.1:{redis}
sip_port: {port}
listen_ip: 127.0.0.1
nat_1_to_1_ip: 127.0.0.1
max_cpu_utilization: {busy}
logging:
  level: info
"""
NEVER_BUSY = 1.0
"""The share of this machine's CPU above which it refuses to dial; LiveKit's own default is 0.9."""


@dataclass(frozen=True, slots=True)
class SipBridge:
    """A running SIP service.

    Attributes:
        livekit: the server it brings calls to.
        address: host:port, UDP and TCP, at which telephones ring it.
        program: it; its words are in the log.
    """

    livekit: LiveKit
    address: str
    program: Program


def why_missing() -> str | None:
    """Why no telephone call can be had here; None if one can."""
    missing = [program for program in _PROGRAMS if not shutil.which(program)]
    return f"needs LiveKit's SIP service: {', '.join(missing)} not on PATH" if missing else None


@contextlib.asynccontextmanager
async def sip_bridge(folder: Path, *, busy: float = NEVER_BUSY) -> AsyncIterator[SipBridge]:
    """All of it on free ports of 127.0.0.1, its logs in the folder.

    Args:
        folder: there already.
        busy: as `NEVER_BUSY`.

    Raises:
        OSError: a part is not installed, or did not come up.
    """
    async with contextlib.AsyncExitStack() as stack:
        redis = redis_server.redis(folder / "redis", persistence="no")
        stack.push_async_callback(redis.stop)
        await redis.start()
        livekit = await stack.enter_async_context(
            own_livekit_server(log=folder / "livekit.log", pair=_PAIR, redis=redis.port)
        )
        port = free_port()
        program = await _started(folder / "sip.log", livekit, redis.port, port, busy)
        stack.push_async_callback(program.kill)
        yield SipBridge(livekit, f"127.0.0.1:{port}", program)


async def _started(log: Path, livekit: LiveKit, redis: int, port: int, busy: float) -> Program:
    config = _CONFIG.format(key=livekit.key, secret=livekit.secret, url=livekit.url, redis=redis, port=port, busy=busy)
    program = await start(PROGRAM, log=log, environment={**os.environ, "SIP_CONFIG_BODY": config})
    if not await program.until_listening(port):
        await program.kill()
        msg = f"{PROGRAM} did not come up; see {log}"
        raise OSError(msg)
    return program
