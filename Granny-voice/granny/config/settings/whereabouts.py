"""Where the caller lives."""

from __future__ import annotations

from pydantic import Field

from granny.config.settings._group import Group
from granny.config.settings._kinds import PhoneNumber, TimeZone


class WhereaboutsSettings(Group):
    """Where the caller lives: from it she knows the day, the hour, and whom to ring when it is serious."""

    timezone: TimeZone | None = Field(
        default=None,
        alias="GRANNY_TIMEZONE",
        description="The time zone where the caller lives, as in Europe/Berlin, America/New_York; unset: this "
        "machine's clock, no holidays, and no country.",
    )
    emergency_number: PhoneNumber | None = Field(
        default=None,
        alias="GRANNY_EMERGENCY_NUMBER",
        description="The number she names in an emergency; unset: that of the time zone's country, where she knows it "
        "(docs/safety.md).",
    )
    crisis_line: PhoneNumber | None = Field(
        default=None,
        alias="GRANNY_CRISIS_LINE",
        description="The number she names when somebody speaks of ending their life; unset: as above.",
    )
