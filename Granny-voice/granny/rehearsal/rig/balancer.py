"""A TCP balancer on 127.0.0.1 in front of a cluster's LiveKit servers, for signalling and API: haproxy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from granny.rehearsal.rig.program import Program, free_port, start

PROGRAM = "haproxy"
_HEAD = """\
global
  maxconn 1000
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  timeout check 1s
  retries 3
  option redispatch 1
  option httpchk GET /
  default-server inter 500ms fall 2 rise 1
"""
_DOOR = """\
listen {name}
  bind 127.0.0.1:{port}
  balance roundrobin
{servers}
"""


@dataclass(frozen=True, slots=True)
class Balancer:
    """A running balancer.

    Attributes:
        program: it.
        port: leads to any server that is well.
        first: the ports that lead to one server as long as it is well, else to another: as in a zone of its own.
    """

    program: Program
    port: int
    first: tuple[int, ...]


async def balancer(folder: Path, servers: Sequence[int]) -> Balancer:
    """One for the servers on these ports, with its one config file in the folder.

    Raises:
        OSError: it did not come up.
    """
    port, *first = (free_port() for _ in range(len(servers) + 1))
    doors = [_door("any", port, _servers(servers))]
    doors += [_door(f"first-{number}", one, _servers(servers, number)) for number, one in enumerate(first)]
    config = folder / "haproxy.cfg"
    config.write_text(_HEAD + "".join(doors), encoding="utf-8")
    program = await start(PROGRAM, "-db", "-f", str(config), log=folder / "haproxy.log")
    if not await program.until_listening(port):
        msg = f"{PROGRAM} did not come up; see {program.log}"
        raise OSError(msg)
    return Balancer(program, port, tuple(first))


def _door(name: str, port: int, servers: Sequence[str]) -> str:
    return _DOOR.format(name=name, port=port, servers="\n".join(servers))


def _servers(ports: Sequence[int], first: int | None = None) -> list[str]:
    return [
        f"  server node-{number} 127.0.0.1:{port} check{'' if first in (None, number) else ' backup'}"
        for number, port in enumerate(ports)
    ]
