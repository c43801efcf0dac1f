"""How a person joins a call: a token for one caller and one call, and a room that lets nobody else in."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

import jwt
from livekit import api
from livekit.protocol.agent_dispatch import RoomAgentDispatch
from livekit.protocol.room import RoomConfiguration
from typing_extensions import Self

from granny.config.settings import Settings
from granny.rooms.access import Access
from granny.rooms.dispatch import Way, job_metadata

GOOD_FOR = timedelta(minutes=10)
"""How long a link may be opened; who is in stays in."""
_MEETING_PAGE = "https://meet.livekit.io/custom"
_RANDOM_BYTES = 16
_ROOM = re.compile(rf"granny-[0-9a-f]{{{2 * _RANDOM_BYTES}}}")


@dataclass(frozen=True, slots=True)
class Invitation:
    """What lets one caller into one room, once it is made or by coming there.

    The room is a new one each time, for LiveKit drops a second call in a room of the same name
    (https://github.com/livekit/livekit/issues/4558). Whoever joins with the same token is, for LiveKit, the same caller
    on another device: the first device is put off the line. LiveKit sets nothing against that; so it is short-lived.

    Attributes:
        room: the room's name; nobody guesses it.
        token: the caller's; whoever has it is the caller.
        config: what the room is like, whoever makes it: one caller, and her who is sent for.
    """

    room: str
    token: str = field(repr=False)
    config: RoomConfiguration = field(repr=False)

    @classmethod
    def write(
        cls, settings: Settings, person: str = "", *, way: Way | None = None, good_for: timedelta = GOOD_FOR
    ) -> Self:
        """A new one.

        Args:
            settings: LiveKit's address, key and secret, and her name there.
            person: whom the call is for; empty: anybody.
            way: by which it comes, where that is not by a page or an app.
            good_for: how long one may join with it.

        Raises:
            ValueError: LiveKit's URL, key or secret is not set.
        """
        access = Access.of(settings)
        room = f"granny-{secrets.token_hex(_RANDOM_BYTES)}"
        config = _configuration(settings.agent_name, job_metadata(person, way))
        token = (
            api.AccessToken(access.key, access.secret)
            .with_identity(f"caller-{secrets.token_hex(_RANDOM_BYTES)}")
            .with_ttl(good_for)
            .with_grants(
                api.VideoGrants(room_join=True, room=room, can_publish_sources=["microphone"], can_publish_data=False)
            )
            .with_room_config(config)
        )
        return cls(room, token.to_jwt(), config)


def is_of_invitation(room: str) -> bool:
    """Whether a room has the name of an invitation's; nobody else makes such names."""
    return _ROOM.fullmatch(room) is not None


def join_link(settings: Settings, person: str = "") -> str:
    """A link to LiveKit's own meeting page, for one caller and one call; arguments and errors as for an invitation."""
    invitation = Invitation.write(settings, person)
    return f"{_MEETING_PAGE}?{urlencode({'liveKitUrl': Access.of(settings).url, 'token': invitation.token})}"


def room_of(token: str, *, signed_with: str | None = None) -> str:
    """The room that a token names; empty if it names none, or is not signed with the secret that is given."""
    try:
        if signed_with is None:
            claims = jwt.decode(token, options={"verify_signature": False})
        else:
            claims = jwt.decode(token, signed_with, algorithms=["HS256"])
        return str(claims["video"]["room"])
    except (jwt.InvalidTokenError, UnicodeError, KeyError, TypeError):
        return ""


def _configuration(agent_name: str, metadata: str) -> RoomConfiguration:
    """One caller, for agents are not counted; without a name she who joins every room is sent for."""
    dispatch = RoomAgentDispatch(agent_name=agent_name, metadata=metadata)
    return RoomConfiguration(max_participants=1, agents=[dispatch] if agent_name or metadata else [])
