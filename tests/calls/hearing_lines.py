"""Recorded lines that a test can tell apart: each is a tone of its own, short, in a folder as a family's would be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from family import record
from granny.lines import Line, Recording
from granny.rehearsal.callers.telephone import SAMPLE_RATE

SECONDS = 0.7
_LINE_RATE = 24_000
_FRAME = SAMPLE_RATE // 25
_LOUD = 300.0
_SHORTEST_FRAMES = 5
_PURE = 0.6  # of a frame's energy; the tones are higher than where a voice has most of its own
_VOICE_GAP = 0.35
_PIECE_SECONDS = 0.5
_LINE_GAP = 1.5
"""Seconds. On a busy machine a line may come in pieces; none is said twice so soon."""
Frames: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
GREETINGS = (Line.GREETING, Line.HELLO)
"""Without recordings of the family's: with them the model would not be asked to greet."""
PITCH = {line: 800.0 + 150.0 * number for number, line in enumerate(Line) if line not in GREETINGS}


@dataclass(frozen=True)
class Sound:
    """Something heard: a recorded line, or (None) a voice; seconds since joining."""

    line: Line | None
    start: float
    end: float


def record_tones(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for line, pitch in PITCH.items():
        angle = 2 * np.pi * pitch * np.arange(int(SECONDS * _LINE_RATE)) / _LINE_RATE
        record(folder / f"{line.value}.wav", (8_000 * np.sin(angle)).astype("<i2").tobytes(), _LINE_RATE)


def likeness(pcm: bytes | bytearray, recording: Recording) -> float:
    """How much of a recording is in what was heard, 0 to 1.

    The median of what its pieces correlate with what they are most like: a network stretches a line in places.
    """
    heard = np.frombuffer(bytes(pcm), dtype="<i2")[:: SAMPLE_RATE // recording.sample_rate].astype(np.float64)
    said = np.frombuffer(recording.pcm, dtype="<i2").astype(np.float64)
    length = int(_PIECE_SECONDS * recording.sample_rate)
    starts = range(0, len(said) - length + 1, length)
    return float(np.median([_likeness(heard, said[start : start + length]) for start in starts]))


def _likeness(heard: Frames, piece: Frames) -> float:
    size = 1 << (len(heard) + len(piece)).bit_length()  # of any other length it may take a hundred times as long
    met = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(piece, size)), size)[: len(heard)]
    at = int(np.argmax(met))
    power = np.linalg.norm(heard[at : at + len(piece)]) * np.linalg.norm(piece)
    return float(met[at] / power) if power else 0.0


class Ear:
    """Hears piece by piece; what is shorter than 0.2 s does not count."""

    def __init__(self) -> None:
        self._found: list[Sound] = []
        self._heard = 0

    @property
    def sounds(self) -> list[Sound]:
        """What was heard so far, in order."""
        seconds = _SHORTEST_FRAMES * _FRAME / SAMPLE_RATE
        return [sound for sound in self._found if sound.end - sound.start >= seconds - 1e-9]

    def hear(self, pcm: bytes | bytearray) -> None:
        """What comes behind what was heard already; less than a whole frame at the end is not heard."""
        whole = len(pcm) // (2 * _FRAME) * 2 * _FRAME
        frames = np.frombuffer(bytes(pcm[:whole]), dtype="<i2").reshape(-1, _FRAME).astype(np.float32)
        loud = np.flatnonzero(np.sqrt(np.mean(frames**2, axis=1)) > _LOUD)
        for number, line in zip(loud, _lines(frames[loud]), strict=True):
            _extend(self._found, line, float(self._heard + number) * _FRAME / SAMPLE_RATE)
        self._heard += len(frames)

    @property
    def bytes_heard(self) -> int:
        """How much of the sound, from its beginning, has been heard."""
        return self._heard * 2 * _FRAME


def sounds(pcm: bytes | bytearray) -> list[Sound]:
    """What was heard in a whole call, in order."""
    ear = Ear()
    ear.hear(pcm)
    return ear.sounds


def _extend(found: list[Sound], line: Line | None, start: float) -> None:
    end = start + _FRAME / SAMPLE_RATE
    gap = _LINE_GAP if line else _VOICE_GAP
    for number, sound in reversed(list(enumerate(found))):
        if sound.line is line and start - sound.end < gap:
            found[number] = Sound(line, sound.start, end)
            return
    found.append(Sound(line, start, end))


def _lines(frames: Frames) -> list[Line | None]:
    """For each frame the line whose tone makes up nearly all of it."""
    power = np.abs(np.fft.rfft(frames * np.hanning(_FRAME))) ** 2
    peaks = np.argmax(power, axis=1)
    return [_line(one, int(peak)) for one, peak in zip(power, peaks, strict=True)]


def _line(power: Frames, peak: int) -> Line | None:
    if power[max(0, peak - 3) : peak + 4].sum() < _PURE * power.sum():
        return None
    step = SAMPLE_RATE / _FRAME
    line = min(PITCH, key=lambda line: abs(PITCH[line] - peak * step))
    return line if abs(PITCH[line] - peak * step) <= 2 * step else None
