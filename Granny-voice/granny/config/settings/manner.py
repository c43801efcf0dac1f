"""How she is towards her caller."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from granny.config.settings._group import Group
from granny.config.settings._kinds import Language, Name, Place, Word

CALLER_FILE_LIMIT = 8 * 1024
"""The most bytes read of the family's notes: about two pages, which cost about 2,000 tokens a call."""


class MannerSettings(Group):
    """How she is: her name, her voice, her patience, and what she knows of the caller."""

    name: Name = Field(default="Granny", alias="GRANNY_NAME", description="What she calls herself.")
    language: Language = Field(
        default="en", alias="GRANNY_LANGUAGE", description="The language of the call, as in en, de, pt-BR."
    )
    voice: Word = Field(default="marin", alias="GRANNY_VOICE", description="OpenAI's voice: marin, cedar, …")
    speed: float = Field(
        default=1.0, ge=0.25, le=1.5, alias="GRANNY_SPEED", description="How fast she speaks; 1.0 is normal."
    )
    eagerness: Literal["low", "medium", "high", "auto"] = Field(
        default="low",
        alias="GRANNY_EAGERNESS",
        description="How soon she takes a pause for the end of a turn; low waits longest.",
    )
    noise_reduction: Literal["far_field", "near_field", "off"] = Field(
        default="far_field",
        alias="GRANNY_NOISE_REDUCTION",
        description="far_field for a tablet on a table, near_field for a headset.",
    )
    caller_file: Place | None = Field(
        default=None,
        alias="GRANNY_CALLER_FILE",
        description="A text file in which the family tells her about the caller (at most 8 kB).",
    )
