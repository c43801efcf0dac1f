"""Looks once a second whether sound gets through in one room, and does what `granny.call.sound_check` says."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator

from livekit import rtc

from granny.call.audience import Audience
from granny.call.line_player import is_person
from granny.call.sound_check import Due, Sound, SoundCheck
from granny.rooms.telephones import CallStatus, is_telephone, telephone_of

logger = logging.getLogger("granny.call")

_TICK_SECONDS = 1.0
_ASKING_SECONDS = 1.0


class SoundWatch:
    """The watch over the sound of one call.

    Args:
        room: the room.
        audience: who listens to her there.
        listened: called whenever somebody is found to listen to her.
        unheard: called once, when nobody listens to her and beginning anew has not helped.
        deaf: the same when nothing comes of any open microphone.
    """

    def __init__(
        self,
        room: rtc.Room,
        audience: Audience,
        *,
        listened: Callable[[], None],
        unheard: Callable[[], None],
        deaf: Callable[[], None],
    ) -> None:
        self._room = room
        self._audience = audience
        self._listened = listened
        self._tell = {Due.UNHEARD: unheard, Due.DEAF: deaf}
        self._check = SoundCheck()
        self._is_mended = True
        self._came: dict[str, tuple[int, float]] = {}
        room.on("reconnecting", self._on_broken)
        room.on("reconnected", self._on_mended)

    @property
    def silent_for(self) -> float:
        """How long nothing has come of any telephone, in seconds, whether or not it is still there; 0 if none was."""
        return time.monotonic() - max((at for _, at in self._came.values()), default=time.monotonic())

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Look, for the length of a `with`."""
        looking = asyncio.create_task(self._keep_looking())
        try:
            yield
        finally:
            looking.cancel()

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            if self._room.isconnected() and self._is_mended:
                await self._look()

    async def _look(self) -> None:
        if self._audience.heard_at:
            self._listened()
        await self._listen_to_telephones()
        microphones = await self._microphones()
        tracks = self._audience.tracks.values()
        sound = Sound(
            can_listen=any(map(_is_up, self._room.remote_participants.values())),
            tracks=len(tracks),
            unheard=sum(one.heard_at is None for one in tracks),
            microphones=microphones,
        )
        due = self._check.step(sound, time.monotonic())
        if due is Due.BEGIN_ANEW:
            await self._begin_anew()
        elif due is not Due.NOTHING:
            self._tell[due]()

    async def _microphones(self) -> dict[str, int | None]:
        """Those of which LiveKit's SDK cannot say anything are not judged."""
        people = [one for one in self._room.remote_participants.values() if _is_up(one)]
        there = [one for person in people for one in person.track_publications.values() if _is_open_microphone(one)]
        told = await asyncio.gather(*(self._asked(one) for one in there), return_exceptions=True)
        pairs = zip(there, told, strict=True)
        return {one.sid: packets for one, packets in pairs if not isinstance(packets, BaseException)}

    async def _listen_to_telephones(self) -> None:
        """Each sends without a pause, whether or not somebody speaks; of one that has left the last is kept."""
        people = [one for one in self._room.remote_participants.values() if _is_up(one) and is_telephone(one)]
        lines = [one for person in people for one in person.track_publications.values() if _is_open_microphone(one)]
        told = await asyncio.gather(*(self._packets(one) for one in lines), return_exceptions=True)
        for line, packets in zip(lines, told, strict=True):
            before, _ = self._came.get(line.sid, (0, 0.0))
            if isinstance(packets, int) and packets != before:
                self._came[line.sid] = packets, time.monotonic()

    async def _asked(self, publication: rtc.RemoteTrackPublication) -> int | None:
        """How many packets have come; any number of one that is known to be well."""
        return 0 if publication.sid in self._check.well else await self._packets(publication)

    async def _packets(self, publication: rtc.RemoteTrackPublication) -> int | None:
        if publication.track is None:
            return None
        told = await asyncio.wait_for(publication.track.get_stats(), _ASKING_SECONDS)
        return sum(one.inbound_rtp.received.packets_received for one in told if one.HasField("inbound_rtp"))

    async def _begin_anew(self) -> None:
        """Have LiveKit let her in anew, with all her tracks: the talk goes on.

        There is no other way to this that keeps them; LiveKit means it for tests, and does it like any client.
        """
        logger.warning("no sound gets through: the connection is begun anew")
        try:
            await self._room.simulate_scenario(rtc.SimulateScenarioKind.SIMULATE_FULL_RECONNECT)
        except RuntimeError as error:
            logger.warning("the connection could not be begun anew", extra={"error": type(error).__name__})

    def _on_broken(self) -> None:
        self._is_mended = False

    def _on_mended(self) -> None:
        self._is_mended = True
        self._check.mended()


def _is_up(participant: rtc.RemoteParticipant) -> bool:
    """Whether it is somebody whose line is up: a telephone that still rings is in the room, too."""
    if not is_person(participant) or participant.state != rtc.ParticipantState.PARTICIPANT_STATE_ACTIVE:
        return False
    if is_telephone(participant):
        return telephone_of(participant).status is CallStatus.ACTIVE
    return participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD


def _is_open_microphone(publication: rtc.RemoteTrackPublication) -> bool:
    return publication.source == rtc.TrackSource.SOURCE_MICROPHONE and not publication.muted
