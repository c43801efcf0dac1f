"""How long to wait, and since when: one caller's patience in one call. Pure; times in seconds on any clock."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from types import MappingProxyType

SECONDS: Mapping[str, float] = MappingProxyType({"short": 0.9, "normal": 1.3, "long": 2.2})
"""The silence after which her answer is heard, by what the setting says.

An answer after 0.6 to 1.5 s is liked best, one after more than 3 s is not (10.1080/10447318.2024.2348225). Chosen on
paper, from pauses drawn as `benchmarks.patience` has them, with other seeds than those it judges by.
"""

_SHORTEST_SILENCE, _LONGEST_SILENCE = 0.2, 2.5
"""In seconds: by so much silence OpenAI knows a turn's end. A voice that is heard even later is somebody else's, and
who has not been heard for longer was too quiet to be."""
_UNKNOWN_SILENCE = 0.3
_DOUBT_SECONDS = 0.3
"""Who is heard again here will be heard by OpenAI, too, so much later at most; or it was nobody."""
CUT_OFF_SECONDS = 1.5
"""Who speaks again so soon after her first sound had not finished."""
_OFTEN, _OF_THE_LAST = 3, 6
"""So many cut off of her last answers are no accident."""
_LONGER = 1.4
LONGEST_SECONDS = 2.8
"""What is learned never goes beyond it: more than 3 s of silence are taken for a fault."""


class Patience:
    """The patience with one caller, from the setting's to what the call has taught.

    Attributes:
        seconds: the silence that is waited out at present.
        caller_speaks: at this moment, as OpenAI hears it.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.caller_speaks = False
        self._voice_at = self._silent_since = -math.inf
        self._sounds_since: float | None = None
        self._was_cut_off: deque[bool] = deque(maxlen=_OF_THE_LAST)

    @property
    def ends_at(self) -> float:
        """Until when an answer is held, if the caller stays silent; a little longer, if that is in doubt."""
        end = self._silent_since + self.seconds
        return min(max(end, self._voice_at + _DOUBT_SECONDS), end + _DOUBT_SECONDS)

    def voice(self, now: float) -> None:
        """A voice is heard; OpenAI does not say when it last was."""
        self._voice_at = now

    def caller_started(self, now: float) -> None:
        """The caller speaks (again)."""
        self.caller_speaks = True
        if self._sounds_since is not None and now - self._sounds_since < CUT_OFF_SECONDS:
            self._was_cut_off[-1] = True
            self._learn()
        self._sounds_since = None

    def caller_stopped(self, now: float) -> None:
        """OpenAI takes the turn for ended: a part of the silence is over already."""
        self.caller_speaks = False
        silence = now - self._voice_at
        self._silent_since = now - (max(silence, _SHORTEST_SILENCE) if silence < _LONGEST_SILENCE else _UNKNOWN_SILENCE)

    def sounds(self, now: float) -> None:
        """The first sound of an answer to the caller leaves for them."""
        self._sounds_since = now
        self._was_cut_off.append(False)

    def forget_turn(self) -> None:
        """The connection is gone, and with it who was speaking."""
        self.caller_speaks = False
        self._silent_since = -math.inf
        self._sounds_since = None

    def _learn(self) -> None:
        """A caller who is often cut off is waited for longer for the rest of the call."""
        if sum(self._was_cut_off) >= _OFTEN:
            self._was_cut_off.clear()
            self.seconds = max(self.seconds, min(self.seconds * _LONGER, LONGEST_SECONDS))
