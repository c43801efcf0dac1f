"""Whether a voice is to be heard in the caller's sound, by how loud it is beside the room's noise."""

from __future__ import annotations

import numpy as np

_QUIETEST_DBFS = -50.0
"""Of a voice; whatever is quieter is none, in however quiet a room."""
_ABOVE_NOISE_DB = 9.0
_RISE_DB_PER_SECOND = 3.0
"""So fast a sound that stays becomes noise."""
_SILENCE_DBFS = -100.0


class Voice:
    """One caller's sound, piece by piece."""

    def __init__(self) -> None:
        self._noise = 0.0

    def is_in(self, pcm: memoryview, *, seconds: float) -> bool:
        """Whether a voice is in this piece of PCM16, which lasts so long."""
        level = _level(pcm)
        self._noise = min(level, self._noise + _RISE_DB_PER_SECOND * seconds)
        return level > max(_QUIETEST_DBFS, self._noise + _ABOVE_NOISE_DB)


def _level(pcm: memoryview) -> float:
    """In dBFS."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / 32_768
    power = float(np.mean(samples * samples)) if samples.size else 0.0
    return max(_SILENCE_DBFS, 10 * float(np.log10(max(power, 1e-10))))
