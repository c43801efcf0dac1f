"""Which recordings are in Granny's own voice, and where this machine keeps them; standard library only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from granny.config import user_folders
from granny.config.whereabouts import crisis_line, emergency_number

if TYPE_CHECKING:  # a call need not import pydantic for this
    from granny.config.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnVoice:
    """How she sounds and what she is called: with any of it changed, she is another, and is recorded anew.

    Attributes:
        server: who speaks; a rehearsal's stand-in must never be taken for her.
        model: OpenAI's Realtime model.
        voice: OpenAI's voice.
        speed: how fast she speaks; 1.0 is normal.
        language: as in en, de, pt-BR.
        name: what she calls herself.
        emergency_number, crisis_line: whom to ring when it is serious; None where that is not known. They are a part
            of the words of two lines, and no part of her voice.
    """

    server: str
    model: str
    voice: str
    speed: float
    language: str
    name: str
    emergency_number: str | None = None
    crisis_line: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> OwnVoice:
        """The voice that the settings ask for."""
        return cls(
            server=settings.openai_base_url,
            model=settings.model,
            voice=settings.voice,
            speed=settings.speed,
            language=settings.language,
            name=settings.name,
            emergency_number=emergency_number(settings),
            crisis_line=crisis_line(settings),
        )

    def file(self, slug: str, text: str) -> Path | None:
        """Where the recording of these words belongs, there or not; None without a cache folder."""
        folder = cache_folder()
        voice = (self.server, self.model, self.voice, self.speed, self.language, self.name)
        marks = "\0".join(map(str, (*voice, text)))
        digest = hashlib.sha256(marks.encode()).hexdigest()[:16]
        return folder / f"{self.voice}-{slug}-{digest}.wav" if folder else None


def cache_folder() -> Path | None:
    """Where this user's recordings lie; None if this user has no such place."""
    base = user_folders.cache_folder()
    return base / "lines" if base else None
