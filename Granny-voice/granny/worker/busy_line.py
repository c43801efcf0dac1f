"""The busy line: who calls while all places are taken hears that she comes as soon as somebody hangs up.

It is spoken by the worker's main process, for there is no place left for a job. LiveKit's native library is loaded with
the first caller who has to wait, and not before; the jobs' processes never inherit it, for the fork server that makes
them is a process of its own. In numbers, from `benchmarks.busy_line` on two cores that were busy with other things: of
ten callers who came in the same instant all heard the first word within 2.3 s, of twenty within 16; ten voices at once
take 0.6 to 0.7 of a core, of which the main loop itself has 0.06, ten that pause 0.08, and all of them 35 to 50 MB.

The voice that waits with a caller is an agent for LiveKit, marked as `busy` so that nobody takes it for Granny. It has
one identity in every room: of two workers that would speak in the same room LiveKit lets only the later one stay.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import logging
import time
from enum import Enum

from livekit import api, rtc

from granny.call.line_player import Loudspeaker, is_person, recording_of
from granny.config.settings import Settings
from granny.lines import Line, Recording
from granny.people import People
from granny.rooms.access import Access
from granny.rooms.dispatch import person_of
from granny.rooms.occupants import AGENT, BUSY
from granny.worker.metrics import CALLERS_WAITING

logger = logging.getLogger("granny.busy_line")

MOST_ROOMS = 50
MOST_AT_ONCE = 10
"""So many speak at the same time, the others in turn: they would take the processor from the calls."""
PAUSE_SECONDS = 20.0
"""Between two lines; as often as a telephone's queue speaks."""
IDENTITY = "granny-busy"
_TURN_SECONDS = 0.5
_AHEAD_MS = 100
"""So soon it dies away when Granny comes."""
_LISTENING_SECONDS = 10.0
"""The longest wait for a caller's device to listen to it."""
_JOIN_SECONDS = 3.0
"""For each of LiveKit's own tries."""
_LEAVING_SECONDS = 0.9
_AGENT = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT


class Over(str, Enum):
    """Why a caller is no longer asked to wait."""

    ANSWERED = "answered"
    HUNG_UP = "hung-up"
    PUT_OUT = "put-out"
    """LiveKit has ended the room, or another worker speaks in it."""
    LET_GO = "let-go"
    """This worker stops, or whoever watches the rooms wished it."""
    FAILED = "failed"


class BusyLine:
    """The callers whom this worker asks to wait, each in a room of their own and as the person's file has it.

    Args:
        settings: the installation's.
        people: whom the family has told of; None: nobody.
    """

    def __init__(self, settings: Settings, people: People | None = None) -> None:
        self._settings, self._people = settings, people
        self._voices: dict[str, _Voice] = {}
        self._turns: set[_Voice] = set()
        self._going_on: set[asyncio.Task[None]] = set()
        self._is_closed = self._is_crowded = False

    @property
    def rooms(self) -> frozenset[str]:
        """The rooms in which a caller is asked to wait."""
        return frozenset(self._voices)

    async def hold(self, room: str, metadata: str = "") -> None:
        """Ask the caller in a room to wait, until there is an agent or nobody any more.

        By the metadata of the job that is to come it is known in whose language.

        Returns at once if the room is held already, or too many are. Raises nothing but a cancellation, with which the
        voice leaves the room: what fails is logged, and whoever watches the rooms will see the caller again.
        """
        if self._is_closed or room in self._voices or not self._has_place():
            return
        voice = self._voices[room] = _Voice(room, self._settings_for(metadata), self._turns)
        speaking = asyncio.create_task(voice.speak())
        self._going_on.add(speaking)
        speaking.add_done_callback(functools.partial(self._on_left, room))
        CALLERS_WAITING.set(len(self._voices))
        try:
            await asyncio.shield(speaking)  # a connection that is cut off while it is made would stay in the room
        finally:
            voice.end(Over.LET_GO)

    async def aclose(self) -> None:
        """Leave all rooms, within a second; their callers are left to other workers."""
        self._is_closed = True
        for voice in self._voices.values():
            voice.end(Over.LET_GO)
        if self._going_on:
            await asyncio.wait(self._going_on, timeout=_LEAVING_SECONDS)

    def _settings_for(self, metadata: str) -> Settings:
        return self._people.settings_for(person_of(metadata), self._settings) if self._people else self._settings

    def _has_place(self) -> bool:
        was_crowded, self._is_crowded = self._is_crowded, len(self._voices) >= MOST_ROOMS
        if self._is_crowded and not was_crowded:
            logger.warning("more callers wait than can be spoken to", extra={"callers": len(self._voices)})
        return not self._is_crowded

    def _on_left(self, room: str, speaking: asyncio.Task[None]) -> None:
        self._going_on.discard(speaking)
        del self._voices[room]
        CALLERS_WAITING.set(len(self._voices))


class _Voice:
    """Her voice in the room of one caller who waits.

    Args:
        name: the room's.
        settings: say in which voice and language.
        turns: the voices that speak at the moment.
    """

    def __init__(self, name: str, settings: Settings, turns: set[_Voice]) -> None:
        self._name, self._settings, self._turns = name, settings, turns
        self._over: Over | None = None
        self._ended = asyncio.Event()
        self._speaker: Loudspeaker | None = None
        self._room = rtc.Room()
        self._room.on("participant_connected", self._look_round)
        self._room.on("participant_attributes_changed", self._look_round)
        self._room.on("participant_disconnected", self._look_round)
        self._room.on("disconnected", self._look_round)

    def end(self, why: Over) -> None:
        """Say no more, and leave; the first reason counts."""
        self._over = self._over or why
        self._ended.set()
        if self._speaker:
            self._speaker.hush()

    async def speak(self) -> None:
        """From joining to leaving; what fails is logged."""
        since = time.monotonic()
        try:
            await self._join()
            self._look_round()
            await self._say_on_and_on()
        except Exception as error:  # noqa: BLE001  LiveKit's SDK does not say which; the calls do not depend on it
            if not self._over:  # a room that has gone takes nothing any more
                logger.warning("busy line failed", extra={"room": self._name, "error": type(error).__name__})
            self.end(Over.FAILED)
        finally:
            await self._leave()
            seconds = round(time.monotonic() - since, 1)
            over = self._over.value if self._over else None
            logger.info("caller waited", extra={"room": self._name, "seconds": seconds, "over": over})

    async def _join(self) -> None:
        """Into the room, to speak only; it takes at most some 20 s, and is never cut off."""
        access = Access.of(self._settings)
        token = (
            api.AccessToken(access.key, access.secret)
            .with_identity(IDENTITY)
            .with_kind("agent")
            .with_attributes({AGENT: BUSY})
            .with_grants(api.VideoGrants(room_join=True, room=self._name, can_subscribe=False))
        )
        options = rtc.RoomOptions(auto_subscribe=False, connect_timeout=_JOIN_SECONDS)
        await self._room.connect(access.url, token.to_jwt(), options)

    async def _leave(self) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._room.disconnect(), _LEAVING_SECONDS)

    def _look_round(self, *_: object) -> None:
        others = self._room.remote_participants.values()
        if not self._room.isconnected():
            self.end(Over.PUT_OUT)
        elif any(one.kind == _AGENT and one.attributes.get(AGENT) != BUSY for one in others):
            self.end(Over.ANSWERED)
        elif not any(map(is_person, others)):
            self.end(Over.HUNG_UP)

    async def _say_on_and_on(self) -> None:
        for line in itertools.chain((Line.LINE_BUSY,), itertools.repeat(Line.STILL_BUSY)):
            recording = await recording_of(line, self._settings)
            while len(self._turns) >= MOST_AT_ONCE and not self._over:
                await self._pause(_TURN_SECONDS)
            if self._over:
                return
            self._turns.add(self)
            try:
                await self._say(recording)
            finally:
                self._turns.discard(self)
            await self._pause(PAUSE_SECONDS)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)

    async def _say(self, recording: Recording) -> None:
        self._speaker = Loudspeaker(self._room, recording, ahead_ms=_AHEAD_MS)
        try:
            await self._speaker.open()
            await self._speaker.play(patience=_LISTENING_SECONDS)
        finally:
            await self._speaker.close()
            self._speaker = None
