"""Callers who pause in the middle of a turn: how long, drawn by chance, and how it sounds.

No table of older callers' pauses has been published, so this is what is assumed. Pauses within a turn are log-normal,
and their centre and spread grow with age and impairment (Pastoriza-Domínguez, medRxiv 2020.12.28.20248875); more than
by age they differ by the person (arXiv 2505.24736). So a person is drawn first, round the kind's median, and then that
person's pauses. Shorter ones than a fifth of a second are none that anybody would take for an end; longer ones than
five seconds are left out, for nobody would wait for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from granny.rehearsal.callers.caller import SENTENCE, recorded
from granny.rehearsal.callers.telephone import SAMPLE_RATE

Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of speaker: the median of the pauses in seconds, and their spread as the sigma of their logarithm."""

    median: float
    sigma: float


KINDS: Mapping[str, Kind] = MappingProxyType({"older": Kind(0.6, 0.8), "slow": Kind(0.9, 0.9)})
_PERSON_SIGMA = 0.25
"""How far a person's median lies from the kind's, as the sigma of its logarithm."""
_SHORTEST, _LONGEST = 0.2, 5.0
_PAUSES = (1, 2, 3)
"""How many a turn may have; two on average."""

_NOISE_DBFS = -55.0
"""Of a quiet room: a clock, a refrigerator, a street behind windows."""
_NOISE_SECONDS = 20
_FADE_SECONDS = 0.01

_PHRASES = {
    "a man": (SENTENCE, ((0.0, 1.42), (1.54, 3.12), (3.26, 4.30))),
    "a woman": (SENTENCE.parents[1] / "openai" / "greeting.wav", ((0.0, 1.08), (1.20, 2.46), (2.60, 4.10))),
}
"""The voices, and where in each recording a phrase begins and ends, in seconds."""


def person(random: Random, kind: Kind) -> Iterator[list[float]]:
    """The pauses of one person, turn by turn, in seconds."""
    median = kind.median * random.lognormal(0.0, _PERSON_SIGMA)
    while True:
        pauses = random.lognormal(np.log(median), kind.sigma, size=random.choice(_PAUSES))
        yield [float(pause) for pause in np.clip(pauses, _SHORTEST, _LONGEST)]


@dataclass(frozen=True, slots=True)
class Turn:
    """What a caller says.

    Attributes:
        pcm: the voice, at `SAMPLE_RATE`; the noise of the room is not in it.
        pauses: when each pause begins and ends, in seconds from the turn's start.
        seconds: how long it is.
    """

    pcm: bytes
    pauses: tuple[tuple[float, float], ...]
    seconds: float


def turn(random: Random, pauses: Sequence[float]) -> Turn:
    """A turn with these pauses; its phrases are one voice's, in any order."""
    phrases = _phrases(str(random.choice(list(_PHRASES))))
    pcm, at, spans = b"", 0.0, []
    for pause in (*pauses, None):
        pcm += phrases[int(random.integers(len(phrases)))]
        at = _seconds(pcm)
        if pause is not None:
            pcm += bytes(int(pause * SAMPLE_RATE) * 2)
            spans.append((at, _seconds(pcm)))
    return Turn(pcm, tuple(spans), _seconds(pcm))


def room_noise(random: Random) -> bytes:
    """Some seconds of a quiet room: more of the low tones than of the high ones, and never quite silent."""
    white = random.standard_normal(_NOISE_SECONDS * SAMPLE_RATE)
    spectrum = np.fft.rfft(white) / np.sqrt(np.maximum(np.arange(len(white) // 2 + 1), 20 * _NOISE_SECONDS))
    noise = np.fft.irfft(spectrum, len(white))
    noise *= 32_768 * 10 ** (_NOISE_DBFS / 20) / np.sqrt(np.mean(noise**2))
    sound: bytes = noise.astype("<i2").tobytes()
    return sound


def _phrases(name: str) -> list[bytes]:
    file, spans = _PHRASES[name]
    sound = np.frombuffer(recorded(file), dtype="<i2")
    return [_faded(sound[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]) for start, end in spans]


def _faded(sound: np.ndarray[tuple[int], np.dtype[np.int16]]) -> bytes:
    """Without a click at either end."""
    ramp = np.ones(len(sound))
    length = int(_FADE_SECONDS * SAMPLE_RATE)
    ramp[:length] = np.linspace(0, 1, length)
    ramp[-length:] = ramp[:length][::-1]
    pcm: bytes = (sound * ramp).astype("<i2").tobytes()
    return pcm


def _seconds(pcm: bytes) -> float:
    return len(pcm) / 2 / SAMPLE_RATE
