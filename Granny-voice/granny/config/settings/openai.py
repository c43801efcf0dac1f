"""The account and the models that she speaks with."""

from __future__ import annotations

from pydantic import Field, SecretStr

from granny.config.settings._group import Group
from granny.config.settings._kinds import ModelName


class OpenAISettings(Group):
    """OpenAI, her voice: the key must be set, the rest may stay as it is."""

    openai_api_key: SecretStr = Field(
        alias="OPENAI_API_KEY", description="OpenAI's secret key: her voice.", examples=["sk-your-openai-key"]
    )
    openai_base_url: str = Field(
        default="https://api.openai.com/v1",
        alias="OPENAI_BASE_URL",
        repr=False,  # an address may hold a password, by mistake
        description="Another server that speaks OpenAI's Realtime API; ends in /v1. For accounts kept in the EU: https://eu.api.openai.com/v1",
    )
    model: ModelName = Field(default="gpt-realtime-2.1", alias="GRANNY_MODEL", description="OpenAI's Realtime model.")
    transcription_model: ModelName = Field(
        default="gpt-4o-mini-transcribe",
        alias="GRANNY_TRANSCRIPTION_MODEL",
        description="The model that writes down what the caller says.",
    )
