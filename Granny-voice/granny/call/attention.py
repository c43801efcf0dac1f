"""Whom she listens to where several are in a room: who speaks with her, not who was there first.

The agent session hears one person, the first in the room, who may be an onlooker without a microphone or somebody
who never says a word; the caller would be neither heard nor told. So

- whoever has an open microphone comes before one who has none;
- whoever speaks first has her ear;
- who talks with her keeps it: until neither of the two has spoken for `HOLD_SECONDS`, nobody else's voice takes it.

That is no lock: who is in the room can hear her, and can wait for a silence. What keeps others out is a room that
lets in one person, as `granny.rooms.tokens` makes it. Of who has left, `granny.call.presence` takes care.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice.room_io import RoomIO

from granny.call.line_player import is_person

logger = logging.getLogger("granny.call")

HOLD_SECONDS = 10.0
"""An old person's pause for thought, and more."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is going on in a room.

    Attributes:
        microphones: who is there, and whether their microphone is open.
        voices: who speaks, the loudest first.
        she_speaks: whether she does.
    """

    microphones: Mapping[str, bool]
    voices: Sequence[str] = ()
    she_speaks: bool = False


class Attention:
    """Decides, and does nothing; times are in seconds on one clock."""

    def __init__(self) -> None:
        self._whom: str | None = None
        self._talked_at: float | None = None

    def turn_to(self, whom: str, scene: Scene, now: float) -> str:
        """Whom to listen to from now on.

        Args:
            whom: who is listened to.
            scene: the room as it is now.
            now: the time.
        """
        if whom != self._whom:
            self._whom, self._talked_at = whom, None
        if whom in scene.voices or (scene.she_speaks and self._talked_at is not None):
            self._talked_at = now
        if self._talked_at is not None and now - self._talked_at < HOLD_SECONDS:
            return whom
        speaking = [voice for voice in scene.voices if scene.microphones.get(voice)]
        open_ones = [one for one, is_open in scene.microphones.items() if is_open]
        if speaking:
            return speaking[0]
        return whom if scene.microphones.get(whom) or not open_ones else open_ones[0]


class Ear:
    """Turns the agent session's ear in one room, whenever something changes there."""

    def __init__(self, room: rtc.Room, session: AgentSession[Any]) -> None:
        self._room = room
        self._session = session
        self._attention = Attention()
        self._voices: list[str] = []
        self._again: asyncio.TimerHandle | None = None
        session.on("agent_state_changed", self._turn)
        room.on("active_speakers_changed", self._on_voices)
        room.on("participant_disconnected", self._turn)
        room.on("track_published", self._turn)
        room.on("track_unpublished", self._turn)
        room.on("track_subscribed", self._turn)
        room.on("track_muted", self._turn)
        room.on("track_unmuted", self._turn)

    def _on_voices(self, speakers: list[rtc.Participant]) -> None:
        self._voices = [one.identity for one in speakers]
        self._turn()

    def _turn(self, *_: object) -> None:
        if self._again:
            self._again.cancel()
            self._again = None
        room_io = self._room_io()
        linked = room_io.linked_participant if room_io else None
        if not room_io or not linked or not self._room.isconnected():
            return
        scene = self._scene()
        whom = self._attention.turn_to(linked.identity, scene, time.monotonic())
        if whom != linked.identity:
            logger.info("listening to somebody else", extra={"participant": whom})
            room_io.set_participant(whom)
        elif set(scene.voices) - {whom}:  # if nothing changes but the time
            self._again = asyncio.get_running_loop().call_later(HOLD_SECONDS, self._turn)

    def _scene(self) -> Scene:
        people = [one for one in self._room.remote_participants.values() if is_person(one)]
        return Scene(
            microphones={one.identity: _has_open_microphone(one) for one in people},
            voices=[voice for voice in self._voices if voice in self._room.remote_participants],
            she_speaks=self._room.local_participant.identity in self._voices,
        )

    def _room_io(self) -> RoomIO | None:
        try:
            return self._session.room_io
        except RuntimeError:  # the agent session has not started, or is over
            return None


def _has_open_microphone(participant: rtc.RemoteParticipant) -> bool:
    return any(
        one.source == rtc.TrackSource.SOURCE_MICROPHONE and not one.muted
        for one in participant.track_publications.values()
    )
