"""How a person joins a call: a link to LiveKit's own meeting page with a token for one hour."""

from __future__ import annotations

import sys
from datetime import timedelta
from urllib.parse import urlencode

from livekit import api
from livekit.protocol.agent_dispatch import RoomAgentDispatch
from livekit.protocol.room import RoomConfiguration

from granny import terminal
from granny.checkup import Occasion, look
from granny.faults import ExitCode
from granny.places import Mode
from granny.settings import Settings

ROOM = "granny"
_PAGE = "https://meet.livekit.io/custom"
_HOUR = timedelta(hours=1)


def join_link(settings: Settings) -> str:
    """A link for one caller, good for an hour; whoever has it can join the room.

    Raises:
        ValueError: LiveKit's URL, key or secret is not set.
    """
    if not (settings.livekit_url and settings.livekit_api_key and settings.livekit_api_secret):
        msg = "LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET are needed for a link"
        raise ValueError(msg)
    token = (
        api.AccessToken(settings.livekit_api_key.get_secret_value(), settings.livekit_api_secret.get_secret_value())
        .with_identity("caller")
        .with_ttl(_HOUR)
        .with_grants(api.VideoGrants(room_join=True, room=ROOM))
    )
    if settings.agent_name:
        dispatch = RoomAgentDispatch(agent_name=settings.agent_name)
        token = token.with_room_config(RoomConfiguration(agents=[dispatch]))
    return f"{_PAGE}?{urlencode({'liveKitUrl': settings.livekit_url, 'token': token.to_jwt()})}"


def main() -> int:
    """Print a link, or what is missing for one; returns the exit status."""
    report, settings = look(Occasion(mode=Mode.DEVELOPMENT, network=False))
    if settings is None or report.exit_code is not ExitCode.OK:
        print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
        return report.exit_code
    print(join_link(settings))
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
