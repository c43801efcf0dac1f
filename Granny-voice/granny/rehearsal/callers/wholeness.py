"""How much of what was said has been heard: the pieces of a recording, found again in what an ear heard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from granny.rehearsal.callers.telephone import SAMPLE_RATE
from granny.rehearsal.openai.hearing import AUDIBLE_RMS

Samples = npt.NDArray[np.float64]
_RATE = 8_000
_FRAME = _RATE // 50
_LEFT = 0.5
"""A piece is heard where this much is left of its level: less 6 dB."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Of one recording; seconds, `began` and `ended` those of the ear.

    Attributes:
        head, tail: how much of its beginning and of its end was not heard.
        began, ended: its first and its last sound, as far as they were heard.
        slipped: how much longer it took to hear than to say; less than nothing: a piece within was left out.
    """

    head: float
    tail: float
    began: float
    ended: float
    slipped: float

    @property
    def is_whole(self) -> bool:
        """From the first sound to the last."""
        return not (self.head or self.tail)


def heard_of(said: bytes, sound: bytes) -> Whole:
    """Both PCM16 mono at `telephone.SAMPLE_RATE`.

    The beginning is where the first half is most alike, the end where the second is; what is missing is counted from
    there, in pieces of 20 ms.
    """
    reference, ear = _telephone(said), _telephone(sound)
    half = len(reference) // 2
    head, began = _beginning(reference[:half], ear)
    tail, from_the_end = _beginning(reference[: half - 1 : -1], ear[::-1])
    ended = len(ear) / _RATE - from_the_end
    return Whole(head, tail, began, ended, slipped=ended - began + head + tail - _audible_seconds(reference))


def _beginning(reference: Samples, ear: Samples) -> tuple[float, float]:
    """How much of it is missing, and when the first sound of it comes that is not, in seconds."""
    at = _most_alike(reference, ear)
    left = _levels(np.pad(ear, (0, len(reference)))[at : at + len(reference)])
    levels = _levels(reference)
    audible = [int(piece) for piece in np.flatnonzero(levels > AUDIBLE_RMS)]
    kept = [piece for piece in audible if left[piece] >= levels[piece] * _LEFT] or [len(levels)]
    return float(kept[0] - audible[0]) * _FRAME / _RATE, (at + float(kept[0]) * _FRAME) / _RATE


def _audible_seconds(samples: Samples) -> float:
    audible = np.flatnonzero(_levels(samples) > AUDIBLE_RMS)
    return float(audible[-1] + 1 - audible[0]) * _FRAME / _RATE


def _telephone(pcm: bytes) -> Samples:
    times = SAMPLE_RATE // _RATE
    samples = np.frombuffer(pcm, dtype="<i2")
    means: Samples = samples[: len(samples) // times * times].reshape(-1, times).mean(axis=1)
    return means


def _most_alike(reference: Samples, ear: Samples) -> int:
    size = len(reference) + len(ear)
    alike = np.fft.irfft(np.fft.rfft(ear, size) * np.conj(np.fft.rfft(reference, size)), size)
    return int(np.argmax(alike[: len(ear)]))


def _levels(samples: Samples) -> Samples:
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    levels: Samples = np.sqrt((frames**2).mean(axis=1))
    return levels
