"""What a family puts beside Granny: a file for each person, and recordings."""

from __future__ import annotations

import shutil
import wave
from collections.abc import Mapping
from pathlib import Path

RATE = 24_000
"""Hz, of a recording unless it says otherwise."""


def with_people(home: Path, own: Path, people: Mapping[str, str]) -> Path:
    """A copy of Granny's folder, with such a file for each of these people, by their slugs."""
    shutil.copytree(home, own)
    for slug, text in people.items():
        tell(own, slug, text)
    return own


def tell(own: Path, slug: str, text: str) -> None:
    """Of this person, in a file that nobody else may read."""
    file = own / "people" / f"{slug}.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)


def record(file: Path, pcm: bytes, rate: int = RATE) -> None:
    """PCM16 mono, as a WAV file."""
    with wave.open(str(file), "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(rate)
        recording.writeframes(pcm)
