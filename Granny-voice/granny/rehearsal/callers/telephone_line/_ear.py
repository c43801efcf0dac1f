"""What an ear hears of the packets that come: each at its time; for lost ones, and until late ones come, silence."""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass, field

from granny.rehearsal.callers.telephone import SAMPLE_RATE
from granny.rehearsal.callers.telephone_line import _g711

_HEADER = struct.Struct("!BBHII")
_BUFFER = int(0.06 * SAMPLE_RATE)
"""Samples that a telephone holds back, so that packets may come unevenly."""
_NEW_START = int(0.2 * SAMPLE_RATE)
"""A packet this far from its time begins a new stretch of sound."""
_AROUND = 1 << 32


@dataclass(frozen=True, slots=True)
class Packet:
    """One that came: when, in seconds since the answer, and its number in the stream."""

    at: float
    number: int


@dataclass(slots=True)
class Ear:
    """Of one call; its clock begins with the answer.

    Attributes:
        answered_at: of `time.monotonic`.
        packets: in the order in which they came.
        late: how many came after their time: the sound has paused for them, and goes on later by that.
        played: PCM16 mono at `telephone.SAMPLE_RATE`, up to the last packet.
    """

    answered_at: float = field(default_factory=time.monotonic)
    packets: list[Packet] = field(default_factory=list)
    late: int = 0
    played: bytearray = field(default_factory=bytearray)
    _ended: float | None = None
    _first: tuple[int, int] | None = None
    """A stretch's beginning: its place in `played`, in samples, and its timestamp."""

    def now(self) -> float:
        """Seconds since the answer, until the call's end."""
        return self._ended if self._ended is not None else time.monotonic() - self.answered_at

    def close(self) -> None:
        """The receiver is put down."""
        self._ended = self.now()

    @property
    def sound(self) -> bytes:
        """All that was heard up to now; silence where nothing came."""
        until = int(self.now() * SAMPLE_RATE) * 2
        return bytes(self.played[:until]) + bytes(max(0, until - len(self.played)))

    def take(self, datagram: bytes) -> None:
        """A packet has come."""
        at = self.now()
        _, kind, number, timestamp, _ = _HEADER.unpack_from(datagram)
        if kind & 0x7F != _g711.PAYLOAD_TYPE:
            return
        self.packets.append(Packet(at, number))
        self._play(self._place(timestamp, int(at * SAMPLE_RATE)) * 2, _g711.decode(datagram[_HEADER.size :]))

    def _place(self, timestamp: int, now: int) -> int:
        """Where it belongs in `played`, in samples; `now` is where the ear is."""
        due = now + _BUFFER
        first, stamp = self._first or (due, timestamp)
        place = first + ((timestamp - stamp) % _AROUND) * _g711.TIMES
        self.late += place < now
        if self._first is None or place < now or place - due > _NEW_START:
            self._first, place = (due, timestamp), due
        return place

    def _play(self, start: int, pcm: bytes) -> None:
        end = start + len(pcm)
        self.played += bytes(max(0, end - len(self.played)))
        self.played[start:end] = pcm
