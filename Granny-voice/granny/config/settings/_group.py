"""What every group of settings has in common."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Group(BaseSettings):
    """Variables that are read together. Of each group the docstring is what people read above its variables.

    The variables are upper case on purpose: the libraries below read `OPENAI_API_KEY`, never `openai_api_key`.
    """

    model_config = SettingsConfigDict(
        defer_build=True,  # few groups are ever read by themselves
        case_sensitive=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_means_default(cls, values: dict[str, Any]) -> dict[str, Any]:
        """`GRANNY_X=` leaves X at its default; an empty key stays empty, and is a fault."""
        return {name: value for name, value in values.items() if value or not name.startswith("GRANNY_")}
