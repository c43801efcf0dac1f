"""Takes of a line in her own voice: which is good, and how it is kept; standard library only."""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
import wave
from array import array
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from granny.config.paths import make_private
from granny.lines.wav import QUIETEST, LineError, read

SAMPLE_RATE = 24_000  # Hz
_SECONDS_A_LETTER = (0.025, 0.5)
"""At normal speed; English takes about 0.08, Chinese 0.25. Outside of this something was cut or hangs."""
_STEP = SAMPLE_RATE // 100  # 10 ms
_LEAD, _TAIL = 1, 15  # steps of quiet left before and after the words
_BREATH = QUIETEST // 4  # from trough to crest: soft consonants are louder


@dataclass(frozen=True, slots=True)
class Take:
    """What the model said once.

    Attributes:
        pcm: mono samples at 24 kHz, 16 bit, signed, little-endian.
        transcript: the words, as the model wrote them down.
    """

    pcm: bytes
    transcript: str

    @property
    def seconds(self) -> float:
        """How long it is heard."""
        return len(self.pcm) / 2 / SAMPLE_RATE

    def trimmed(self) -> Take:
        """Without the silence at its ends, so that she is heard at once."""
        samples = array("h", self.pcm[: len(self.pcm) // 2 * 2])
        steps = [samples[start : start + _STEP] for start in range(0, len(samples), _STEP)]
        loud = [number for number, step in enumerate(steps) if max(step) - min(step) >= _BREATH]
        if not loud:
            return self
        first, last = max(loud[0] - _LEAD, 0), loud[-1] + _TAIL + 1
        return Take(samples[first * _STEP : last * _STEP].tobytes(), self.transcript)


def keep(take: Take, path: Path, *, text: str, speed: float) -> None:
    """Put a take where `load` finds it: whole or not at all, and for this user only.

    Args:
        take: what was said.
        path: where it belongs; its folder exists.
        text: what should have been said.
        speed: how fast she was asked to speak; 1.0 is normal.

    Raises:
        LineError: the take is no good; nothing is kept.
        OSError: it cannot be written.
    """
    if plain(take.transcript) != plain(text):
        raise LineError(path, "says other words")
    number, name = tempfile.mkstemp(dir=path.parent, suffix=".part")  # mode 0600
    part = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            _write(file, take.pcm)
        read(part)
        _check_pace(path, take.seconds * speed / max(len(plain(text)), 1))
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def prepare(folder: Path) -> None:
    """Make the folder, and see that a take could be kept there.

    Raises:
        OSError: it could not.
    """
    make_private(folder)
    with tempfile.TemporaryFile(dir=folder):
        pass


def plain(text: str) -> str:
    """The letters and digits of a text in small letters: what must be the same when it is said."""
    return "".join(re.findall(r"[^\W_]", unicodedata.normalize("NFKC", text).casefold()))


def _write(file: IO[bytes], pcm: bytes) -> None:
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(SAMPLE_RATE)
        wav.writeframes(pcm)


def _check_pace(path: Path, seconds_a_letter: float) -> None:
    fastest, slowest = _SECONDS_A_LETTER
    if not fastest <= seconds_a_letter <= slowest:
        raise LineError(path, "is cut short or drawn out")
