"""The doors that the framework opens to anybody in a room are known, and what a project may ask is not done."""

from __future__ import annotations

import re
from pathlib import Path
from unittest import mock

import livekit.agents
from livekit import rtc
from livekit.agents import JobContext, JobExecutorType, JobProcess
from livekit.agents.ipc.mock_room import create_mock_room
from livekit.agents.job import JobAcceptArguments, RunningJobInfo
from livekit.protocol.agent import Job as JobInfo
from livekit.rtc._proto import track_pb2 as tracks

from fakes import Job, Person, Room
from granny.call.room_doors import is_simulation, shut_doors

DOORS = {
    "voice/remote_session.py": ["_room.register_byte_stream_handler(TOPIC_SESSION_MESSAGES"],
    "voice/room_io/_pre_connect_audio.py": ["_room.register_byte_stream_handler(PRE_CONNECT_AUDIO_BUFFER_STREAM"],
    "voice/room_io/room_io.py": ["_room.register_text_stream_handler(TOPIC_CHAT"],
}
"""Where the framework takes what participants send, in what a call of hers uses."""
UNUSED = ("voice/avatar/", "beta/")
CONTROLLING = {"ATTRIBUTE_SIMULATOR": 1, "ATTRIBUTE_SIMULATOR_DISPATCH": 1}
"""How often the framework asks for what may be set from outside and changes a call."""


def sources() -> dict[str, str]:
    root = Path(livekit.agents.__file__).parent
    files = {file.relative_to(root).as_posix(): file for file in root.rglob("*.py")}
    return {name: file.read_text("utf-8") for name, file in files.items() if not name.startswith(UNUSED)}


def test_no_door_has_been_added_that_we_do_not_know() -> None:
    taking = re.compile(r"\b\w+\.register_\w+_(?:stream_handler|method)\(\w+|\.on\(\"(?:data|chat)\w*\"")
    found = {name: [one for one in taking.findall(text) if "unregister" not in one] for name, text in sources().items()}
    assert {name: doors for name, doors in found.items() if doors} == DOORS


def test_no_attribute_controls_a_call_that_we_do_not_know() -> None:
    text = sources()["job.py"]
    asked = re.findall(r"attributes\.get\((\w+)|(ATTRIBUTE_\w+) not in \w+\.attributes", text)
    assert sorted("".join(one) for one in asked) == sorted(CONTROLLING)


def test_a_simulated_job_is_known_by_any_attribute_of_the_simulator() -> None:
    assert is_simulation(JobInfo(attributes={"lk.simulator.dispatch": "{}"}))
    assert is_simulation(JobInfo(attributes={"lk.simulator": "true"}))
    assert not is_simulation(JobInfo(attributes={"theirs": "lk.simulator"}))


def test_the_log_of_a_crash_is_not_kept_for_a_project_that_records() -> None:
    """The framework would keep it from the job's start, and send it if the session never started."""
    ctx = recorded_job()
    ctx._start_log_buffering()
    assert ctx._early_log_handler
    shut_doors(ctx)
    assert not ctx._early_log_handler
    assert ctx._recording_initialized


class Publication(rtc.RemoteTrackPublication):
    """A track in the room; whether she has asked for it stands in `asked`."""

    def __init__(self, kind: rtc.TrackKind.ValueType) -> None:
        info = tracks.TrackPublicationInfo(sid=f"TR_{kind}", kind=kind)
        super().__init__(tracks.OwnedTrackPublication(info=info))
        self.asked = 0

    def set_subscribed(self, subscribed: bool) -> None:  # noqa: FBT001  the framework's own
        assert subscribed
        self.asked += 1


def publishing(identity: str, kind: rtc.ParticipantKind.ValueType) -> tuple[Person, Publication, Publication]:
    """A participant with a microphone and a camera."""
    person = Person(identity, kind=kind, microphone="none")
    sound, picture = Publication(rtc.TrackKind.KIND_AUDIO), Publication(rtc.TrackKind.KIND_VIDEO)
    person._track_publications = {one.sid: one for one in (sound, picture)}
    return person, sound, picture


async def test_she_receives_the_sound_of_people_and_of_nobody_else() -> None:
    """Who is there, and who comes; a camera nobody looks at, and another Granny would believe that she is heard."""
    caller, voice, picture = publishing("caller", rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD)
    phone, number, _ = publishing("phone", rtc.ParticipantKind.PARTICIPANT_KIND_SIP)
    agent, other, _ = publishing("agent", rtc.ParticipantKind.PARTICIPANT_KIND_AGENT)
    room = Room(caller, agent, is_joined=False)
    ctx = Job(room)
    shut_doors(ctx)
    await ctx.connect()
    for publication in (number, other):
        room.emit("track_published", publication, phone if publication is number else agent)
    [(_, _, options)] = room.ways_in
    assert not options.auto_subscribe
    assert [one.asked for one in (voice, number, picture, other)] == [1, 1, 0, 0]


async def test_after_a_new_beginning_she_asks_for_sound_again_that_does_not_come() -> None:
    """What she asked for while she was being let in again is lost."""
    caller, voice, picture = publishing("caller", rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD)
    room = Room(caller)
    ctx = Job(room)
    shut_doors(ctx)
    await ctx.connect()
    room.emit("reconnected")
    voice._subscribed = True
    room.emit("reconnected")
    assert (voice.asked, picture.asked) == (2, 0)


def recorded_job() -> JobContext:
    """A job of a project in which calls are recorded."""
    info = RunningJobInfo(
        accept_arguments=JobAcceptArguments(name="", identity="agent", metadata=""),
        job=JobInfo(id="job", enable_recording=True),
        url="wss://invented.livekit.cloud",
        token="",
        worker_id="worker",
        fake_job=False,
    )
    return JobContext(
        proc=JobProcess(executor_type=JobExecutorType.PROCESS, user_arguments=None, http_proxy=None),
        info=info,
        room=create_mock_room(),
        on_connect=lambda: None,
        on_shutdown=lambda _: None,
        inference_executor=mock.Mock(),
    )
