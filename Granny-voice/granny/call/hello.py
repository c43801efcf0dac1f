"""Whom she has rung says hello first: she hears it out and does not speak over it. Pure; seconds on any clock."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

WAIT_SECONDS = 2.0
"""So long whoever answers may take to say hello; who says nothing is greeted."""
HELLO_SECONDS = 3.0
"""No hello is longer, with the silence by which its end is known: an answering machine has much more to say."""
LONGEST_SECONDS = 10.0
"""Who has not ended by then is spoken to all the same: it may be a wireless that never does."""

HELLO_AGAIN_SECONDS = 2.0
"""So soon after her first sound some say hello once more, and are not to interrupt her."""


class Due(Enum):
    """What is due when somebody has answered."""

    WAIT = "wait"
    GREET = "greet"
    LISTEN = "listen"
    """The model is to say whom it has heard: it may be a machine."""


class Hello:
    """One hello, from the answer on.

    Attributes:
        beginnings: how often a voice has begun.
    """

    def __init__(self, *, answered_at: float) -> None:
        self.beginnings = 0
        self._answered_at = answered_at
        self._began_at: float | None = None
        self._ended_at: float | None = None

    def take(self, event: Mapping[str, object], now: float) -> None:
        """An event from OpenAI, as parsed JSON."""
        kind = event.get("type")
        if kind == "input_audio_buffer.speech_started":
            self.beginnings += 1
            self._began_at = now if self._began_at is None else self._began_at
            self._ended_at = None
        elif kind == "input_audio_buffer.speech_stopped" and self._began_at is not None:
            self._ended_at = now

    def due(self, now: float) -> Due:
        """What is due now; to be asked again at every event, and when the time is up."""
        if self._began_at is None:
            return Due.GREET if now - self._answered_at >= WAIT_SECONDS else Due.WAIT
        if self._ended_at is None:
            return Due.GREET if now - self._began_at >= LONGEST_SECONDS else Due.WAIT
        return Due.GREET if self._ended_at - self._began_at <= HELLO_SECONDS else Due.LISTEN
