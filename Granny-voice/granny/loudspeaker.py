"""Plays a recorded line to the caller, whether or not there is an agent session."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Iterator

from livekit import rtc
from livekit.agents.types import (
    ATTRIBUTE_TRANSCRIPTION_FINAL,
    ATTRIBUTE_TRANSCRIPTION_SEGMENT_ID,
    ATTRIBUTE_TRANSCRIPTION_TRACK_ID,
    TOPIC_TRANSCRIPTION,
)
from livekit.agents.utils import shortuuid
from livekit.agents.voice.io import AudioOutput

from granny.lines import Recording

TRACK = "granny-line"
_FRAMES_PER_SECOND = 100
"""What WebRTC takes at once."""
_AHEAD_SECONDS = 0.12
"""So much is sent before its time: the event loop may be late by it, and an interruption is."""
_SUBSCRIPTION_SECONDS = 1.0
"""The longest wait for somebody to listen."""
_LAG_SECONDS = 0.5
"""How far a console's loudspeaker may be behind."""
_TAIL_SECONDS = 0.3
"""What has been played is on its way to the caller so long, and would be lost with the room."""
_GRACE_SECONDS = 2.0
"""What a line may take longer than its sound."""


class Loudspeaker:
    """A track of its own in the room, for one recording.

    Its sound goes to WebRTC at once, not through the SDK's queue, which would keep the first of it back for some 20 ms.

    Attributes:
        began: set when the first sound is safely on its way.
        began_at: when it left, in `time.monotonic`'s seconds; None before.
    """

    def __init__(self, room: rtc.Room, recording: Recording) -> None:
        self.began = asyncio.Event()
        self.began_at: float | None = None
        self._room = room
        self._recording = recording
        self._source = rtc.AudioSource(recording.sample_rate, 1, queue_size_ms=0)
        self._publication: rtc.LocalTrackPublication | None = None
        self._share = 0.0

    @property
    def share_played(self) -> float:
        """How much of the recording has been sent to the caller, 0 to 1."""
        return self._share

    async def open(self) -> None:
        """Publish the track.

        Raises:
            livekit.rtc.PublishTrackError: LiveKit does not take it.
        """
        track = rtc.LocalAudioTrack.create_audio_track(TRACK, self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        self._publication = await self._room.local_participant.publish_track(track, options)

    async def play(self) -> None:
        """Play the recording, with its words as a caption, once somebody listens; returns when it has been heard."""
        if self._publication:
            await _at_most(_SUBSCRIPTION_SECONDS, self._publication.wait_for_subscription())
        await asyncio.gather(
            _at_most(self._recording.duration + _GRACE_SECONDS, self._push()),
            self._caption(),
        )
        await asyncio.sleep(_AHEAD_SECONDS + _TAIL_SECONDS)

    async def close(self) -> None:
        """Take the track away."""
        if self._publication and self._room.isconnected():
            await self._room.local_participant.unpublish_track(self._publication.sid)
        await self._source.aclose()

    async def _push(self) -> None:
        self.began_at = started = time.monotonic()
        frames = list(_frames(self._recording))
        for number, frame in enumerate(frames, start=1):
            await self._source.capture_frame(frame)
            self._share = number / len(frames)
            ahead = started + number / _FRAMES_PER_SECOND - time.monotonic()
            if ahead > _AHEAD_SECONDS:
                self.began.set()
                await asyncio.sleep(ahead - _AHEAD_SECONDS)
        self.began.set()

    async def _caption(self) -> None:
        """Show the words where those of the agent session are shown."""
        attributes = {
            ATTRIBUTE_TRANSCRIPTION_SEGMENT_ID: shortuuid("SG_"),
            ATTRIBUTE_TRANSCRIPTION_FINAL: "true",
            ATTRIBUTE_TRANSCRIPTION_TRACK_ID: self._publication.sid if self._publication else "",
        }
        await self._room.local_participant.send_text(
            self._recording.text, topic=TOPIC_TRANSCRIPTION, attributes=attributes
        )


async def play_in_room(room: rtc.Room, recording: Recording) -> None:
    """Play a line on a track of its own; returns when it has been heard.

    Raises:
        livekit.rtc.PublishTrackError: LiveKit does not take the track.
    """
    speaker = Loudspeaker(room, recording)
    try:
        await speaker.open()
        await speaker.play()
    finally:
        await speaker.close()


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


async def _at_most(seconds: float, waiting: Awaitable[object]) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(waiting, seconds)
