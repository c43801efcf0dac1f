"""What the check-up asks, how long it waits, and whether she starts in spite of a fault."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from granny.config.settings._group import Group
from granny.faults import ExitCode


class PreflightSettings(Group):
    """The check-up: what it asks, how long it waits, and whether she starts in spite of a fault."""

    preflight: Literal["strict", "apologise", "warn", "off"] = Field(
        default="strict",
        alias="GRANNY_PREFLIGHT",
        description="The check-up before she starts: strict refuses to start on a fault; apologise does too, but while "
        "OpenAI alone is at fault she starts, and callers hear an apology; warn starts all the same, off asks nothing "
        "of the network.",
    )
    preflight_response: Literal["on", "off"] = Field(
        default="on",
        alias="GRANNY_PREFLIGHT_RESPONSE",
        description="Whether the check-up asks OpenAI for one tiny answer, the only proof of model and credit.",
    )
    preflight_wait: float | None = Field(
        default=None,
        ge=0,
        le=3600,
        alias="GRANNY_PREFLIGHT_WAIT",
        description="Seconds to wait for a passing fault to pass; 60 in start, 10 elsewhere.",
    )

    def may_start(self, code: ExitCode) -> bool:
        """Whether she starts after a check-up that ended so."""
        return code is ExitCode.OK or self.preflight == "warn"
