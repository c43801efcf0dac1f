"""The telephone: her number, and the ways by which calls come to her and go from her."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from granny.config.settings._group import Group
from granny.config.settings._kinds import Host, Hours, Networks, Region, Strangers, TelephoneNumber


class PhoneSettings(Group):
    """The telephone: her number, and the way to the provider or the PBX; docs/phone.md has the steps.

    What begins with GRANNY_PHONE_IN_ or GRANNY_PHONE_OUT_ is told to LiveKit by `python -m granny phone setup`.
    """

    phone_number: TelephoneNumber | None = Field(
        default=None,
        alias="GRANNY_PHONE_NUMBER",
        repr=False,
        description="Her own telephone number with its country's code, as in +49 30 23125000; unset: she has none.",
    )
    phone_region: Region | None = Field(
        default=None,
        alias="GRANNY_PHONE_REGION",
        description="The country in which the provider writes numbers without the country's code, as in DE; unset: "
        "that of the time zone.",
    )
    phone_strangers: Strangers | None = Field(
        default=None,
        alias="GRANNY_PHONE_STRANGERS",
        description="Who calls from a number that is in no person's file, or withholds it: turn-away lets them hear "
        "the busy tone, which costs nothing; greet answers them, and knows nothing of anybody. Unset: greet, until the "
        "first number stands in a person's file, and turn-away from then on.",
    )
    phone_hours: Hours | None = Field(
        default=None,
        alias="GRANNY_PHONE_HOURS",
        description="The hours in which she takes telephone calls, by the caller's clock, as in 7:00-21:30; at others "
        "the busy tone is heard; unset: always.",
    )
    phone_noise: Literal["near_field", "far_field", "off"] = Field(
        default="near_field",
        alias="GRANNY_PHONE_NOISE",
        description="How a telephone's noise is reduced: near_field for a receiver at the ear, far_field for a "
        "loudspeaker.",
    )
    phone_in_addresses: Networks | None = Field(
        default=None,
        alias="GRANNY_PHONE_IN_ADDRESSES",
        description="The addresses from which the provider's or the PBX's calls come, with commas between them, as in "
        "192.168.178.2, 54.172.60.0/30; unset, and no user: anybody on the internet can ring her without a telephone.",
    )
    phone_in_user: str | None = Field(
        default=None,
        alias="GRANNY_PHONE_IN_USER",
        repr=False,
        description="The user's name with which a PBX must sign in to ring her.",
    )
    phone_in_password: SecretStr | None = Field(
        default=None, alias="GRANNY_PHONE_IN_PASSWORD", description="That user's password."
    )
    phone_out_address: Host | None = Field(
        default=None,
        alias="GRANNY_PHONE_OUT_ADDRESS",
        description="The provider's or the PBX's address, by which she rings people, as in granny.pstn.twilio.com; "
        "unset: she is rung, and rings nobody.",
    )
    phone_out_user: str | None = Field(
        default=None,
        alias="GRANNY_PHONE_OUT_USER",
        repr=False,
        description="The user's name with which she signs in there.",
    )
    phone_out_password: SecretStr | None = Field(
        default=None, alias="GRANNY_PHONE_OUT_PASSWORD", description="That user's password."
    )

    @property
    def phone_networks(self) -> tuple[str, ...]:
        """The addresses from which calls come; none: from everywhere."""
        return tuple((self.phone_in_addresses or "").split(", ")) if self.phone_in_addresses else ()
