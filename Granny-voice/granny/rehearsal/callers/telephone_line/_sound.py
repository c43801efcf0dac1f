"""Both directions of one call's sound (RTP, RFC 3550): a packet every 20 ms out of the mouth, and what the ear gets."""

from __future__ import annotations

import asyncio
import random
import struct
import time
from collections import deque
from collections.abc import Iterator
from typing import cast

from granny.rehearsal.callers.telephone_line import _g711
from granny.rehearsal.callers.telephone_line._ear import Ear
from granny.rehearsal.callers.telephone_line._sdp import Media

_HEADER = struct.Struct("!BBHII")
_VERSION = 0x80
_MARKER = 0x80
_KEY = struct.Struct("!BBH")
_KEYS = "0123456789*#"
_KEY_PACKETS, _KEY_ENDS = 5, 3
"""A key is down for 0.1 s; its end is told three times (RFC 4733, chapter 2.5.1.4)."""
_KEY_IS_UP = 0x80
_VOLUME = 10
_FRAME_BYTES = _g711.FRAME * _g711.TIMES * 2


class Sound(asyncio.DatagramProtocol):
    """Of one call; made by `open_sound`.

    Attributes:
        ear: what is heard.
        loses: which share of the mouth's packets never arrives.
        is_dead: nothing goes out any more, as with a cable pulled.
        port: where it listens.
    """

    def __init__(self) -> None:
        self.ear = Ear()
        self.loses = 0.0
        self.is_dead = False
        self.port = 0
        self._to_say = bytearray()
        self._pressed: deque[tuple[int, bytes]] = deque()
        self._chance = random.Random(1)  # noqa: S311  which packets are lost is no secret
        self._transport: asyncio.DatagramTransport | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_saying(self) -> bool:
        """Whether something is still to be said or pressed."""
        return bool(self._to_say or self._pressed)

    def say(self, pcm: bytes) -> None:
        """PCM16 mono at `telephone.SAMPLE_RATE`, after what is still to be said."""
        self._to_say += pcm

    def press(self, key: str) -> None:
        """Hold a key down for a moment."""
        code = _KEYS.index(key)
        downs = [(0, number) for number in range(1, _KEY_PACKETS + 1)]
        ups = [(_KEY_IS_UP, _KEY_PACKETS)] * _KEY_ENDS
        for number, (up, frames) in enumerate(downs + ups):
            self._pressed.append((number, _KEY.pack(code, up | _VOLUME, frames * _g711.FRAME)))

    def connect(self, other: Media) -> None:
        """The call has been answered: from now on both hear each other."""
        if not self._task:
            self.ear = Ear()
            self._task = asyncio.create_task(self._speak(other))

    def close(self) -> None:
        """Nothing goes out or comes in any more."""
        self.ear.close()
        if self._task:
            self._task.cancel()
        if self._transport:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As asyncio has it."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, _address: tuple[str, int]) -> None:
        """As asyncio has it."""
        if self._task:
            self.ear.take(data)

    async def _speak(self, other: Media) -> None:
        started = time.monotonic()
        for number, (kind, marker, timestamp, payload) in enumerate(self._frames(other.keys)):
            packet = _HEADER.pack(_VERSION, kind | marker, number & 0xFFFF, timestamp, 1) + payload
            if self._transport and not self.is_dead and self._chance.random() >= self.loses:
                self._transport.sendto(packet, other.address)
            await asyncio.sleep(started + (number + 1) * _g711.FRAME_SECONDS - time.monotonic())

    def _frames(self, keys: int) -> Iterator[tuple[int, int, int, bytes]]:
        """One after the other: payload type, marker, timestamp, payload."""
        now = pressed_at = 0
        while True:
            if self._pressed:
                number, payload = self._pressed.popleft()
                pressed_at = pressed_at if number else now
                yield keys, 0 if number else _MARKER, pressed_at, payload
            else:
                yield _g711.PAYLOAD_TYPE, 0 if now else _MARKER, now, self._frame()
            now += _g711.FRAME

    def _frame(self) -> bytes:
        pcm = bytes(self._to_say[:_FRAME_BYTES])
        del self._to_say[:_FRAME_BYTES]
        return (_g711.encode(pcm) + _g711.SILENCE)[: _g711.FRAME]


async def open_sound() -> Sound:
    """On a port of its own of 127.0.0.1."""
    sound = Sound()
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: sound, local_addr=("127.0.0.1", 0))
    return sound
