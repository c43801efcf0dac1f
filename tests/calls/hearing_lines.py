"""Recorded lines that a test can tell apart: each is a tone of its own, short, in a folder as a family's would be."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from granny.lines import Line
from granny.rehearsal.telephone import SAMPLE_RATE

SECONDS = 0.7
_LINE_RATE = 24_000
_FRAME = SAMPLE_RATE // 25
_LOUD = 300.0
_SHORTEST_FRAMES = 5
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
        with wave.open(str(folder / f"{line.value}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(_LINE_RATE)
            file.writeframes((8_000 * np.sin(angle)).astype("<i2").tobytes())


def sounds(pcm: bytes | bytearray) -> list[Sound]:
    """What was heard, in order; a line counts from 0.2 s of its tone on."""
    whole = len(pcm) // (2 * _FRAME) * 2 * _FRAME
    frames = np.frombuffer(bytes(pcm[:whole]), dtype="<i2").reshape(-1, _FRAME).astype(np.float64)
    found: list[Sound] = []
    for number, frame in enumerate(frames):
        if np.sqrt(np.mean(frame**2)) > _LOUD:
            _extend(found, _line(frame), number * _FRAME / SAMPLE_RATE)
    seconds = _SHORTEST_FRAMES * _FRAME / SAMPLE_RATE
    return [sound for sound in found if sound.end - sound.start >= seconds - 1e-9]


def _extend(found: list[Sound], line: Line | None, start: float) -> None:
    end = start + _FRAME / SAMPLE_RATE
    last = found[-1] if found else None
    if last and last.line is line and start - last.end < SECONDS / 2:
        found[-1] = Sound(line, last.start, end)
    else:
        found.append(Sound(line, start, end))


def _line(frame: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Line | None:
    """The line whose tone makes up nearly all of the frame."""
    power = np.abs(np.fft.rfft(frame * np.hanning(len(frame)))) ** 2
    step = SAMPLE_RATE / len(frame)
    peak = int(np.argmax(power))
    if power[max(0, peak - 3) : peak + 4].sum() < 0.85 * power.sum():
        return None
    line = min(PITCH, key=lambda line: abs(PITCH[line] - peak * step))
    return line if abs(PITCH[line] - peak * step) <= 2 * step else None
