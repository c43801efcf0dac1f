"""A call without a room: her voice goes over a wire to her caller's page, and beside it what a room would be told.

The worker gives the wire to the job (`granny.worker.roomless`). A call from the terminal has neither wire nor room.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Protocol

from livekit.agents import JobContext
from livekit.agents.voice.io import AudioOutput

from granny.call.line_player import LAG_SECONDS, frames
from granny.lines import Recording
from granny.rooms.roomless import CAPTION, FAULT

_WIRE = "granny.wire"
_numbers = itertools.count(1)


class Wire(Protocol):
    """One call's; it is there before the agent session is.

    Attributes:
        output: her voice.
    """

    @property
    def output(self) -> AudioOutput: ...  # noqa: D102  above

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


def caption(wire: Wire, text: str) -> None:
    """The words of a recording that is being heard."""
    wire.tell(CAPTION, id=f"line-{next(_numbers)}", text=text, final=True)


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
        """Play it, with its words as a caption; returns when it has been heard."""
        for frame in frames(self._recording):
            await self._wire.output.capture_frame(frame)
            if self.began_at is None:
                self.began_at = time.monotonic()
                self.began.set()
        self._wire.output.flush()
        caption(self._wire, self._recording.text)
        await asyncio.sleep(self._recording.duration + LAG_SECONDS)

    async def close(self) -> None:
        """What has not been played is not heard."""
        if self.began_at is not None:
            self.share_played = min((time.monotonic() - self.began_at) / self._recording.duration, 1.0)
            if self.share_played < 1:
                self._wire.output.clear_buffer()
