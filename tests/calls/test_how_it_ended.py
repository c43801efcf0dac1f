"""Every way in which a call ends, as the worker's log tells it, and what the caller met."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from livekit import api
from livekit.protocol.models import ParticipantInfo

from calls.hearing_lines import record_tones, sounds
from calls.house import House, house
from calls.serving import HANG, agent_joined
from calls.stage import SAID
from granny.lines import Line
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.script import HttpAnswer, ResponseFault, Script, ToolCall
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.livekit_server import PROGRAM, why_missing

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
    pytest.mark.asyncio(loop_scope="module"),
]

BREAKING = Path(__file__).with_name("breaking_agent.py")
NAME = "granny"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    record_tones(folder / "lines")
    settings = {"GRANNY_AGENT_NAME": NAME, "GRANNY_LINES_FOLDER": str(folder / "lines")}
    async with house(BREAKING, folder, PYTHONPATH=str(home), **settings) as here:
        yield here


async def greeted(caller: RoomCaller) -> None:
    for _ in range(int(HANG * 10)):
        heard = sounds(caller.heard.sound)
        if heard and caller.heard.now() - heard[-1].end > 0.5:
            return
        await asyncio.sleep(0.1)
    pytest.fail("no greeting")


async def answered(caller: RoomCaller, *, after: float) -> None:
    for _ in range(int(HANG * 10)):
        if any(sound.start > after for sound in sounds(caller.heard.sound)):
            return
        if caller.gone.is_set():
            break
        await asyncio.sleep(0.1)
    pytest.fail("no answer")


async def asked(standin: StandIn, *, connection: int) -> None:
    """Until the model has been asked for a greeting."""
    for _ in range(int(HANG * 10)):
        if standin.connections[connection - 1 :] and standin.connections[connection - 1].responses:
            return
        await asyncio.sleep(0.1)
    pytest.fail("nothing asked of OpenAI")


async def told(caller: RoomCaller) -> None:
    for _ in range(int(HANG * 10)):
        if caller.heard.data:
            return
        await asyncio.sleep(0.1)
    pytest.fail("no fault told")


async def gone(caller: RoomCaller) -> None:
    await asyncio.wait_for(caller.gone.wait(), HANG)


def who_called(here: House, room: str) -> list[str] | None:
    """As a feature was told, which the worker does not know."""
    (who,) = (line["who"] for line in here.running.lines("written down") if line["called"] == room)
    return who  # type: ignore[no-any-return]  # JSON, as the agent wrote it


@pytest.mark.parametrize("room", ["greeting", "persona", "watch"])
async def test_a_bug_in_a_call_is_told_to_the_caller_and_is_not_called_a_stop(here: House, room: str) -> None:
    async with join(here.livekit, room, agent_name=NAME) as caller:
        if room == "watch":
            await greeted(caller)
            caller.say(SAID)
        await gone(caller)
        first = [] if room == "watch" else [Line.COMPUTER_COMPANION]  # there the model has greeted
        heard = [sound.line for sound in sounds(caller.heard.sound) if sound.line]
        assert heard == [*first, Line.SOMETHING_WENT_WRONG]
        assert caller.heard.attributes["granny.fault"] == "call-crashed"
        assert [json.loads(payload) for _, _, payload in caller.heard.data] == [{"fault": "call-crashed"}]
    assert await here.end(room) == ("crashed", "call-crashed")


async def test_a_caller_who_hangs_up_ends_the_call_well(here: House) -> None:
    async with join(here.livekit, "hung-up", identity="rosa", agent_name=NAME) as caller:
        await greeted(caller)
    assert await here.end("hung-up") == ("hung-up", "ok")
    assert who_called(here, "hung-up") == ["web", "rosa"]


async def test_who_hangs_up_before_her_first_word_proves_nothing(here: House) -> None:
    here.standin.script = Script(responses=(ResponseFault(),))
    async with join(here.livekit, "early", agent_name=NAME) as caller:
        assert await agent_joined(caller)
    assert await here.end("early") == ("hung-up-early", "hung-up-early")
    here.standin.script = Script()


async def test_a_goodbye_is_told_apart_from_a_caller_who_hangs_up(here: House) -> None:
    here.standin.script = Script(tool_calls=(ToolCall("end_call", on=(2,)),))
    async with join(here.livekit, "goodbye", agent_name=NAME) as caller:
        await greeted(caller)
        caller.say(SAID)
        await gone(caller)
    assert await here.end("goodbye") == ("goodbye", "ok")
    here.standin.script = Script()


async def test_a_room_into_which_nobody_came_is_no_good_call(here: House) -> None:
    async with api.LiveKitAPI(here.livekit.url, here.livekit.key, here.livekit.secret) as livekit:
        request = api.CreateAgentDispatchRequest(agent_name=NAME, room="empty")
        await livekit.agent_dispatch.create_dispatch(request)
        for _ in range(int(HANG * 10)):
            listed = await livekit.room.list_participants(api.ListParticipantsRequest(room="empty"))
            if any(one.state == ParticipantInfo.State.ACTIVE for one in listed.participants):
                break
            await asyncio.sleep(0.1)
        await livekit.room.delete_room(api.DeleteRoomRequest(room="empty"))
    assert await here.end("empty") == ("nobody-came", "nobody-came")
    assert who_called(here, "empty") is None


async def test_when_the_first_of_two_people_leaves_she_goes_on_with_the_second(here: House) -> None:
    async with join(here.livekit, "two", identity="first", agent_name=NAME) as first:
        await greeted(first)
        async with join(here.livekit, "two", identity="second") as second:
            await first.hang_up()
            spoken_at = second.heard.now()
            second.say(SAID)
            await answered(second, after=spoken_at)
            assert not second.gone.is_set()
    assert await here.end("two") == ("hung-up", "ok")
    assert who_called(here, "two") == ["web", "first"]


async def test_one_refused_handshake_ends_no_call_and_shuts_no_door(here: House) -> None:
    """What a probe does not find a second later has passed."""
    refusal = HttpAnswer(401, WireError("invalid_api_key").body(), on=(len(here.standin.connections) + 1,))
    here.standin.script = Script(handshakes=(refusal,))
    async with join(here.livekit, "refused-once", agent_name=NAME) as caller:
        await greeted(caller)
        caller.say(SAID)
        await answered(caller, after=caller.heard.now() + 1.5)
        assert caller.heard.data == []
        assert [sound.line for sound in sounds(caller.heard.sound) if sound.line] == []
    assert await here.end("refused-once") == ("hung-up", "ok")
    assert not here.running.lines("taking no calls until OpenAI accepts the account again")


async def test_who_speaks_before_her_first_word_does_not_wait_for_it_anew(here: House) -> None:
    before = len(here.standin.connections)
    here.standin.script = Script(responses=(ResponseFault(),))
    async with join(here.livekit, "hello-hello", agent_name=NAME) as caller:
        await asked(here.standin, connection=before + 1)
        caller.say(SAID)
        await told(caller)
        assert json.loads(caller.heard.data[0][2]) == {"fault": "call-no-first-word"}
    here.standin.script = Script()


@pytest.mark.full
async def test_a_livekit_server_that_dies_is_no_good_end(here: House) -> None:
    """The last test of this house: its server is gone."""
    async with join(here.livekit, "deserted", agent_name=NAME) as caller:
        await greeted(caller)
        port = int(here.livekit.url.rpartition(":")[2])
        (server,) = [
            one
            for one in psutil.process_iter(["name"])
            if one.info["name"] == PROGRAM and port in {c.laddr.port for c in one.net_connections("tcp")}
        ]
        server.kill()
        assert await here.end("deserted") == ("fault", "livekit-connection-lost")
