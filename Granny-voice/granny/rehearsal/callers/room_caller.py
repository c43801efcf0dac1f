"""A caller in a real LiveKit room: speaks recordings, hears every agent track, keeps what the room tells."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from livekit import api, rtc
from livekit.protocol.agent_dispatch import RoomAgentDispatch
from livekit.protocol.room import RoomConfiguration

from granny.rehearsal.callers.telephone import FRAME_BYTES, FRAME_SECONDS, SAMPLE_RATE, Utterance
from granny.rehearsal.rig.livekit_server import LiveKit

_TRANSCRIPTION_TOPIC = "lk.transcription"
_SILENCE = bytes(FRAME_BYTES)
_FRAME_MS = int(FRAME_SECONDS * 1000)
_GAP_BYTES = SAMPLE_RATE * 2 // 5  # 0.2 s: more than a network's jitter, less than a pause in speech


@dataclass(slots=True)
class Heard:
    """What one caller met, all on one clock: seconds since `joined_at` (`time.monotonic`)."""

    joined_at: float = field(default_factory=time.monotonic)
    sound: bytearray = field(default_factory=bytearray)
    """All agent tracks mixed, PCM16 mono at `telephone.SAMPLE_RATE`; silence where nothing came."""
    transcript: list[Utterance] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    """Of every agent that was in the room, the last of each."""
    data: list[tuple[float, str, bytes]] = field(default_factory=list)
    """Data messages: when, topic, payload."""
    left_at: float | None = None
    """When the caller was off the line."""

    def now(self) -> float:
        """Seconds since joining."""
        return time.monotonic() - self.joined_at


class RoomCaller:
    """One caller; made by `join`."""

    def __init__(self, room: rtc.Room) -> None:
        self.room = room
        self.heard = Heard()
        self.gone = asyncio.Event()
        self._to_say = bytearray()
        self._noise = _SILENCE
        self._tasks: set[asyncio.Task[None]] = set()
        self._microphone = rtc.AudioSource(SAMPLE_RATE, 1)
        room.on("track_subscribed", self._on_track)
        room.on("disconnected", self._on_disconnected)
        room.on("data_received", self._on_data)
        room.on("participant_attributes_changed", self._on_attributes)
        room.on("participant_connected", self._on_participant)
        room.register_text_stream_handler(_TRANSCRIPTION_TOPIC, self._on_transcription)

    def say(self, pcm: bytes) -> None:
        """Speak: PCM16 mono at `telephone.SAMPLE_RATE`, after what is still to be said."""
        self._to_say += pcm

    def surround(self, noise: bytes) -> None:
        """From now on this is to be heard behind the voice and in its pauses, again and again: PCM16, as for `say`."""
        self._noise = noise[: len(noise) // FRAME_BYTES * FRAME_BYTES]

    async def said(self) -> None:
        """Wait until everything has been spoken."""
        while self._to_say and not self.gone.is_set():  # noqa: ASYNC110  a buffer has no event
            await asyncio.sleep(FRAME_SECONDS)

    @property
    def lag(self) -> float:
        """How many seconds of what has been said are still on their way out of the microphone."""
        return self._microphone.queued_duration

    def listen(self) -> None:
        """Hear from now on what there is to be heard in the room."""
        self.room.on("track_published", lambda publication, _agent: publication.set_subscribed(True))
        for agent in self.room.remote_participants.values():
            for publication in agent.track_publications.values():
                publication.set_subscribed(True)

    async def publish(self) -> None:
        """Open the microphone."""
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._microphone)
        await self.room.local_participant.publish_track(
            track, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        )
        self._spawn(self._speak())

    async def hang_up(self) -> None:
        """Leave the room."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.room.disconnect()
        await self._microphone.aclose()

    async def _speak(self) -> None:
        started = time.monotonic()
        for number in itertools.count(1):
            pcm = bytes(self._to_say[:FRAME_BYTES])
            del self._to_say[:FRAME_BYTES]
            behind = number * FRAME_BYTES % len(self._noise)
            heard = _added(bytearray(pcm + _SILENCE[len(pcm) :]), self._noise[behind : behind + FRAME_BYTES])
            frame = rtc.AudioFrame(heard, SAMPLE_RATE, 1, FRAME_BYTES // 2)
            await self._microphone.capture_frame(frame)
            await asyncio.sleep(started + number * FRAME_SECONDS - time.monotonic())

    def _on_track(
        self, track: rtc.Track, _publication: rtc.RemoteTrackPublication, _agent: rtc.RemoteParticipant
    ) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            self._spawn(self._listen(track))

    async def _listen(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(track, sample_rate=SAMPLE_RATE, num_channels=1, frame_size_ms=_FRAME_MS)
        position = 0
        try:
            async for event in stream:
                pcm = bytes(event.frame.data)
                position = self._mix(pcm, at=position)
        finally:
            await stream.aclose()

    def _mix(self, pcm: bytes, *, at: int) -> int:
        """Put a frame behind the last of its track, or, after a gap, where the clock stands; returns its end."""
        now = int(self.heard.now() * SAMPLE_RATE) * 2 - len(pcm)
        start = at if now - at < _GAP_BYTES else now
        sound, end = self.heard.sound, start + len(pcm)
        heard_already = len(sound) > start
        sound += bytes(max(0, end - len(sound)))
        sound[start:end] = _added(sound[start:end], pcm) if heard_already else pcm
        return end

    def _on_disconnected(self, *_reason: object) -> None:
        self.heard.left_at = self.heard.now()
        self.gone.set()

    def _on_data(self, packet: rtc.DataPacket) -> None:
        self.heard.data.append((self.heard.now(), packet.topic or "", packet.data))

    def _on_participant(self, participant: rtc.RemoteParticipant) -> None:
        """Attributes that were set before the caller knew of the agent do not change any more."""
        self._on_attributes(dict(participant.attributes), participant)

    def _on_attributes(self, changed: dict[str, str], participant: rtc.Participant) -> None:
        if participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
            self.heard.attributes.update(changed)

    def _on_transcription(self, reader: rtc.TextStreamReader, identity: str) -> None:
        self._spawn(self._read(reader, identity))

    async def _read(self, reader: rtc.TextStreamReader, identity: str) -> None:
        text = await reader.read_all()
        mine = identity == self.room.local_participant.identity
        self.heard.transcript.append(Utterance("caller" if mine else "agent", text))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _added(one: bytearray, other: bytes) -> bytes:
    """Two pieces of PCM16 heard at once."""
    both = np.frombuffer(one, dtype="<i2").astype(np.int32) + np.frombuffer(other, dtype="<i2")
    mixed: bytes = np.clip(both, -32_768, 32_767).astype("<i2").tobytes()
    return mixed


@contextlib.asynccontextmanager
async def join(
    livekit: LiveKit, room_name: str, *, identity: str = "caller", agent_name: str = "", hears: bool = True
) -> AsyncIterator[RoomCaller]:
    """A caller who has joined a room with an open microphone, and leaves it at the end.

    Args:
        livekit: the server.
        room_name: made if it is not there.
        identity: the caller's.
        agent_name: an agent to dispatch by name; without one, whoever joins every room.
        hears: False: no track is heard before `RoomCaller.listen`, as on a line that takes long to connect.
    """
    token = (
        api.AccessToken(livekit.key, livekit.secret)
        .with_identity(identity)
        .with_ttl(timedelta(hours=1))
        .with_grants(api.VideoGrants(room_join=True, room=room_name))
    )
    if agent_name:
        dispatch = RoomAgentDispatch(agent_name=agent_name)
        token = token.with_room_config(RoomConfiguration(agents=[dispatch]))
    async with joined(livekit.url, token.to_jwt(), options=rtc.RoomOptions(auto_subscribe=hears)) as caller:
        yield caller


@contextlib.asynccontextmanager
async def joined(url: str, token: str, *, options: rtc.RoomOptions | None = None) -> AsyncIterator[RoomCaller]:
    """The same by a token that somebody else has made.

    Raises:
        rtc.ConnectError: the room could not be joined.
    """
    caller = RoomCaller(rtc.Room())
    await caller.room.connect(url, token, options or rtc.RoomOptions())
    caller.heard.joined_at = time.monotonic()
    try:
        await caller.publish()
        yield caller
    finally:
        await caller.hang_up()
