"""The LiveKit server where calls take place."""

from __future__ import annotations

from pydantic import Field, SecretStr

from granny.config.settings._group import Group


class LiveKitSettings(Group):
    """LiveKit, where calls from a browser or a telephone take place: all three are set, or none.

    To talk to her at this machine alone leave them out, or as they stand in the example.
    """

    livekit_url: str | None = Field(
        default=None,
        alias="LIVEKIT_URL",
        repr=False,  # an address may hold a password, by mistake
        description="The LiveKit server where calls take place; needed by dev and start, not by the console.",
        examples=["wss://your-project.livekit.cloud"],
    )
    livekit_api_key: SecretStr | None = Field(
        default=None,
        alias="LIVEKIT_API_KEY",
        description="LiveKit's API key; needed with it.",
        examples=["your-livekit-api-key"],
    )
    livekit_api_secret: SecretStr | None = Field(
        default=None,
        alias="LIVEKIT_API_SECRET",
        description="The secret of that key; needed with it.",
        examples=["your-livekit-api-secret"],
    )

    @property
    def livekit_pair(self) -> tuple[str, str]:
        """Key and secret in plain text, each empty where it is not set."""
        key, secret = self.livekit_api_key, self.livekit_api_secret
        return key.get_secret_value() if key else "", secret.get_secret_value() if secret else ""
