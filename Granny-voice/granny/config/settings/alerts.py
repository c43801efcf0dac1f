"""Who is told when something is wrong, and when not."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from granny.config.settings._group import Group
from granny.config.settings._kinds import Allowed, Consent, Hours, NoCallDays

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)


def _are_addresses(text: SecretStr) -> SecretStr:
    if not all(_ADDRESS.fullmatch(one) for one in text.get_secret_value().split()):
        msg = "not an address"
        raise ValueError(msg)
    return text


def _is_web_address(text: SecretStr) -> SecretStr:
    if not re.fullmatch(r"https?://[^\s/?#]+\S*", text.get_secret_value().strip()):
        msg = "not an address"
        raise ValueError(msg)
    return text


Addresses = Annotated[
    SecretStr,
    AfterValidator(_are_addresses),
    Allowed("addresses as in ntfys://ntfy.sh/TOPIC or mailto://…, each of which has :// in it, with blanks between"),
]
WebAddress = Annotated[
    SecretStr, AfterValidator(_is_web_address), Allowed("an address that begins with https:// or http://")
]


class AlertsSettings(Group):
    """Alerts: who is told when something is wrong, by mail or telephone; docs/alerts.md. Unset: nobody."""

    alerts: Addresses | None = Field(
        default=None,
        alias="GRANNY_ALERTS",
        description="Where alerts go: one address or more, with blanks between, in the form of Apprise, as in "
        "ntfys://ntfy.sh/TOPIC.",
    )
    alert_quiet_hours: Hours = Field(
        default="21:00-8:00",
        alias="GRANNY_ALERT_QUIET_HOURS",
        description="The hours in which only urgent alerts are sent; all others come together, once they are over.",
    )
    alert_no_call_days: NoCallDays = Field(
        default=7,
        alias="GRANNY_ALERT_NO_CALL_DAYS",
        description="After so many days without a call from somebody who has called before that is told; 0: never.",
    )
    alert_danger: Consent = Field(
        default="off",
        alias="GRANNY_ALERT_DANGER",
        description="on: danger to life that is named in a call is told at once, though not the words. Only if whoever "
        "calls has agreed to it.",
    )
    heartbeat_url: WebAddress | None = Field(
        default=None,
        alias="GRANNY_HEARTBEAT_URL",
        description="An address that is asked every five minutes while she is well, in the form of healthchecks.io: "
        "its silence is the only sign of a dead machine.",
    )

    @property
    def alert_addresses(self) -> tuple[str, ...]:
        """Where alerts go, each by itself; nothing may show them."""
        return tuple(self.alerts.get_secret_value().split()) if self.alerts else ()
