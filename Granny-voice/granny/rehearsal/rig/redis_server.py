"""A redis on 127.0.0.1, over which the LiveKit servers of a cluster know of each other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from granny.rehearsal.rig.program import Program, free_port, start

PROGRAM = "redis-server"
_ROOMS = "room_node_map"
"""LiveKit's own: which node holds a room (livekit-server, `pkg/routing/redisrouter.go`)."""


@dataclass(slots=True)
class Redis:
    """A redis with a folder and a port of its own, which it has again after a restart.

    Attributes:
        folder: where it keeps what it keeps.
        port: on 127.0.0.1.
        persistence: redis' `appendonly`: whether it knows after a restart what it knew before.
    """

    folder: Path
    port: int
    persistence: str
    _program: Program | None = None

    async def start(self) -> None:
        """Come up.

        Raises:
            OSError: it did not.
        """
        options = {
            "--port": str(self.port),
            "--bind": "127.0.0.1",
            "--dir": str(self.folder),
            "--appendonly": self.persistence,
            "--save": "",
        }
        command = [word for pair in options.items() for word in pair]
        self._program = await start(PROGRAM, *command, log=self.folder / "redis.log")
        if not await self._program.until_listening(self.port):
            msg = f"{PROGRAM} did not come up; see {self._program.log}"
            raise OSError(msg)

    async def stop(self) -> None:
        """Go, as at a restart."""
        if self._program:
            await self._program.stop()

    async def node_of(self, room: str) -> str | None:
        """LiveKit's name for the node that holds a room."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(f"HGET {_ROOMS} {room}\r\n".encode())
            length = int((await reader.readline())[1:])
            return (await reader.readexactly(length)).decode() if length >= 0 else None
        finally:
            writer.close()


def redis(folder: Path, *, persistence: str) -> Redis:
    """One that is not yet there, in a new folder."""
    folder.mkdir()
    return Redis(folder, free_port(), persistence)
