"""One call between a browser's socket and its job's wire: sound both ways, and what the page shows of her.

The browser is sent frames of sound, and as JSON what line.js has as events: `agent`, `state`, `caption`, `fault`, and
`clear`, when the caller has interrupted her. It sends frames of sound, and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import time

from aiohttp import WSMsgType, web
from livekit.protocol.agent_pb import agent_session as wire

from granny.page._playout import Playout
from granny.rooms.roomless import CAPTION, FAULT, FRAME_BYTES, FRAME_SECONDS, SAMPLE_RATE, messages, packed

_LATEST_BYTES = 2 * SAMPLE_RATE
"""A second of the caller's: if the job does not listen for so long, what is said meanwhile is lost to it."""
_STATES = {
    wire.AgentState.AS_LISTENING: "listening",
    wire.AgentState.AS_THINKING: "thinking",
    wire.AgentState.AS_SPEAKING: "speaking",
}
_HEARD = packed(
    wire.AgentSessionMessage(audio_playback_finished=wire.AgentSessionMessage.ConsoleIO.AudioPlaybackFinished())
)

logger = logging.getLogger("granny.page")


class Talk:
    """A call whose both ends are there."""

    def __init__(
        self, browser: web.WebSocketResponse, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._browser = browser
        self._reader = reader
        self._writer = writer
        self._playout = Playout()
        self._turns = itertools.count(1)
        self._unheard = 0

    async def hold(self) -> bool:
        """Until one of the two has gone; whether the browser is still there.

        Raises:
            OSError: it has gone in the middle of a word.
        """
        await self.show("agent")
        caller, *_ = parts = [
            asyncio.create_task(part) for part in (self._hear_caller(), self._hear_her(), self._play())
        ]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            is_left_alone = not caller.done()
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            self._tell_of_losses()
        for part in parts:
            if not part.cancelled():
                part.result()
        return is_left_alone

    async def play_out(self) -> None:
        """Her job is over; what she said last is still to be heard."""
        while not (self._browser.closed or self._playout.is_silent(time.monotonic())):
            await self._send_what_is_due()
            await asyncio.sleep(FRAME_SECONDS)

    async def show(self, kind: str, **detail: object) -> None:
        """Tell the page; one that has gone need not be told."""
        with contextlib.suppress(ConnectionError):
            await self._browser.send_json({"type": kind, **detail})

    async def _hear_caller(self) -> None:
        """What is not a frame of sound is nothing that the page sends."""
        async for message in self._browser:
            if message.type is not WSMsgType.BINARY or len(message.data) != FRAME_BYTES:
                return
            if self._writer.transport.get_write_buffer_size() > _LATEST_BYTES:
                self._unheard += 1
            else:
                self._writer.write(packed(_microphone(message.data)))

    async def _hear_her(self) -> None:
        async for message in messages(self._reader):
            kind = message.WhichOneof("message")
            if kind == "audio_output":
                self._playout.put(message.audio_output.data)
            elif kind == "audio_playback_flush":
                self._playout.finish()
            elif kind == "audio_playback_clear":
                self._playout.clear(time.monotonic())
                await self.show("clear")
            elif kind == "event":
                await self._on_event(message.event)

    async def _play(self) -> None:
        while True:
            await self._send_what_is_due()
            if self._playout.is_heard(time.monotonic()):
                self._writer.write(_HEARD)
            await asyncio.sleep(FRAME_SECONDS)

    async def _send_what_is_due(self) -> None:
        """Several frames at once if the machine was held up."""
        while frame := self._playout.frame(time.monotonic()):
            await self._browser.send_bytes(frame)

    async def _on_event(self, event: wire.AgentSessionEvent) -> None:
        kind = event.WhichOneof("event")
        if kind == "agent_state_changed" and (state := _STATES.get(event.agent_state_changed.new_state)):
            await self.show("state", state=state)
        elif kind == "user_input_transcribed" and event.user_input_transcribed.is_final:
            turn = f"caller-{next(self._turns)}"
            await self.show("caption", who="caller", id=turn, text=event.user_input_transcribed.transcript, final=True)
        elif kind == "debug_message":
            await self._on_told(dict(event.debug_message.payload))

    async def _on_told(self, told: dict[str, object]) -> None:
        about = told.pop("about", None)
        if about == CAPTION:
            await self.show("caption", who="granny", **told)
        elif about == FAULT:
            await self.show("fault", slug=told["fault"], ends=False)

    def _tell_of_losses(self) -> None:
        if self._unheard or self._playout.lost:
            lost = {
                "caller_seconds": self._unheard * FRAME_SECONDS,
                "her_seconds": self._playout.lost / 2 / SAMPLE_RATE,
            }
            logger.warning("sound was lost", extra=lost)


def _microphone(pcm: bytes) -> wire.AgentSessionMessage:
    frame = wire.AgentSessionMessage.ConsoleIO.AudioFrame(
        data=pcm, sample_rate=SAMPLE_RATE, num_channels=1, samples_per_channel=len(pcm) // 2
    )
    return wire.AgentSessionMessage(audio_input=frame)
