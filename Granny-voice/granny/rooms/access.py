"""LiveKit's address, key and secret, as the settings have them, and what is asked with them of a room."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import aiohttp
from livekit import api
from typing_extensions import Self

from granny.config.settings import Settings

logger = logging.getLogger("granny.rooms")


@dataclass(frozen=True, slots=True)
class Access:
    """What one needs for a LiveKit server; nothing of it is shown, for the address may hold a password by mistake."""

    url: str = field(repr=False)
    key: str = field(repr=False)
    secret: str = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """That of these settings.

        Raises:
            ValueError: LiveKit's URL, key or secret is not set.
        """
        url, key, secret = settings.livekit_url, settings.livekit_api_key, settings.livekit_api_secret
        if not (url and key and secret):
            msg = "LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET are needed"
            raise ValueError(msg)
        return cls(url, key.get_secret_value(), secret.get_secret_value())


async def delete_room(room: str, access: Access) -> None:
    """End a room by its name; that it cannot be done is logged."""
    async with api.LiveKitAPI(access.url, access.key, access.secret) as livekit:
        try:
            await livekit.room.delete_room(api.DeleteRoomRequest(room=room))
        except (api.TwirpError, aiohttp.ClientError) as error:
            logger.warning("room not ended", extra={"error": type(error).__name__})
