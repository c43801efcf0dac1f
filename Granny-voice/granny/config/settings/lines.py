"""Her recorded lines: in whose voice they are."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from granny.config.settings._group import Group
from granny.config.settings._kinds import Place


class LinesSettings(Group):
    """Her recorded lines: the greeting, and what she may have to say without OpenAI."""

    own_voice: Literal["on", "off"] = Field(
        default="on",
        alias="GRANNY_OWN_VOICE",
        description="on: after a healthy start she records her lines in her own voice, once, for about twenty cents.",
    )
    lines_folder: Place | None = Field(
        default=None,
        alias="GRANNY_LINES_FOLDER",
        description="A folder with the family's own recordings of her lines; granny/lines/README.md lists them.",
    )
