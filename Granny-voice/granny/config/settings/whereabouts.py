"""Where the caller lives."""

from __future__ import annotations

from pydantic import Field

from granny.config.settings._group import Group
from granny.config.settings._kinds import TimeZone


class WhereaboutsSettings(Group):
    """Where the caller lives: from it she knows the day, the hour and the holidays."""

    timezone: TimeZone | None = Field(
        default=None,
        alias="GRANNY_TIMEZONE",
        description="The time zone where the caller lives, as in Europe/Berlin, America/New_York; unset: this "
        "machine's clock, and no holidays.",
    )
