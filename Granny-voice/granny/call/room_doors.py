"""Nothing in a room reaches her but a voice: the framework's other doors, which are open to anybody there, are shut.

What livekit-agents 1.8.9 lets a participant do by default, and where each door is shut:

    lk.agent.session       read her instructions and the talk, put words in, mute her     `START`
    pre-connect audio      send sound, or what claims to be sound, under any track's id   `ROOM_OPTIONS`
    lk.chat                send text of any length, which goes to the model               `ROOM_OPTIONS`
    the camera             be received, though nobody looks at it                         `shut_doors`
    another agent's voice  be received, and another Granny believe that she is heard      `shut_doors`
    lk.simulator           end the call by leaving                          `worker.framework.ignore_simulators`
    lk.simulator.dispatch  (a job's) have her neither speak nor hear                      `is_simulation`

The project's settings in LiveKit Cloud can have calls recorded, and the log of a crash sent; she does neither.
A test compares this list with what the framework registers.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import TypedDict

from livekit import rtc
from livekit.agents import AutoSubscribe, JobContext
from livekit.agents.types import ATTRIBUTE_SIMULATOR
from livekit.agents.voice.agent_session import RecordingOptions
from livekit.agents.voice.room_io import AudioInputOptions, RoomOptions
from livekit.protocol.agent import Job

from granny.call.line_player import is_person


class Start(TypedDict):
    """What `AgentSession.start` is told besides agent and room."""

    room_options: RoomOptions
    session_host: bool
    record: bool


ROOM_OPTIONS = RoomOptions(
    audio_input=AudioInputOptions(
        frame_size_ms=40,  # the framework's own are 50 ms long; see also `granny.call.realtime_model.VoiceModel`
        pre_connect_audio=False,
    ),
    text_input=False,
    close_on_disconnect=False,  # `granny.call.presence` looks who is still there
)
START = Start(room_options=ROOM_OPTIONS, session_host=False, record=False)
_NOTHING = RecordingOptions(audio=False, traces=False, logs=False, transcript=False)


def shut_doors(ctx: JobContext) -> None:
    """Shut those that are the job's; to be called before it connects.

    However the framework connects to the room from now on, it takes people's sound only.
    """
    send_no_log(ctx)
    ctx.room.on("track_published", _listen)
    ctx.room.on("reconnected", functools.partial(_listen_to_all, ctx.room))  # what is asked for before that is lost
    ctx.connect = functools.partial(_connect, ctx, ctx.connect)  # type: ignore[method-assign]  # called without options


def send_no_log(ctx: JobContext) -> None:
    """Of a job that ends before its session starts, by a crash or without a call, the framework would send the log."""
    ctx.init_recording(_NOTHING)


async def _connect(ctx: JobContext, connect: Callable[..., Awaitable[None]]) -> None:
    await connect(auto_subscribe=AutoSubscribe.SUBSCRIBE_NONE)
    _listen_to_all(ctx.room)


def _listen_to_all(room: rtc.Room) -> None:
    for participant in room.remote_participants.values():
        for publication in participant.track_publications.values():
            _listen(publication, participant)


def _listen(publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant) -> None:
    if is_person(participant) and publication.kind == rtc.TrackKind.KIND_AUDIO and not publication.subscribed:
        publication.set_subscribed(True)


def is_simulation(job: Job) -> bool:
    """Whether a job is a simulated call, in which nobody would be heard; such a job is to be rejected."""
    return any(name.startswith(ATTRIBUTE_SIMULATOR) for name in job.attributes)
