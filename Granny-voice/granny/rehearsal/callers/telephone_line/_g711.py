"""The sound of a telephone line: 8000 samples a second, 8 bits each, by the µ-law (ITU-T G.711)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from granny.rehearsal.callers.telephone import SAMPLE_RATE

NAME, PAYLOAD_TYPE = "PCMU", 0
RATE = 8_000
"""Hz, on the wire."""
FRAME_SECONDS = 0.02
FRAME = int(RATE * FRAME_SECONDS)
"""Samples, and bytes, of one packet."""
TIMES = SAMPLE_RATE // RATE
SILENCE = b"\xff" * FRAME
_BIAS, _LARGEST = 132, 32_635


def encode(pcm: bytes) -> bytes:
    """PCM16 mono at `telephone.SAMPLE_RATE` for the wire; each sample is the mean of those it stands for."""
    whole = len(pcm) // (2 * TIMES) * TIMES
    samples = np.frombuffer(pcm, dtype="<i2", count=whole).reshape(-1, TIMES).mean(axis=1).astype(np.int32)
    size = np.minimum(np.abs(samples), _LARGEST) + _BIAS
    exponent = np.floor(np.log2(size)).astype(np.int32) - 7
    coded = (exponent << 4) | ((size >> (exponent + 3)) & 0x0F) | np.where(samples < 0, 0x80, 0)
    return bytes((~coded & 0xFF).astype(np.uint8).tobytes())


def decode(payload: bytes) -> bytes:
    """What came over the wire, as PCM16 mono at `telephone.SAMPLE_RATE`."""
    return np.repeat(_SAMPLES[np.frombuffer(payload, dtype=np.uint8)], TIMES).tobytes()


def _samples() -> npt.NDArray[np.int16]:
    code = ~np.arange(256) & 0xFF
    size = ((((code & 0x0F) << 3) + _BIAS) << ((code & 0x70) >> 4)) - _BIAS
    return np.where(code & 0x80, -size, size).astype("<i2")


_SAMPLES = _samples()
