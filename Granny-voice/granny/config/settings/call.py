"""The bounds of one call."""

from __future__ import annotations

from pydantic import Field

from granny.config.settings._group import Group
from granny.config.settings._kinds import Minutes


class CallSettings(Group):
    """A call's bounds: how long silence and talk may last, and what they may cost."""

    idle_seconds: float = Field(
        default=60,
        gt=0,
        le=3600,
        alias="GRANNY_IDLE_SECONDS",
        description="After so many seconds of silence she asks whether you are still there; after as many more she "
        "says goodbye.",
    )
    max_call_minutes: Minutes = Field(
        default=45,
        alias="GRANNY_MAX_CALL_MINUTES",
        description="The longest call, in minutes; she announces its end a minute before.",
    )
    max_call_tokens: int | None = Field(
        default=None,
        gt=0,
        alias="GRANNY_MAX_CALL_TOKENS",
        description="The most tokens that one call may cost, input and output together; unset: no bound.",
    )
