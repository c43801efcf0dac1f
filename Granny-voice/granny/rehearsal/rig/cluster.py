"""Two LiveKit servers as one: on one redis, behind one balancer, each of which may go and come back."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from granny.rehearsal.rig import balancer as haproxy
from granny.rehearsal.rig import livekit_server, redis_server
from granny.rehearsal.rig.balancer import Balancer
from granny.rehearsal.rig.livekit_server import LiveKit
from granny.rehearsal.rig.program import Program, free_port, start
from granny.rehearsal.rig.redis_server import Redis

NODES = 2
PAIR = ("rehearsalkey", "invented-for-a-rehearsal-and-for-nothing-else")
_PROGRAMS = (livekit_server.PROGRAM, redis_server.PROGRAM, haproxy.PROGRAM)
_CONFIG = """\
port: {port}
bind_addresses: ["127.0.0.1"]
redis:
  address: 127.0.0.1:{redis}
rtc:
  tcp_port: {tcp}
  udp_port: {udp}
  node_ip: 127.0.0.1
  enable_loopback_candidate: true
signal_relay:
  retry_timeout: 3s
  max_retry_interval: 1s
logging:
  level: info
keys:
  {key}: {secret}
"""
"""`signal_relay` as in `deploy/kubernetes/livekit-values.yaml`, which says why."""
_ID = re.compile(r'starting LiveKit server.*"nodeID": "(\w+)"')


@dataclass(slots=True)
class Node:
    """One of the LiveKit servers, with ports of its own, which it has again after a restart."""

    port: int
    config: Path
    log: Path
    _program: Program | None = None

    @property
    def id(self) -> str:
        """LiveKit's name for it, another after each start."""
        *_, last = _ID.finditer(self.log.read_text(encoding="utf-8", errors="replace"))
        return last[1]

    async def start(self) -> None:
        """Come up.

        Raises:
            OSError: it did not.
        """
        self._program = await start(livekit_server.PROGRAM, "--config", str(self.config), log=self.log)
        if not await self._program.until_listening(self.port):
            msg = f"{livekit_server.PROGRAM} did not come up; see {self.log}"
            raise OSError(msg)

    async def kill(self) -> None:
        """Gone without a word."""
        if self._program:
            await self._program.kill()


@dataclass(frozen=True, slots=True)
class Cluster:
    """All parts of a running cluster."""

    redis: Redis
    nodes: tuple[Node, ...]
    balancer: Balancer

    @property
    def livekit(self) -> LiveKit:
        """Where a caller comes in: at any node that is well."""
        return LiveKit(f"ws://127.0.0.1:{self.balancer.port}", *PAIR)

    def livekit_first(self, number: int) -> LiveKit:
        """Where a worker comes in that stands nearest to one node: there, or elsewhere while it is gone."""
        return LiveKit(f"ws://127.0.0.1:{self.balancer.first[number]}", *PAIR)

    async def node_of(self, room: str) -> Node | None:
        """The node that holds a room."""
        name = await self.redis.node_of(room)
        return next((node for node in self.nodes if node.id == name), None)


def why_missing() -> str | None:
    """Why no cluster can be had here; None if one can."""
    missing = [program for program in _PROGRAMS if not shutil.which(program)]
    return f"needs a cluster: {', '.join(missing)} not on PATH" if missing else None


@contextlib.asynccontextmanager
async def cluster(folder: Path, *, persistence: str = "no") -> AsyncIterator[Cluster]:
    """All of it on free ports of 127.0.0.1, its logs in the folder.

    Args:
        folder: there already, and empty.
        persistence: redis' `appendonly`, yes or no.

    Raises:
        OSError: a part is not installed, or did not come up.
    """
    async with contextlib.AsyncExitStack() as stack:
        redis = redis_server.redis(folder / "redis", persistence=persistence)
        stack.push_async_callback(redis.stop)
        await redis.start()
        nodes = tuple(_node(folder / f"node-{number}", redis) for number in range(NODES))
        for node in nodes:
            stack.push_async_callback(node.kill)
            await node.start()
        balancer = await haproxy.balancer(folder, [node.port for node in nodes])
        stack.push_async_callback(balancer.program.kill)
        await _until_known(nodes)
        yield Cluster(redis, nodes, balancer)


def _node(folder: Path, redis: Redis) -> Node:
    folder.mkdir()
    port, tcp, udp = free_port(), free_port(), free_port(socket.SOCK_DGRAM)
    config = folder / "livekit.yaml"
    text = _CONFIG.format(port=port, redis=redis.port, tcp=tcp, udp=udp, key=PAIR[0], secret=PAIR[1])
    config.write_text(text, encoding="utf-8")
    return Node(port, config, folder / "livekit.log")


async def _until_known(nodes: tuple[Node, ...]) -> None:
    """The line with a node's name comes a moment after its port is open."""
    while not all(_ID.search(node.log.read_text(encoding="utf-8", errors="replace")) for node in nodes):  # noqa: ASYNC110  a log has no event
        await asyncio.sleep(0.05)
