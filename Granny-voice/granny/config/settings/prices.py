"""What OpenAI asks for its tokens."""

from __future__ import annotations

from pydantic import Field

from granny.config.settings._group import Group


class PriceSettings(Group):
    """What OpenAI's tokens cost: with input and output set, the log tells in dollars what a call cost."""

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
