"""Who is in the room: who called, and by which way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc
from livekit.agents.utils import EventEmitter

from granny.call.ending import Caller, CameBy
from granny.call.presence import Presence


class Room(EventEmitter[str]):
    """What a room tells of who is there."""

    def __init__(self) -> None:
        super().__init__()
        self.remote_participants: dict[str, Any] = {}

    def came(self, identity: str, kind: str = "STANDARD") -> None:
        value = rtc.ParticipantKind.Value(f"PARTICIPANT_KIND_{kind}")
        self.remote_participants[identity] = participant = SimpleNamespace(identity=identity, kind=value)
        self.emit("participant_connected", participant)


@pytest.mark.parametrize(
    ("kind", "came_by"), [("STANDARD", CameBy.WEB), ("SIP", CameBy.PHONE), ("CONNECTOR", CameBy.PHONE)]
)
async def test_the_way_is_told_by_the_kind_of_participant(kind: str, came_by: CameBy) -> None:
    room = Room()
    presence = Presence(cast("rtc.Room", room))
    room.came("rosa", kind)
    assert presence.caller == Caller(came_by, "rosa")


async def test_the_caller_is_the_first_person_who_came() -> None:
    """Not an agent or a recorder, nor who comes later."""
    room = Room()
    presence = Presence(cast("rtc.Room", room))
    room.came("another agent", "AGENT")
    room.came("a recorder", "EGRESS")
    assert presence.caller is None
    room.came("rosa")
    room.came("harold", "SIP")
    assert presence.caller == Caller(CameBy.WEB, "rosa")
