"""Plays a recorded line to the caller, whether or not there is an agent session."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from array import array
from collections.abc import Awaitable, Iterator

from livekit import rtc
from livekit.agents.job import DEFAULT_PARTICIPANT_KINDS
from livekit.agents.types import (
    ATTRIBUTE_TRANSCRIPTION_FINAL,
    ATTRIBUTE_TRANSCRIPTION_SEGMENT_ID,
    ATTRIBUTE_TRANSCRIPTION_TRACK_ID,
    TOPIC_TRANSCRIPTION,
)
from livekit.agents.utils import shortuuid
from livekit.agents.voice.io import AudioOutput

from granny.call.hearing import clearer
from granny.config.settings import Settings
from granny.lines import Line, OwnVoice, Recording, load, number_after

logger = logging.getLogger("granny.call")

TRACK = "granny-line"
SAFELY = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
"""Each packet goes twice, so that one lost on the caller's Wi-Fi is made good."""
AT_ONCE = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, red=False)
"""Each packet goes once: the first sound is heard some 20 ms sooner."""

_FRAMES_PER_SECOND = 10
_AHEAD_MS = 1000
"""How much sound is handed to LiveKit's SDK before it is heard: as much as the machine may be held up."""
_FADING_SECONDS = 0.04
_EMPTY_SECONDS = 1.0
"""How long an empty room is spoken to a little later."""
_LOOKING_SECONDS = 0.1
_LAG_SECONDS = 0.5
"""How far a loudspeaker may be behind that is no track in a room."""
_TAIL_SECONDS = 0.3
"""What has been played is on its way to the caller so long, and would be lost with the room."""
_CLOSING_SECONDS = 1.0
"""The longest wait for LiveKit to take the track away: it says nothing to a job whose worker is gone."""
_CAPTION_SECONDS = 2.0
_GRACE_SECONDS = 2.0
"""What a line may take longer than its sound."""


class Loudspeaker:
    """A track of its own in the room, for one recording.

    Attributes:
        began: set when the first sound is on its way.
        began_at: when it left, in `time.monotonic`'s seconds; None before.
        share_played: how much of the recording had been played when the track was closed, 0 to 1.
    """

    def __init__(
        self,
        room: rtc.Room,
        recording: Recording,
        options: rtc.TrackPublishOptions = SAFELY,
        *,
        ahead_ms: int = _AHEAD_MS,
    ) -> None:
        self.began = asyncio.Event()
        self.began_at: float | None = None
        self.share_played = 0.0
        self._room = room
        self._recording = recording
        self._options = options
        self._is_hushed = False
        self._source = rtc.AudioSource(recording.sample_rate, 1, ahead_ms)
        self._publication: rtc.LocalTrackPublication | None = None

    async def open(self) -> None:
        """Publish the track.

        Raises:
            livekit.rtc.PublishTrackError: LiveKit does not take it.
        """
        track = rtc.LocalAudioTrack.create_audio_track(TRACK, self._source)
        self._publication = await self._room.local_participant.publish_track(track, self._options)

    async def play(self, *, patience: float = math.inf) -> None:
        """Play the recording, with its words as a caption, once somebody listens; returns when it has been heard.

        Or when it has been hushed.

        Args:
            patience: the longest wait for a listener, in seconds, while there is somebody who may become one. On a
                slow line a caller is in the room well before the sound is, and a telephone that still rings is, too.
        """
        if self._publication:
            await self._until_heard(self._publication, patience)
        if self._is_hushed:
            return
        await asyncio.gather(
            _at_most(self._recording.duration + _GRACE_SECONDS, self._push()),
            _at_most(_CAPTION_SECONDS, self._caption()),
        )
        await asyncio.sleep(_TAIL_SECONDS)

    def hush(self) -> None:
        """Let the sound die away, in the middle of a word and without a click; `play` then returns.

        What has been handed to the SDK is still heard: of a speaker that may be hushed `ahead_ms` is to be small.
        """
        self._is_hushed = True

    async def close(self) -> None:
        """Take the track away; what has not been played is not heard."""
        if self.began_at is not None:
            self.share_played = min((time.monotonic() - self.began_at) / self._recording.duration, 1.0)
        if self._publication and self._room.isconnected():
            await _at_most(_CLOSING_SECONDS, self._room.local_participant.unpublish_track(self._publication.sid))
        self._publication = None  # freed before the room is: LiveKit's SDK warns of it otherwise
        await self._source.aclose()

    async def _until_heard(self, publication: rtc.LocalTrackPublication, patience: float) -> None:
        listening = asyncio.create_task(publication.wait_for_subscription())
        since = empty_since = time.monotonic()
        try:
            while not (listening.done() or self._is_hushed) and self._room.isconnected():
                now = time.monotonic()
                empty_since = now if people(self._room) or _begins_anew(self._room) else empty_since
                if now - since > patience or now - empty_since > _EMPTY_SECONDS:
                    break
                await asyncio.wait([listening], timeout=_LOOKING_SECONDS)
        finally:
            listening.cancel()

    async def _push(self) -> None:
        for frame in self._sound():
            await self._source.capture_frame(frame)
            if self.began_at is None:
                self.began_at = time.monotonic()
                self.began.set()
        await self._source.wait_for_playout()

    def _sound(self) -> Iterator[rtc.AudioFrame]:
        """The recording; once it is hushed, what dies away of it."""
        for frame in _frames(self._recording):
            if self._is_hushed:
                yield _faded(frame)
                return
            yield frame

    async def _caption(self) -> None:
        """Show the words where those of the agent session are shown; what matters is the sound."""
        attributes = {
            ATTRIBUTE_TRANSCRIPTION_SEGMENT_ID: shortuuid("SG_"),
            ATTRIBUTE_TRANSCRIPTION_FINAL: "true",
            ATTRIBUTE_TRANSCRIPTION_TRACK_ID: self._publication.sid if self._publication else "",
        }
        text = self._recording.text
        try:
            await self._room.local_participant.send_text(text, topic=TOPIC_TRANSCRIPTION, attributes=attributes)
        except Exception as error:  # noqa: BLE001  the SDK does not say which
            logger.warning("no caption", extra={"error": type(error).__name__})


async def recording_of(line: Line, settings: Settings) -> Recording:
    """What a caller is to hear: a family's may be half a minute of stereo, so it is read and mixed beside the calls."""
    return await asyncio.to_thread(_read, line, settings)


def _read(line: Line, settings: Settings) -> Recording:
    own = OwnVoice.of(settings)
    return clearer(load(line, folder=settings.lines_folder, language=settings.language, own=own), settings.hearing)


async def recordings_of(line: Line, settings: Settings) -> tuple[Recording, ...]:
    """The same, and after it the number to ring, where the line should name one and this recording does not."""
    recording = await recording_of(line, settings)
    own = OwnVoice.of(settings)
    number = await asyncio.to_thread(number_after, line, recording, own, language=settings.language)
    return (recording, clearer(number, settings.hearing)) if number else (recording,)


async def play_in_room(room: rtc.Room, recording: Recording, *, patience: float) -> None:
    """Play a line on a track of its own; returns when it has been heard. `patience` is that of `Loudspeaker.play`.

    Raises:
        livekit.rtc.PublishTrackError: LiveKit does not take the track.
    """
    speaker = Loudspeaker(room, recording)
    try:
        await speaker.open()
        await speaker.play(patience=patience)
    finally:
        await speaker.close()


def _begins_anew(room: rtc.Room) -> bool:
    """Whether the connection is being mended: for a moment nobody seems to be there."""
    return room.connection_state == rtc.ConnectionState.CONN_RECONNECTING


def people(room: rtc.Room) -> int:
    """How many are in the room who may speak and listen."""
    return sum(is_person(one) for one in room.remote_participants.values())


def is_person(participant: rtc.Participant) -> bool:
    """Whether it is no agent, and no recorder or other device of LiveKit's own."""
    return participant.kind in DEFAULT_PARTICIPANT_KINDS


async def play_on(output: AudioOutput, recording: Recording) -> None:
    """Play a line on the agent session's own output, the only one that a console call has."""
    for frame in _frames(recording):
        await output.capture_frame(frame)
    output.flush()
    await asyncio.sleep(recording.duration + _LAG_SECONDS)  # an interruption before it would end a wait too soon


def _frames(recording: Recording) -> Iterator[rtc.AudioFrame]:
    samples = recording.sample_rate // _FRAMES_PER_SECOND
    for start in range(0, len(recording.pcm), 2 * samples):
        pcm = recording.pcm[start : start + 2 * samples].ljust(2 * samples, b"\0")
        yield rtc.AudioFrame(pcm, recording.sample_rate, 1, samples)


def _faded(frame: rtc.AudioFrame) -> rtc.AudioFrame:
    """Its beginning, which dies away, and silence."""
    length = int(_FADING_SECONDS * frame.sample_rate)
    loud = zip(range(length, 0, -1), array("h", bytes(frame.data)), strict=False)
    pcm = array("h", [sample * left // length for left, sample in loud]).tobytes()
    size = 2 * frame.samples_per_channel
    return rtc.AudioFrame(pcm[:size].ljust(size, b"\0"), frame.sample_rate, 1, frame.samples_per_channel)


async def _at_most(seconds: float, waiting: Awaitable[object]) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(waiting, seconds)
