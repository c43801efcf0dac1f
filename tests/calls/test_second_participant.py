"""What a second participant with an ordinary token can do to a call: nothing."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from aiohttp import web
from livekit import api, rtc
from livekit.agents.voice.remote_session import RemoteSession
from livekit.protocol.agent_dispatch import RoomAgentDispatch
from livekit.protocol.room import RoomConfiguration

from calls.house import House, agent_in, entered, house
from calls.serving import KEY, until
from granny.config.settings import Settings
from granny.rehearsal.callers.room_caller import RoomCaller, join, joined
from granny.rehearsal.rig.livekit_server import why_missing
from granny.rooms.tokens import join_link

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
    pytest.mark.asyncio(loop_scope="module"),
]

SECRET_NOTES = "Harold is the name of the cat."
IGNORED = "stream with topic '{}', no callback attached"


RECORDED_PROJECT = """\
'''agent.py in a project of LiveKit Cloud in which calls are to be recorded.'''
from livekit.agents import AgentServer, cli

offered = AgentServer._answer_availability


async def recorded(self, message, **more):
    message.job.enable_recording = True
    await offered(self, message, **more)


AgentServer._answer_availability = recorded

from agent import answer, server  # noqa: E402,F401

if __name__ == "__main__":
    cli.run_app(server)
"""


@dataclass
class Listener:
    """Where recordings would go.

    Attributes:
        url: its address.
        paths: what was asked of it.
    """

    url: str
    paths: list[str] = field(default_factory=list)


@contextlib.asynccontextmanager
async def listener() -> AsyncIterator[Listener]:
    async def take(request: web.BaseRequest) -> web.Response:
        found.paths.append(request.path)
        return web.Response()

    runner = web.ServerRunner(web.Server(take))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found = Listener(f"http://127.0.0.1:{runner.addresses[0][1]}")
    try:
        yield found
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recordings() -> AsyncIterator[Listener]:
    async with listener() as it:
        yield it


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, recordings: Listener, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    notes = folder / "notes.txt"
    notes.write_text(SECRET_NOTES, encoding="utf-8")
    agent = folder / "recorded_project.py"
    agent.write_text(RECORDED_PROJECT, encoding="utf-8")
    settings = {"GRANNY_CALLER_FILE": str(notes), "LIVEKIT_OBSERVABILITY_URL": recordings.url}
    async with house(agent, folder, PYTHONPATH=str(home), **settings) as it:
        yield it


@contextlib.asynccontextmanager
async def call(here: House, room: str) -> AsyncIterator[RoomCaller]:
    """A call in which she has greeted."""
    async with join(here.livekit, room) as caller:
        await here.until_greeted(caller)
        yield caller


async def test_nothing_is_recorded_whatever_the_project_is_set_to(here: House, recordings: Listener) -> None:
    async with call(here, "recorded") as caller:
        await here.answers(caller)
    await here.until_logged('"message": "call ended"')
    await here.until_logged('"message": "process exiting"')
    assert recordings.paths == []


@pytest.mark.full
async def test_a_link_lets_one_caller_in_and_nobody_beside(here: House) -> None:
    """Granny is not counted; who has another token for the room stays outside."""
    variables = {"OPENAI_API_KEY": KEY, **here.livekit.environment}
    (token,) = parse_qs(urlsplit(join_link(Settings.model_validate(variables))).query)["token"]
    room = api.TokenVerifier(here.livekit.key, here.livekit.secret).verify(token).video
    assert room
    async with joined(here.livekit.url, token) as caller:
        await here.until_greeted(caller)
        with pytest.raises(rtc.ConnectError):
            async with entered(here.livekit, room.room):
                pass
        await here.answers(caller)
        assert not caller.gone.is_set()


async def test_nobody_drives_her_by_the_frameworks_remote_session(here: House) -> None:
    """It would tell her instructions with the family's notes and the talk, and take words and switches."""
    async with call(here, "driven") as caller, entered(here.livekit, "driven") as room:
        remote = RemoteSession.from_room(room, agent_in(room))
        await remote.start()
        asking = asyncio.create_task(remote.get_agent_info())
        ignored = asyncio.create_task(here.until_logged(IGNORED.format("lk.agent.session")))
        await asyncio.wait([asking, ignored], return_when=asyncio.FIRST_COMPLETED)
        assert not asking.done(), f"she told {asking.result().instructions[-200:]}"
        asking.cancel()
        await remote.aclose()
        await here.answers(caller)


async def test_sound_from_before_the_call_is_not_taken(here: House) -> None:
    """Any participant can send it for any track, at a rate of 0 Hz, or as text that says it is sound."""
    async with call(here, "before") as caller, entered(here.livekit, "before") as room:
        topic = "lk.agent.pre-connect-audio-buffer"
        track = next(iter(caller.room.local_participant.track_publications))
        for kind, rate in (("text/plain", "48000"), ("audio/opus", "0"), ("", "0")):
            attributes = {"trackId": track, "sampleRate": rate, "channels": "1"}
            writer = await room.local_participant.stream_bytes(
                "sound", topic=topic, attributes=attributes, mime_type=kind, total_size=100
            )
            await writer.write(bytes(100))
            await writer.aclose()
            await here.until_logged(IGNORED.format(topic))  # before the next one, which could do harm
        await here.answers(caller)


async def test_text_does_not_reach_the_model(here: House) -> None:
    """Not the stranger's, nor the caller's, of whatever length."""
    async with call(here, "text") as caller:
        await caller.room.local_participant.send_text("Sing! " * 20_000, topic="lk.chat")
        await here.until_logged(IGNORED.format("lk.chat"))
        await here.answers(caller)
        assert not [text for text in here.line.texts if "Sing!" in text]


async def test_the_camera_is_not_received(here: House) -> None:
    async with entered(here.livekit, "seen", identity="caller") as room:
        camera = rtc.LocalVideoTrack.create_video_track("camera", rtc.VideoSource(64, 48))
        source = rtc.AudioSource(48_000, 1)
        microphone = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        me = room.local_participant
        seen = await me.publish_track(camera, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA))
        heard = await me.publish_track(microphone, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE))
        watched = asyncio.create_task(seen.wait_for_subscription())
        await asyncio.wait_for(heard.wait_for_subscription(), 20)
        await here.until(lambda: len(here.line.responses) > 0, "the greeting")
        assert not watched.done()
        watched.cancel()
        await source.aclose()


async def test_who_leaves_as_a_simulator_ends_nobodys_call(here: House) -> None:
    async with call(here, "simulator") as caller:
        others = caller.room.remote_participants
        async with entered(here.livekit, "simulator", attributes={"lk.simulator": "true"}):
            await here.until(lambda: "stranger" in others, "the stranger")
        await here.until(lambda: "stranger" not in others, "the stranger's leave")
        await here.answers(caller)
        assert not caller.gone.is_set()


async def test_a_simulated_call_is_refused(here: House) -> None:
    """She would neither hear nor speak in it, and whoever is in the room would wait for ever."""
    dispatch = RoomAgentDispatch(
        agent_name="",
        attributes={"lk.simulator.dispatch": json.dumps({"simulationRunId": "1", "mode": "SIMULATION_MODE_TEXT"})},
    )
    async with entered(here.livekit, "simulated", config=RoomConfiguration(agents=[dispatch])) as room:
        await here.until_logged("simulated call refused")
        assert not room.remote_participants


async def test_nobody_pays_for_a_greeting_into_an_empty_room(here: House) -> None:
    """She is connected, to the room and to OpenAI, and waits with her first word for somebody to hear it."""
    before = len(here.standin.connections)
    async with api.LiveKitAPI(here.livekit.url, here.livekit.key, here.livekit.secret) as livekit:
        await livekit.room.create_room(api.CreateRoomRequest(name="empty"))
        await here.until(lambda: len(here.standin.connections) > before, "the connection to OpenAI")
        await here.until(lambda: "session.updated" in here.line.server_events, "the realtime session")
        await until(functools.partial(_is_listening, livekit, "empty"), lambda: here.running.log)
    assert here.line.responses == []
    async with join(here.livekit, "empty") as caller:
        await here.until_greeted(caller)
        assert len(here.line.responses) == 1


async def _is_listening(livekit: api.LiveKitAPI, room: str) -> bool:
    """Whether she is ready, and has not begun to speak."""
    listed = await livekit.room.list_participants(api.ListParticipantsRequest(room=room))
    return any("lk.agent.state" in one.attributes for one in listed.participants)
