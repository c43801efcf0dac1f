"""How she is towards her caller."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from granny.config.settings._group import Group
from granny.config.settings._kinds import (
    NOTES_LIMIT,
    Eagerness,
    HearingManner,
    Language,
    Name,
    Notes,
    Patience,
    Place,
    Speed,
    Word,
)

CALLER_FILE_LIMIT = NOTES_LIMIT
"""The most bytes read of the file with the family's notes."""


class MannerSettings(Group):
    """How she is: her name, her voice, her patience, and what she knows of the caller."""

    name: Name = Field(default="Granny", alias="GRANNY_NAME", description="What she calls herself.")
    language: Language = Field(
        default="en", alias="GRANNY_LANGUAGE", description="The language of the call, as in en, de, pt-BR."
    )
    voice: Word = Field(default="marin", alias="GRANNY_VOICE", description="OpenAI's voice: marin, cedar, …")
    speed: Speed = Field(default=1.0, alias="GRANNY_SPEED", description="How fast she speaks; 1.0 is normal.")
    patience: Patience = Field(
        default="off",
        alias="GRANNY_PATIENCE",
        description="How long a silence of the caller she waits out before she answers; off leaves it to OpenAI.",
    )
    eagerness: Eagerness = Field(
        default="low",
        alias="GRANNY_EAGERNESS",
        description="Without patience: how soon OpenAI takes a pause for the end of a turn; low waits longest.",
    )
    hearing: HearingManner = Field(
        default="off",
        alias="GRANNY_HEARING",
        description="Makes her easier to hear for older ears, recorded lines alike: soft a little, strong more.",
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
    caller_notes: Notes | None = Field(
        default=None,
        alias="GRANNY_CALLER_NOTES",
        repr=False,
        description="The same as a text, where there is no place for a file; the file is not read then.",
    )
    caller_name: Name | None = Field(
        default=None,
        alias="GRANNY_CALLER_NAME",
        repr=False,
        description="What she calls the caller. For more callers than one: a file for each in Granny-voice/people.",
    )
