"""One stream of hers: filtered, levelled, bounded."""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
from livekit import rtc

from granny.call.hearing._filter import Filter, Samples, kernel
from granny.call.hearing._level import Level, integrated
from granny.call.hearing._manner import CEILING_DBFS, LOUDNESS_LUFS, MANNERS, Manner
from granny.lines import Recording

_FULL = 32_768
_CEILING = math.floor(10 ** (CEILING_DBFS / 20) * _FULL) / _FULL
_KNEE = 0.6 * _CEILING
"""What is softer passes as it is."""


class Hearing:
    """The processing of one stream, which begins now.

    Args:
        manner: what is done.
        rate: Hz.
        loudness: how loud the stream is before it is levelled, in LUFS, where that is known.
    """

    def __init__(self, manner: Manner, rate: int, *, loudness: float | None = None) -> None:
        self._filter = Filter(kernel(manner.response, rate))
        self._level = Level(manner, rate, loudness=loudness)

    def begin(self) -> None:
        """Something else is said now, as loud as before; what was cut off in mid-sound would begin it with a click."""
        self._filter.forget()

    def run(self, pcm: bytes | memoryview) -> bytes:
        """PCM16 as long as what came."""
        samples = _samples(pcm)
        return _pcm(bounded(self._level.run(self._filter.run(samples)))) if len(samples) else b""

    def frame(self, frame: rtc.AudioFrame) -> rtc.AudioFrame:
        """A frame of one channel."""
        pcm = self.run(frame.data.cast("b"))
        return rtc.AudioFrame(pcm, frame.sample_rate, 1, frame.samples_per_channel)


@functools.lru_cache(maxsize=8)
def clearer(recording: Recording, hearing: str) -> Recording:
    """A recorded line as she is heard otherwise, by the setting `hearing`; as loud, from its first word on."""
    manner = MANNERS.get(hearing)
    if manner is None:
        return recording
    rate = recording.sample_rate
    as_it_is = Hearing(manner, rate, loudness=LOUDNESS_LUFS).run(recording.pcm)
    loudness = integrated(_samples(as_it_is), rate)
    return dataclasses.replace(recording, pcm=Hearing(manner, rate, loudness=loudness).run(recording.pcm))


def bounded(samples: Samples) -> Samples:
    """Never louder than the ceiling, and without a corner where it bends."""
    size = np.abs(samples)
    room = _CEILING - _KNEE
    bent = _KNEE + room * np.tanh((size - _KNEE) / room)
    return np.where(size > _KNEE, np.sign(samples) * bent, samples)


def _samples(pcm: bytes | memoryview) -> Samples:
    return np.frombuffer(pcm, dtype="<i2").astype(np.float64) / _FULL


def _pcm(samples: Samples) -> bytes:
    """Rounded to what is left of it whichever way it was cut: sums differ in their last digits."""
    whole: bytes = np.rint(np.round(samples * _FULL, 6)).astype("<i2").tobytes()
    return whole
