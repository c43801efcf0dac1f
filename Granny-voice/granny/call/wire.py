"""A call without a room: her voice goes over a wire to her caller's page, and beside it what a room would be told.

The worker gives the wire to the job (`granny.worker.roomless`). A call from the terminal has neither wire nor room.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Protocol

from livekit.agents import JobContext
from livekit.agents.voice.io import AudioOutput, TextOutput

from granny.call.line_player import play_on
from granny.lines import Recording
from granny.rooms.roomless import CAPTION, FAULT

_WIRE = "granny.wire"
_numbers = itertools.count(1)


class Wire(Protocol):
    """One call's; it is there before the agent session is.

    Attributes:
        output: her voice.
        words: what she says, which is shown as it is heard.
    """

    @property
    def output(self) -> AudioOutput: ...  # noqa: D102  above

    @property
    def words(self) -> TextOutput: ...  # noqa: D102  above

    def tell(self, what: str, **words: str | bool) -> None:
        """Tell the page, as `granny.rooms.roomless.telling` has it."""


def give(ctx: JobContext, wire: Wire) -> None:
    """Have a job's call go over this wire."""
    ctx.proc.userdata[_WIRE] = wire


def wire_of(ctx: JobContext) -> Wire | None:
    """That of a job's call; None if it has a room, or comes from the terminal."""
    wire: Wire | None = ctx.proc.userdata.get(_WIRE)
    return wire


def tell_fault(wire: Wire, slug: str) -> None:
    """As the room is told of a fault."""
    wire.tell(FAULT, fault=slug)


async def play_over(wire: Wire, recording: Recording) -> None:
    """Play a line, also when the agent session is closed; its words are shown at once."""
    wire.tell(CAPTION, id=f"line-{next(_numbers)}", text=recording.text, final=True)
    await play_on(wire.output, recording)


class WireSpeaker:
    """Says one recording over a wire, as `granny.call.line_player.Loudspeaker` does in a room.

    Attributes:
        began: set when the first sound is on its way.
        began_at: when it left, in `time.monotonic`'s seconds; None before.
        share_played: how much of the recording had been played when it was closed, 0 to 1.
    """

    def __init__(self, wire: Wire, recording: Recording) -> None:
        self.began = asyncio.Event()
        self.began_at: float | None = None
        self.share_played = 0.0
        self._wire = wire
        self._recording = recording

    async def play(self) -> None:
        """Play it, with its words shown as they are heard; returns when it has been heard."""
        self.began_at = time.monotonic()
        await self._wire.words.capture_text(self._recording.text)
        self._wire.words.flush()
        self.began.set()
        await play_on(self._wire.output, self._recording)

    async def close(self) -> None:
        """What has not been played is not heard."""
        if self.began_at is not None:
            self.share_played = min((time.monotonic() - self.began_at) / self._recording.duration, 1.0)
            if self.share_played < 1:
                self._wire.output.clear_buffer()
