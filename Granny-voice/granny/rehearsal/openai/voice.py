"""What the stand-in says: recordings without silence at their ends, cut into the pieces that go over the wire."""

import base64
import wave
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from granny.rehearsal.openai.hearing import BYTES_PER_MS, SAMPLE_RATE, trimmed

CHUNK_MS = 200
CHUNK_BYTES = CHUNK_MS * BYTES_PER_MS
WORD_MS = 400  # 150 words a minute
GREETING_TEXT = "This is a rehearsal, not the real Granny. Say something, and I will repeat it back to you."


@dataclass(frozen=True, slots=True)
class Recording:
    """Something to say.

    Attributes:
        transcript: The words.
        pcm: The sound: mono PCM16 at 24 kHz.
        deltas: The sound in base64, in pieces of 200 ms, encoded once for all calls.
    """

    transcript: str
    pcm: bytes
    deltas: tuple[str, ...]

    @classmethod
    def of(cls, pcm: bytes, transcript: str) -> "Recording":
        """A recording of these words and this sound, from its first sound to its last: what is waited for is heard."""
        pcm = trimmed(pcm)
        starts = range(0, len(pcm), CHUNK_BYTES)
        deltas = (base64.b64encode(pcm[start : start + CHUNK_BYTES]).decode() for start in starts)
        return cls(transcript, pcm, tuple(deltas))

    @classmethod
    def read(cls, path: Path, transcript: str) -> "Recording":
        """The recording in a WAV file.

        Raises:
            ValueError: The file is not mono PCM16 at 24 kHz.
        """
        with wave.open(str(path), "rb") as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, SAMPLE_RATE):
                message = f"{path.name} is not mono PCM16 at {SAMPLE_RATE} Hz"
                raise ValueError(message)
            return cls.of(file.readframes(file.getnframes()), transcript)

    def beginning(self, seconds: float | None) -> "Recording":
        """Its first seconds, or all of it; the words stay."""
        if seconds is None:
            return self
        return Recording.of(self.pcm[: int(seconds * SAMPLE_RATE) * 2], self.transcript)

    def words_by_chunk(self) -> list[str]:
        """The transcript spread over the pieces of sound; joined, they are the transcript again."""
        words = self.transcript.replace(" ", "\0 ").split("\0")
        chunks = max(1, len(self.deltas))
        edges = [-(-len(words) * index // chunks) for index in range(chunks + 1)]
        return ["".join(words[left:right]) for left, right in pairwise(edges)]


def read_out(text: str, voice: Recording) -> Recording:
    """A recording whose transcript is the text; its sound is a piece of `voice`, of a fitting length."""
    wanted = len(text.split()) * WORD_MS * BYTES_PER_MS
    return Recording.of((voice.pcm * (1 + wanted // len(voice.pcm)))[:wanted], text)


def recorded_greeting() -> Recording:
    """The recorded sentence that the stand-in greets with."""
    return Recording.read(Path(__file__).with_name("greeting.wav"), GREETING_TEXT)
