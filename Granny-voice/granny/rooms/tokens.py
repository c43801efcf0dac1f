"""How a person joins a call: a link to LiveKit's own meeting page with a token for one caller and one call."""

from __future__ import annotations

import secrets
from datetime import timedelta
from urllib.parse import urlencode

from livekit import api
from livekit.protocol.agent_dispatch import RoomAgentDispatch
from livekit.protocol.room import RoomConfiguration

from granny.config.settings import Settings
from granny.rooms.access import Access
from granny.rooms.dispatch import job_metadata

GOOD_FOR = timedelta(minutes=10)
"""For joining; who is in stays in."""
_PAGE = "https://meet.livekit.io/custom"
_RANDOM_BYTES = 16


def join_link(settings: Settings, person: str = "") -> str:
    """A link for one caller and one call: nobody else is let into its room while the caller is there.

    The room is a new one each time, for LiveKit drops a second call in a room of the same name
    (https://github.com/livekit/livekit/issues/4558). Whoever opens the same link is, for LiveKit, the same caller on
    another device: the first device is put off the line. Nothing can be set against that; so the link is short-lived.

    Args:
        settings: LiveKit's address, key and secret, and her name there.
        person: whom the call is for; empty: anybody.

    Raises:
        ValueError: LiveKit's URL, key or secret is not set.
    """
    access = Access.of(settings)
    room = f"granny-{secrets.token_hex(_RANDOM_BYTES)}"
    metadata = job_metadata(person) if person else ""
    dispatch = RoomAgentDispatch(agent_name=settings.agent_name, metadata=metadata)
    agents = [dispatch] if settings.agent_name or person else []  # without a name she who joins every room is sent for
    token = (
        api.AccessToken(access.key, access.secret)
        .with_identity(f"caller-{secrets.token_hex(_RANDOM_BYTES)}")
        .with_ttl(GOOD_FOR)
        .with_grants(
            api.VideoGrants(room_join=True, room=room, can_publish_sources=["microphone"], can_publish_data=False)
        )
        .with_room_config(RoomConfiguration(max_participants=1, agents=agents))  # agents are not counted
    )
    return f"{_PAGE}?{urlencode({'liveKitUrl': access.url, 'token': token.to_jwt()})}"
