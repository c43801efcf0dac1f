"""The wire of a call that has no room: how its job and whoever holds its other end speak over TCP.

It is that of the framework's console: length-prefixed `AgentSessionMessage`s with PCM16 mono at `SAMPLE_RATE` in them
(livekit-agents, `voice/remote_session.py` and `cli/tcp_console.py`). Two things are ours: the job begins with the
secret of its address, so that no other program on the machine can be taken for it; and what a room would be told of
the call comes as a `debug_message`, whose payload is one of `TOLD`. `granny.rehearsal.callers.telephone` has the
framework's half of this once more, for it is to know nothing of hers, and calls agents that are not hers as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from livekit.protocol.agent_pb import agent_session as wire
from typing_extensions import Self

SAMPLE_RATE = 48_000
"""Hz."""
FRAME_SECONDS = 0.02
FRAME_BYTES = 2 * SAMPLE_RATE // 50
ADDRESS = "granny.wire"
"""The attribute of a job that says where its call's other end is."""
FAULT, CAPTION = TOLD = ("fault", "caption")
"""A fault's slug; a caption's `id` and `text`, and whether it is `final`."""
_HOST = "127.0.0.1"
_HEADER = 4
_LONGEST_MESSAGE = 1 << 20
_SECRET_BYTES = 16


@dataclass(frozen=True, slots=True)
class Address:
    """Where a job finds the other end of its call.

    Attributes:
        port: on this machine.
        secret: what it says first.
    """

    port: int
    secret: str = field(default_factory=lambda: secrets.token_hex(_SECRET_BYTES), repr=False)

    def __str__(self) -> str:
        """As a job's attribute has it."""
        return f"{self.port} {self.secret}"

    @classmethod
    def read(cls, text: str) -> Self:
        """What `str` has written."""
        port, _, secret = text.partition(" ")
        return cls(int(port), secret)

    async def dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The job's end.

        Raises:
            OSError: nobody listens.
        """
        reader, writer = await asyncio.open_connection(_HOST, self.port)
        writer.write(self.secret.encode())
        return reader, writer

    async def is_dialled(self, reader: asyncio.StreamReader) -> bool:
        """Whether it is the job that has come."""
        try:
            said = await reader.readexactly(2 * _SECRET_BYTES)
        except (asyncio.IncompleteReadError, OSError):
            return False
        return secrets.compare_digest(said, self.secret.encode())


async def messages(reader: asyncio.StreamReader) -> AsyncIterator[wire.AgentSessionMessage]:
    """What the other end says, until it is gone or says what is none."""
    with contextlib.suppress(asyncio.IncompleteReadError, OSError):
        while True:
            length = int.from_bytes(await reader.readexactly(_HEADER), "big")
            if length > _LONGEST_MESSAGE:
                return
            message = wire.AgentSessionMessage()
            message.ParseFromString(await reader.readexactly(length))
            yield message


def packed(message: wire.AgentSessionMessage) -> bytes:
    """A message as it goes over the wire."""
    data = message.SerializeToString()
    return len(data).to_bytes(_HEADER, "big") + data


def telling(what: str, **words: str | bool) -> wire.AgentSessionMessage:
    """What a room would be told, as a message: one of `TOLD`."""
    told = wire.DebugMessage()
    told.payload.update({"about": what, **words})
    return wire.AgentSessionMessage(event=wire.AgentSessionEvent(debug_message=told))
