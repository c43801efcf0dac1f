"""A WAV file as a caller can be played it: mono, 16 bit, neither silent nor endless."""

from __future__ import annotations

import functools
import wave
from array import array
from collections.abc import Iterator
from itertools import repeat
from operator import add, rshift
from pathlib import Path

WIDTH = 16  # bits of a sample
LOWEST_RATE = 8_000  # Hz, a telephone's
LONGEST = 30  # seconds: the caller must not be kept from hanging up
QUIETEST = 656  # from trough to crest, -40 dB of full scale: below it a caller hears nothing
_PIECE = 1 << 14  # samples, of both channels


class LineError(Exception):
    """A recording cannot be used; the message names the file and what is wrong with it."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


def read(path: Path) -> tuple[bytes, int]:
    """The samples of a WAV file as mono, and their rate in Hz.

    Raises:
        LineError: a caller could not be played it: no file, no plain PCM, silent, too long.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return _read(path, (state.st_mtime_ns, state.st_size))


@functools.lru_cache
def _read(path: Path, _state: tuple[int, int]) -> tuple[bytes, int]:
    """As `read`, once for each state of the file: her greeting is read before the call that needs it."""
    try:
        with path.open("rb") as file, wave.open(file) as wav:
            rate, channels = wav.getframerate(), wav.getnchannels()
            _check_format(path, wav)
            # The header may be wrong about the length: some programs write into a pipe.
            pcm = wav.readframes(LONGEST * rate + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    except (wave.Error, EOFError, RuntimeError) as error:
        raise LineError(path, "is not a WAV file of plain 16-bit PCM") from error
    samples = _samples(pcm, channels)
    _check_sound(path, samples, rate)
    return samples.tobytes(), rate


def _unreadable(path: Path, error: OSError) -> LineError:
    return LineError(path, f"cannot be read ({error.strerror})")


def _check_format(path: Path, wav: wave.Wave_read) -> None:
    bits, channels, rate = 8 * wav.getsampwidth(), wav.getnchannels(), wav.getframerate()
    if bits != WIDTH:
        raise LineError(path, f"has {bits}-bit samples; save it with {WIDTH}")
    if channels not in (1, 2):
        raise LineError(path, f"has {channels} channels; save it as mono or stereo")
    if rate < LOWEST_RATE:
        raise LineError(path, f"has {rate} samples a second; record it with {LOWEST_RATE} or more")


def _samples(pcm: bytes, channels: int) -> array[int]:
    samples = array("h", pcm[: len(pcm) - len(pcm) % (2 * channels)])
    if channels == 1:
        return samples
    mixed = array("h")
    for piece in _pieces(samples):
        mixed.extend(map(rshift, map(add, piece[::2], piece[1::2]), repeat(1)))
    return mixed


def _pieces(samples: array[int]) -> Iterator[array[int]]:
    """All samples, a little at a time: what is done in one go would hold every other thread, a call's too."""
    return (samples[start : start + _PIECE] for start in range(0, len(samples), _PIECE))


def _check_sound(path: Path, samples: array[int], rate: int) -> None:
    if not samples:
        raise LineError(path, "holds no sound")
    if len(samples) > LONGEST * rate:
        raise LineError(path, f"is longer than {LONGEST} seconds")
    if max(max(piece) for piece in _pieces(samples)) - min(min(piece) for piece in _pieces(samples)) < QUIETEST:
        raise LineError(path, "is silent; record it again, closer to the microphone")
