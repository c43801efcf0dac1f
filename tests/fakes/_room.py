"""A room and its people: each the framework's own class, which overrides what would leave the machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal, cast

import pytest
from livekit import rtc
from livekit.rtc._proto import participant_pb2 as participants
from livekit.rtc._proto import stats_pb2 as stats
from livekit.rtc._proto import track_pb2 as tracks
from livekit.rtc._utils import BroadcastQueue
from typing_extensions import override

HER = "granny"


class Person(rtc.RemoteParticipant):
    """Somebody in a room: the framework's own class throughout, from its own message."""

    def __init__(
        self,
        identity: str = "caller",
        *,
        kind: rtc.ParticipantKind.ValueType = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD,
        microphone: Literal["none", "open", "muted"] = "open",
        attributes: Mapping[str, str] | None = None,
        joined_at: int = 0,
    ) -> None:
        super().__init__(_owned(identity, kind, attributes, joined_at))
        self._track_publications = {}
        if microphone != "none":
            self.publish(rtc.TrackSource.SOURCE_MICROPHONE, muted=microphone == "muted")

    def publish(self, source: rtc.TrackSource.ValueType, *, muted: bool = False) -> rtc.RemoteTrackPublication:
        info = tracks.TrackPublicationInfo(sid=f"TR_{source}", source=source, muted=muted)
        made = rtc.RemoteTrackPublication(tracks.OwnedTrackPublication(info=info))
        self._track_publications[made.sid] = made
        return made

    def is_sent(self, packets: int | None) -> None:
        """LiveKit sends her so much of what they say; None: nothing at all, and no track to listen to."""
        for one in self._track_publications.values():
            one._track = None if packets is None else RemoteTrack(packets)

    def breaks_when_asked(self) -> None:
        for one in self._track_publications.values():
            cast("RemoteTrack", one._track).is_broken = True

    @property
    def times_asked(self) -> int:
        return sum(cast("RemoteTrack", one._track).times_asked for one in self._track_publications.values())

    def mute(self, *, muted: bool = True) -> None:
        for one in self._track_publications.values():
            one._info.muted = muted


class Source(rtc.AudioSource):
    """An audio source that plays in the loop's own time; what was played stands in `pcm`."""

    def __init__(
        self,
        sample_rate: int,
        num_channels: int,
        queue_size_ms: int = 1000,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._sample_rate, self._num_channels = sample_rate, num_channels
        self.pcm = b""
        self.frames: list[rtc.AudioFrame] = []
        self.is_closed = False
        self._queue_seconds = queue_size_ms / 1000
        self._loop = loop or asyncio.get_running_loop()
        self._ends_at = 0.0

    @override
    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        self.frames.append(frame)
        self.pcm += bytes(frame.data)
        self._ends_at = max(self._ends_at, self._loop.time()) + frame.duration
        await asyncio.sleep(max(0.0, self._ends_at - self._loop.time() - self._queue_seconds))

    @override
    async def wait_for_playout(self) -> None:
        await asyncio.sleep(max(0.0, self._ends_at - self._loop.time()))

    @override
    async def aclose(self) -> None:
        self.is_closed = True


class Track(rtc.LocalAudioTrack):
    """A track of sound; `source` is where its sound comes from."""

    def __init__(self, name: str, source: Source) -> None:
        super().__init__(tracks.OwnedTrack(info=tracks.TrackInfo(name=name)))
        self.source = source


class RemoteTrack(rtc.RemoteAudioTrack):
    """A track of somebody else's, of which so many packets have come."""

    def __init__(self, packets: int) -> None:
        super().__init__(tracks.OwnedTrack(info=tracks.TrackInfo(name="microphone")))
        self.packets = packets
        self.is_broken = False
        self.times_asked = 0

    @override
    async def get_stats(self) -> list[stats.RtcStats]:
        self.times_asked += 1
        if self.is_broken:
            raise RuntimeError
        told = stats.RtcStats()
        told.inbound_rtp.received.packets_received = self.packets
        return [stats.RtcStats(codec=stats.RtcStats.Codec()), told]


class Publication(rtc.LocalTrackPublication):
    """A track that she has published; it is listened to as soon as `listened` is set."""

    def __init__(self, sid: str) -> None:
        super().__init__(tracks.OwnedTrackPublication(info=tracks.TrackPublicationInfo(sid=sid)))
        self.listened = asyncio.Event()

    @override
    async def wait_for_subscription(self) -> None:
        await self.listened.wait()


class Herself(rtc.LocalParticipant):
    """She, in a room; `breaks` names what raises, `hangs` what never returns."""

    def __init__(self, journal: list[str]) -> None:
        super().__init__(BroadcastQueue(), _owned(HER, rtc.ParticipantKind.PARTICIPANT_KIND_AGENT, joined_at=1_000))
        self.journal = journal
        self.hears_back: Callable[[dict[str, str]], None] = _nobody_hears
        self.breaks: dict[str, Exception] = {}
        self.hangs: set[str] = set()
        self.is_listened = True
        self.published: list[tuple[Track, rtc.TrackPublishOptions, Publication]] = []
        self.captions: list[dict[str, str]] = []
        self.reliably: list[bool] = []

    @override
    async def publish_track(
        self,
        track: rtc.LocalTrack,
        options: rtc.TrackPublishOptions = rtc.TrackPublishOptions(),  # noqa: B008  the framework's own
    ) -> rtc.LocalTrackPublication:
        assert isinstance(track, Track)
        await self._does("publish_track", f"track {track.name}")
        publication = Publication(f"TR_{len(self.published)}")
        self.published.append((track, options, publication))
        if self.is_listened:
            publication.listened.set()
        return publication

    @override
    async def unpublish_track(self, track_sid: str) -> None:
        await self._does("unpublish_track", f"track {track_sid} gone")

    @override
    async def publish_data(
        self,
        payload: bytes | str,
        *,
        reliable: bool = True,
        destination_identities: list[str] = [],  # noqa: B006  the framework's own
        topic: str = "",
    ) -> None:
        assert not destination_identities, "what is told is for everybody"
        self.reliably.append(reliable)
        await self._does("publish_data", f"data {topic} {payload!s}")

    @override
    async def set_attributes(self, attributes: dict[str, str]) -> None:
        await self._does("set_attributes", f"attributes {attributes}")
        self.hears_back(attributes)

    @override
    async def send_text(
        self,
        text: str,
        *,
        destination_identities: list[str] | None = None,
        topic: str = "",
        attributes: dict[str, str] | None = None,
        reply_to_id: str | None = None,
        compress: bool = True,
    ) -> rtc.TextStreamInfo:
        self.captions.append({"text": text, "topic": topic, **(attributes or {})})
        await self._does("send_text", "caption")
        return rtc.TextStreamInfo("", "", topic, 0, None, {}, [])

    async def _does(self, what: str, note: str) -> None:
        self.journal.append(note)
        if what in self.hangs:
            await asyncio.Event().wait()
        if what in self.breaks:
            raise self.breaks[what]

    @property
    def track(self) -> Track:
        return self.published[-1][0]

    @property
    def publication(self) -> Publication:
        return self.published[-1][2]


class Room(rtc.Room):
    """A room in which she is, unless `is_joined` says that she is yet to come."""

    def __init__(self, *people: Person, is_joined: bool = True, journal: list[str] | None = None) -> None:
        super().__init__()
        self.journal: list[str] = [] if journal is None else journal
        self.me = Herself(self.journal)
        self.me.hears_back = lambda attributes: self.tell(self.me, attributes)
        self.people = {one.identity: one for one in people}
        self.is_joined = is_joined
        self.ways_in: list[tuple[str, str, rtc.RoomOptions]] = []
        self.is_shut: BaseException | None = None
        self.is_slow = False
        self.breaks_anew = False

    @property
    @override
    def name(self) -> str:
        return "the-room"

    @property
    @override
    def local_participant(self) -> rtc.LocalParticipant:
        return self.me

    @property
    @override
    def remote_participants(self) -> Mapping[str, rtc.RemoteParticipant]:
        return self.people

    @override
    def isconnected(self) -> bool:
        return self.is_joined

    @override
    async def connect(
        self,
        url: str,
        token: str,
        options: rtc.RoomOptions = rtc.RoomOptions(),  # noqa: B008  the framework's own
    ) -> None:
        self.ways_in.append((url, token, options))
        if self.is_slow:
            await asyncio.Event().wait()
        if self.is_shut:
            raise self.is_shut
        self.is_joined = True
        self.emit("connection_state_changed", rtc.ConnectionState.CONN_CONNECTED)

    @override
    async def disconnect(
        self, *, reason: rtc.DisconnectReason.ValueType = rtc.DisconnectReason.CLIENT_INITIATED
    ) -> None:
        self.journal.append("left")
        self.is_joined = False

    @override
    async def simulate_scenario(self, scenario: rtc.SimulateScenarioKind.ValueType) -> None:
        self.journal.append(f"simulated {scenario}")
        if self.breaks_anew:
            raise RuntimeError

    def come(self, person: Person) -> Person:
        self.people[person.identity] = person
        self.emit("participant_connected", person)
        self.emit("participant_active", person)
        return person

    def tell(self, participant: rtc.Participant, attributes: dict[str, str]) -> None:
        """Everybody, of what a participant has set."""
        known = participant._info.attributes
        for name, value in attributes.items():
            known[name] = value
            if not value:
                del known[name]
        self.emit("participant_attributes_changed", attributes, participant)

    def leave(self, person: rtc.RemoteParticipant, reason: rtc.DisconnectReason.ValueType) -> None:
        del self.people[person.identity]
        person._info.disconnect_reason = reason
        self.emit("participant_disconnected", person)

    def end(self, reason: rtc.DisconnectReason.ValueType) -> None:
        self.is_joined = False
        self.emit("connection_state_changed", rtc.ConnectionState.CONN_DISCONNECTED)
        self.emit("disconnected", reason)


def _nobody_hears(_: dict[str, str]) -> None:
    """She is in no room."""


def without_sound_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's sources and tracks are made in its native library; these are not."""
    monkeypatch.setattr(rtc, "AudioSource", Source)
    monkeypatch.setattr(rtc.LocalAudioTrack, "create_audio_track", Track)


def _owned(
    identity: str,
    kind: rtc.ParticipantKind.ValueType,
    attributes: Mapping[str, str] | None = None,
    joined_at: int = 0,
) -> participants.OwnedParticipant:
    state = rtc.ParticipantState.PARTICIPANT_STATE_ACTIVE
    info = participants.ParticipantInfo(
        sid=f"PA_{identity}", identity=identity, kind=kind, state=state, attributes=attributes, joined_at=joined_at
    )
    return participants.OwnedParticipant(info=info)
