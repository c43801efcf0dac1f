"""The input audio buffer, and turn detection by loudness: when the caller starts and stops to speak."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from openai.types.realtime import RealtimeAudioInputTurnDetection
from openai.types.realtime.realtime_audio_input_turn_detection import ServerVad

SAMPLE_RATE = 24_000
BYTES_PER_MS = SAMPLE_RATE * 2 // 1000
FRAME_MS = 20
FRAME_BYTES = FRAME_MS * BYTES_PER_MS
ONSET_FRAMES = 3  # a click is shorter than 60 ms, a syllable is not
AUDIBLE_RMS = 300.0
"""Of a 20 ms frame of PCM16: above it is sound, for whoever measures what a caller hears, and below it silence.

Between the noise of a resampler (below 5) and quiet speech (above 1,000).
"""

PREFIX_MS = 300  # OpenAI's defaults for server_vad
SILENCE_MS = 500
THRESHOLD = 0.5

SILENCE_DBFS = -100.0
LOUD_DBFS = -45.0  # at the default threshold of 0.5 …
DB_PER_THRESHOLD = 40.0  # … and so from -65 dBFS at 0.0 to -25 dBFS at 1.0
ABOVE_NOISE_DB = 9.0
NOISE_RISE_DB = 3.0 * FRAME_MS / 1000  # the estimate of the room's noise rises by 3 dB a second
HYSTERESIS_DB = 6.0  # a voice that falls at the end of a word still counts


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller started to speak `start_ms` after the session's first sample, padding included."""

    start_ms: int


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The caller fell silent; `audio` (PCM16) holds the turn, padding and closing silence included."""

    end_ms: int
    audio: bytes


class Hearing:
    """The input audio buffer of one connection: mono PCM16 at 24 kHz."""

    def __init__(self, *, semantic_silence_ms: int, eager_silence_ms: int) -> None:
        self._semantic_silence_ms = semantic_silence_ms
        self._eager_silence_ms = eager_silence_ms
        self._buffer = bytearray()
        self._start = 0  # bytes that came before the buffer's first
        self._scanned = 0  # bytes that turn detection has judged
        self._noise = SILENCE_DBFS
        self.listen(None)

    def listen(self, detection: RealtimeAudioInputTurnDetection | None) -> None:
        """Take over the session's turn detection; None leaves turns to the client."""
        server_vad = detection if isinstance(detection, ServerVad) else ServerVad(type="server_vad")
        self._on = detection is not None
        self._prefix_ms = _given(server_vad.prefix_padding_ms, PREFIX_MS)
        self._silence_ms = _given(server_vad.silence_duration_ms, SILENCE_MS)
        if detection is not None and detection.type == "semantic_vad":
            is_eager = detection.eagerness == "high"
            self._silence_ms = self._eager_silence_ms if is_eager else self._semantic_silence_ms
        threshold = _given(server_vad.threshold, THRESHOLD)
        self._loud = LOUD_DBFS + DB_PER_THRESHOLD * (threshold - THRESHOLD)
        self._rest()

    def append(self, pcm: bytes) -> list[SpeechStarted | SpeechStopped]:
        """Hear some more audio; what turn detection made of it, in order."""
        self._buffer += pcm
        if not self._on:
            return []
        end = self._start + len(self._buffer)
        whole = (end - self._scanned) // FRAME_BYTES * FRAME_BYTES
        offset = self._scanned - self._start
        sounds = [self._step(level) for level in loudness(bytes(self._buffer[offset : offset + whole]))]
        if not self._speaking:
            self._drop_until(self._scanned - self._onset * FRAME_BYTES - self._prefix_ms * BYTES_PER_MS)
        return [sound for sound in sounds if sound]

    def take(self) -> bytes:
        """Empty the buffer into a turn, as a client's commit does."""
        audio = bytes(self._buffer)
        self.clear()
        return audio

    def clear(self) -> None:
        """Forget what is in the buffer."""
        self._drop_until(self._start + len(self._buffer))
        self._rest()

    def _rest(self) -> None:
        self._speaking = False
        self._onset = 0
        self._quiet_ms = 0
        self._scanned = self._start + len(self._buffer)

    def _step(self, level: float) -> SpeechStarted | SpeechStopped | None:
        self._scanned += FRAME_BYTES
        self._noise = min(level, self._noise + NOISE_RISE_DB)
        threshold = max(self._loud, self._noise + ABOVE_NOISE_DB)
        if self._speaking:
            return self._wait_for_silence(loud=level > threshold - HYSTERESIS_DB)
        return self._wait_for_speech(loud=level > threshold)

    def _wait_for_speech(self, *, loud: bool) -> SpeechStarted | None:
        self._onset = self._onset + 1 if loud else 0
        if self._onset < ONSET_FRAMES:
            return None
        self._drop_until(self._scanned - self._onset * FRAME_BYTES - self._prefix_ms * BYTES_PER_MS)
        self._speaking, self._onset, self._quiet_ms = True, 0, 0
        return SpeechStarted(self._start // BYTES_PER_MS)

    def _wait_for_silence(self, *, loud: bool) -> SpeechStopped | None:
        self._quiet_ms = 0 if loud else self._quiet_ms + FRAME_MS
        if self._quiet_ms < self._silence_ms:
            return None
        self._speaking = False
        audio = bytes(self._buffer[: self._scanned - self._start])
        self._drop_until(self._scanned)
        return SpeechStopped(self._scanned // BYTES_PER_MS, audio)

    def _drop_until(self, position: int) -> None:
        surplus = max(0, position - self._start)
        del self._buffer[:surplus]
        self._start += surplus


def trimmed(pcm: bytes) -> bytes:
    """PCM16 at 24 kHz without the whole frames of silence at its ends; silence alone stays as it is."""
    whole = len(pcm) // FRAME_BYTES * FRAME_BYTES
    frames = np.frombuffer(pcm[:whole], dtype="<i2").reshape(-1, FRAME_BYTES // 2).astype(np.float32)
    loud = np.flatnonzero(np.mean(frames * frames, axis=1) > AUDIBLE_RMS**2)
    return pcm[int(loud[0]) * FRAME_BYTES : (int(loud[-1]) + 1) * FRAME_BYTES] if loud.size else pcm


def loudness(pcm: bytes) -> list[float]:
    """The level of each whole 20 ms frame of PCM16 at 24 kHz, in dBFS (RMS; -100 for digital silence)."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / 32768
    frames = samples.reshape(-1, FRAME_BYTES // 2)
    rms = np.sqrt(np.mean(frames * frames, axis=1))
    levels: list[float] = (20 * np.log10(np.maximum(rms, 1e-5))).tolist()
    return levels


Number = TypeVar("Number", int, float)


def _given(value: Number | None, default: Number) -> Number:
    return default if value is None else value
