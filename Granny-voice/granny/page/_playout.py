"""Her voice on its way to a browser: as fast as it is heard and no faster, so that little of it is to be taken back.

The model speaks far faster than anybody listens. What is not yet due waits here, and not in the browser: when the
caller interrupts her, it is gone at once.
"""

from __future__ import annotations

from granny.rooms.roomless import FRAME_BYTES, FRAME_SECONDS

AHEAD_SECONDS = 0.8
"""So much is in the browser before it is heard: as much as the machine may be held up."""
LONGEST_SECONDS = 120.0
"""So much may wait. Nobody speaks so long without a pause; what comes on top is lost, the newest first."""
_WAY_SECONDS = 0.1
"""From here into the ear."""
_LONGEST_BYTES = int(LONGEST_SECONDS / FRAME_SECONDS) * FRAME_BYTES


class Playout:
    """The sound of one call; times are in seconds on one clock.

    Attributes:
        lost: bytes for which there was no place.
    """

    def __init__(self) -> None:
        self.lost = 0
        self._waiting = bytearray()
        self._is_whole = False
        self._heard_until = 0.0

    def put(self, pcm: bytes) -> None:
        """She says this, behind what she has said."""
        room = max(0, _LONGEST_BYTES - len(self._waiting))
        self._waiting += pcm[:room]
        self.lost += len(pcm) - len(pcm[:room])

    def finish(self) -> None:
        """She has said all of it."""
        self._is_whole = True

    def clear(self, now: float) -> None:
        """What has not been heard by now is not to be heard."""
        self._waiting.clear()
        self._is_whole = False
        self._heard_until = now

    def frame(self, now: float) -> bytes | None:
        """What is to be sent now, one frame; None if nothing is due."""
        if not self._is_due(now):
            return None
        frame = bytes(self._waiting[:FRAME_BYTES])
        del self._waiting[:FRAME_BYTES]
        self._heard_until = max(self._heard_until, now) + FRAME_SECONDS
        return frame.ljust(FRAME_BYTES, b"\0")

    def is_silent(self, now: float) -> bool:
        """Whether nothing of hers is still to be heard."""
        return len(self._waiting) < FRAME_BYTES and now >= self._heard_until + _WAY_SECONDS

    def is_heard(self, now: float) -> bool:
        """Whether all she has said has been heard, once: whoever asks again is told no."""
        if self._is_whole and not self._waiting and now >= self._heard_until + _WAY_SECONDS:
            self._is_whole = False
            return True
        return False

    def _is_due(self, now: float) -> bool:
        is_there = len(self._waiting) >= FRAME_BYTES or (self._is_whole and bool(self._waiting))
        return is_there and self._heard_until < now + AHEAD_SECONDS
