"""Loud and soft nearer to each other, and everything as loud as it should be: by gains that know the past alone.

The gain of a block of ten milliseconds follows from the blocks before it, so that how the sound is cut into pieces does
not matter, and nothing waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from granny.call.hearing._filter import Filter, Samples, kernel
from granny.call.hearing._manner import LOUDNESS_LUFS, Manner

_BLOCKS_PER_SECOND = 100
_RELEASE_DB = 60.0 / _BLOCKS_PER_SECOND
"""So fast, a block, the gain comes back after something loud."""
_SILENCE_DB = -100.0
_SPEECH_LUFS = -50.0
"""What is softer is a pause."""
_MOMENT_BLOCKS = 40
"""By so much sound it is judged, so that what is soft within a word counts."""
_GATE_SECONDS, _GATE_LU = 0.4, 10.0
"""Of a whole recording what is softer by so much than the rest is left out, as ITU-R BS.1770-5 has it."""
_MEMORY_BLOCKS = 3 * _BLOCKS_PER_SECOND
"""So much speech says how loud she is."""
_MOST_DB = 12.0
"""More is not added, nor taken away."""
_CHANGE_DB = 6.0 / _BLOCKS_PER_SECOND
"""So fast, a block, at most."""

EAR: Mapping[float, float] = {
    20: -13.4,
    50: -3.4,
    100: -1.0,
    200: -0.3,
    500: 0.0,
    1000: 0.6,
    2000: 2.9,
    4000: 3.9,
    10_000: 4.0,
}
"""How loud a tone seems, in dB by Hz: about the K weighting of ITU-R BS.1770-5."""
_TO_LUFS = -0.691


class Level:
    """One stream through compression and levelling.

    Attributes:
        loudness: how loud it has been before it was levelled, in LUFS, by its last seconds of speech.

    Args:
        manner: threshold and ratio.
        rate: Hz.
        loudness: how loud the sound is, where that is known before; then nothing more is learned of it.
    """

    def __init__(self, manner: Manner, rate: int, *, loudness: float | None = None) -> None:
        self.loudness = LOUDNESS_LUFS if loudness is None else loudness
        self._manner = manner
        self._ear = Filter(kernel(EAR, rate))
        self._power = _power(self.loudness)
        self._moment = 0.0
        self._heard = 0
        self._is_known = loudness is not None
        self._peak = _SILENCE_DB
        self._lift = self._wanted_lift
        block = rate // _BLOCKS_PER_SECOND
        self._compression = _Gain(block, 0.0, self._compress)
        self._levelling = _Gain(block, self._lift, self._make_alike)

    def run(self, samples: Samples) -> Samples:
        """The samples at their new level, as many as came."""
        compressed = samples * self._compression.follow(samples)
        if self._is_known:
            return compressed * _amplitude(self._lift)
        return compressed * self._levelling.follow(self._ear.run(compressed))

    def _compress(self, level: float) -> float:
        self._peak = max(level, self._peak - _RELEASE_DB)
        above = max(0.0, self._peak - self._manner.threshold)
        return -above * (1 - 1 / self._manner.ratio)

    def _make_alike(self, level: float) -> float:
        power = 10 ** (level / 10)
        self._moment += (power - self._moment) / _MOMENT_BLOCKS
        if _lufs(self._moment) > _SPEECH_LUFS:
            self._heard = min(self._heard + 1, _MEMORY_BLOCKS)
            self._power += (power - self._power) / self._heard
            self.loudness = _lufs(self._power)
        self._lift += float(np.clip(self._wanted_lift - self._lift, -_CHANGE_DB, _CHANGE_DB))
        return self._lift

    @property
    def _wanted_lift(self) -> float:
        return float(np.clip(LOUDNESS_LUFS - self.loudness, -_MOST_DB, _MOST_DB))


class _Gain:
    """A gain that follows a stream: from block to block it goes straight to what the blocks before have asked for.

    Args:
        block: samples.
        first: dB, of the first block.
        ask: called with the level of each whole block in dB; the gain in dB, for the end of the next one.
    """

    def __init__(self, block: int, first: float, ask: Callable[[float], float]) -> None:
        self._block = block
        self._ask = ask
        self._position, self._sum = 0, 0.0
        self._from = self._to = _amplitude(first)

    def follow(self, stream: Samples) -> Samples:
        """The factor for each sample of a piece of the stream."""
        starts = np.arange(self._block - self._position, len(stream), self._block)
        sums = np.add.reduceat(stream * stream, [0, *starts])
        sums[0] += self._sum
        whole = (self._position + len(stream)) // self._block
        gains = [self._from, self._to]
        for total in sums[:whole]:
            level = 10 * float(np.log10(max(total / self._block, 10 ** (_SILENCE_DB / 10))))
            gains.append(_amplitude(self._ask(level)))
        edges = np.arange(len(gains)) * self._block - self._position
        self._position += len(stream) - whole * self._block
        self._sum = float(sums[-1]) if self._position else 0.0
        self._from, self._to = gains[whole], gains[whole + 1]
        factors: Samples = np.interp(np.arange(1, len(stream) + 1), edges, gains)
        return factors


def integrated(samples: Samples, rate: int) -> float:
    """How loud a whole recording is, in LUFS."""
    weighted = Filter(kernel(EAR, rate)).run(samples)
    size = max(1, min(len(weighted), int(_GATE_SECONDS * rate)))
    sums = np.concatenate([[0.0], np.cumsum(weighted * weighted)])
    powers = (sums[size :: size // 4 or 1] - sums[: len(sums) - size : size // 4 or 1]) / size
    speech = powers[powers > _power(_SPEECH_LUFS)]
    if not speech.size:
        return LOUDNESS_LUFS
    return _lufs(float(np.mean(speech[speech > np.mean(speech) * 10 ** (-_GATE_LU / 10)])))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _TO_LUFS) / 10))


def _lufs(power: float) -> float:
    return 10 * float(np.log10(max(power, 10 ** (_SILENCE_DB / 10)))) + _TO_LUFS


def _amplitude(gain: float) -> float:
    return float(10 ** (gain / 20))
