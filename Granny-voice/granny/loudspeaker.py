"""Plays a recorded line to the caller, whether or not the agent session is alive."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Iterator

from livekit import rtc
from livekit.agents.voice.io import AudioOutput

from granny.lines import Recording

TRACK = "granny-line"
_FRAMES_PER_SECOND = 50
_AHEAD_SECONDS = 0.3
_SUBSCRIPTION_SECONDS = 1.0
"""The longest wait for somebody to listen."""
_LAG_SECONDS = 0.5
"""How far a console's loudspeaker may be behind."""
_TAIL_SECONDS = 0.3
"""What has been played is on its way to the caller so long, and would be lost with the room."""
_GRACE_SECONDS = 2.0
"""What a line may take longer than its sound."""


async def play_in_room(room: rtc.Room, recording: Recording) -> None:
    """Play a line on a track of its own; returns when it has been heard.

    Raises:
        livekit.rtc.PublishTrackError: LiveKit does not take the track.
    """
    source = rtc.AudioSource(recording.sample_rate, 1)
    track = rtc.LocalAudioTrack.create_audio_track(TRACK, source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    publication = await room.local_participant.publish_track(track, options)
    await _at_most(_SUBSCRIPTION_SECONDS, publication.wait_for_subscription())
    await _at_most(recording.duration + _GRACE_SECONDS, _push(recording, source))
    await asyncio.sleep(_TAIL_SECONDS)
    if room.isconnected():
        await room.local_participant.unpublish_track(publication.sid)
    await source.aclose()


async def play_on(output: AudioOutput, recording: Recording) -> None:
    """Play a line on the agent session's own output, the only one that a console call has."""
    for frame in _frames(recording):
        await output.capture_frame(frame)
    output.flush()
    await asyncio.sleep(recording.duration + _LAG_SECONDS)  # an interruption before it would end a wait too soon


async def stream(recording: Recording) -> AsyncIterator[rtc.AudioFrame]:
    """A recording in frames of 20 ms, as `AgentSession.say` takes it, a little ahead of the listener.

    All of it at once would have the agent session measure its rate of speech in one go, for 100 to 200 ms of its
    event loop, just as the first sound is to leave.
    """
    started = time.monotonic()
    for number, frame in enumerate(_frames(recording)):
        yield frame
        await asyncio.sleep(started + number / _FRAMES_PER_SECOND - _AHEAD_SECONDS - time.monotonic())


async def _push(recording: Recording, source: rtc.AudioSource) -> None:
    for frame in _frames(recording):
        await source.capture_frame(frame)
    await source.wait_for_playout()


def _frames(recording: Recording) -> Iterator[rtc.AudioFrame]:
    samples = recording.sample_rate // _FRAMES_PER_SECOND
    for start in range(0, len(recording.pcm), 2 * samples):
        pcm = recording.pcm[start : start + 2 * samples].ljust(2 * samples, b"\0")
        yield rtc.AudioFrame(pcm, recording.sample_rate, 1, samples)


async def _at_most(seconds: float, waiting: Awaitable[object]) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(waiting, seconds)
