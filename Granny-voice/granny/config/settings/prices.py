"""What OpenAI asks for its tokens, and what they may cost in all."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from granny.config.settings._group import Group


class PriceSettings(Group):
    """What OpenAI's tokens cost, and may cost in a month: with input and output set, each call's dollars are told."""

    price_input: float | None = Field(
        default=None,
        ge=0,
        alias="GRANNY_PRICE_INPUT",
        description="Dollars for a million input tokens; with the next two the log tells what a call cost.",
    )
    price_cached: float | None = Field(
        default=None,
        ge=0,
        alias="GRANNY_PRICE_CACHED",
        description="Dollars for a million input tokens from the cache; unset: the price of the others.",
    )
    price_output: float | None = Field(
        default=None, ge=0, alias="GRANNY_PRICE_OUTPUT", description="Dollars for a million output tokens."
    )
    monthly_budget: float | None = Field(
        default=None,
        gt=0,
        alias="GRANNY_MONTHLY_BUDGET",
        description="Dollars that all calls of a month may cost; it needs the prices. The family's page shows it.",
    )
    over_budget: Literal["tell", "refuse"] = Field(
        default="tell",
        alias="GRANNY_OVER_BUDGET",
        description="When the month's budget is spent: tell leaves her taking calls; refuse has her tell new callers, "
        "kindly, that the credit for calls has run out, until the next month or a larger budget.",
    )
