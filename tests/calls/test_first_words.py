"""Her recorded greeting in a real room: heard without the model, interruptible, and part of the conversation."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from livekit import api

from calls.hearing_lines import record_tones, sounds
from calls.house import SAID, House, house_at
from calls.relay import relay
from calls.scenes import refuse
from calls.serving import HANG
from granny.lines import Line
from granny.rehearsal.callers.caller import SENTENCE, recorded, speech
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.openai import voice
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.script import Script
from granny.rehearsal.rig.livekit_server import LiveKit, livekit_server, why_missing

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
    pytest.mark.asyncio(loop_scope="module"),
]

WORDS = "Good day, dear, this is the family's own greeting, and it is long enough to be interrupted."
LATE_SECONDS = 8.0
"""Longer than she waits for her own first word; so late some callers come, and some lines connect."""
ECHO_SECONDS = 3.0
"""So long the greeting cannot be interrupted, lest it be by its own echo."""
NAME = "granny"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    async with livekit_server(log=folder / "livekit.log") as livekit, family(livekit, home, folder) as here:
        yield here


@contextlib.asynccontextmanager
async def family(livekit: LiveKit, home: Path, folder: Path) -> AsyncIterator[House]:
    """A worker with a greeting recorded by the family."""
    lines = folder / "lines"
    record_tones(lines)
    shutil.copy(Path(voice.__file__).with_name("greeting.wav"), lines / "greeting.wav")
    (lines / "greeting.txt").write_text(WORDS, encoding="utf-8")
    settings = {"GRANNY_AGENT_NAME": NAME, "GRANNY_LINES_FOLDER": str(lines)}
    async with house_at(livekit, home / "agent.py", folder, Manner(), **settings) as here:
        yield here


def is_heard(caller: RoomCaller, *, after: float = 0.0) -> bool:
    return any(span.end > after for span in speech(caller.heard.sound))


def is_quiet(caller: RoomCaller, seconds: float = 1.0) -> bool:
    spans = speech(caller.heard.sound)
    return bool(spans) and caller.heard.now() - spans[-1].end > seconds


def is_whole(caller: RoomCaller) -> bool:
    """Whether the greeting is what was heard, with its beginning and its end."""
    (greeting,) = speech(caller.heard.sound)
    (recording,) = speech(recorded(Path(voice.__file__).with_name("greeting.wav")))
    return greeting.end - greeting.start > 0.95 * (recording.end - recording.start)


async def test_it_is_heard_before_the_model_says_a_word_and_the_model_knows_of_it(here: House) -> None:
    """The first call of this house: nothing has gone wrong in it."""
    async with join(here.livekit, "greeting", agent_name=NAME) as caller:
        await here.until(lambda: is_heard(caller), "the greeting")
        await here.until(lambda: is_quiet(caller), "its end")
        await here.until(lambda: WORDS in here.texts(), "the greeting in the conversation")
        assert here.standin.connections[-1].responses == []
        assert [turn.text for turn in caller.heard.transcript if turn.speaker == "agent"] == [WORDS]
        asked_at = caller.heard.now()
        caller.say(SAID)
        await caller.said()
        await here.until(lambda: is_heard(caller, after=asked_at + 1.0), "the answer")
        assert here.texts()[0] == WORDS
        assert len(here.standin.connections[-1].responses) == 1
        await here.until(
            lambda: is_quiet(caller), "the answer's end"
        )  # its captions could not be sent into an ended room
    assert await here.end("greeting") == ("hung-up", "ok")
    told = [line["message"] for line in here.running.lines() if line["level"] not in ("DEBUG", "INFO")]
    of_the_rig = ("event loop blocked", "livekit_ffi::", "livekit::", "check-up")  # livekit/rust-sdks#539; devkey
    told = [message for message in told if not message.startswith(of_the_rig)]
    assert [message for message in told if "InsecureKeyLengthWarning" not in message] == [], (
        "a good call warns of nothing"
    )


async def test_it_stops_when_the_caller_speaks_and_the_model_knows_how_far_it_came(here: House) -> None:
    async with join(here.livekit, "interrupted", agent_name=NAME) as caller:
        await here.until(lambda: is_heard(caller, after=ECHO_SECONDS + 0.8), "the greeting's second part")
        caller.say(recorded(SENTENCE)[: 48_000 * 2])
        await here.until(lambda: bool(here.texts()) and WORDS.startswith(here.texts()[0]), "what was heard")
        heard = here.texts()[0]
        assert 0 < len(heard) < len(WORDS)
        await here.until(lambda: len(here.standin.connections[-1].responses) == 1, "an answer to the caller")


async def test_it_waits_for_a_caller_who_comes_later_and_for_one_whose_line_takes_long_to_connect(here: House) -> None:
    """Later: as when a telephone is rung from the room, and the agent is there first, however long it takes."""
    before = len(here.standin.connections)
    async with join(here.livekit, "slow", agent_name=NAME, hears=False) as slow:
        await here.until(lambda: bool(slow.room.remote_participants), "the agent")
        async with api.LiveKitAPI(here.livekit.url, here.livekit.key, here.livekit.secret) as livekit:
            request = api.CreateAgentDispatchRequest(agent_name=NAME, room="early")
            await livekit.agent_dispatch.create_dispatch(request)
            await asyncio.sleep(LATE_SECONDS)
            listed = await livekit.room.list_participants(api.ListParticipantsRequest(room="early"))
            assert len(listed.participants) == 1
        slow.listen()
        async with join(here.livekit, "early") as late:
            for caller in (slow, late):
                await here.until(lambda one=caller: is_heard(one), "the greeting")  # type: ignore[misc]
                await here.until(lambda one=caller: is_quiet(one), "its end")  # type: ignore[misc]
                assert not caller.heard.data
            assert is_whole(slow)
            calls = here.standin.connections[before:]
            assert len(calls) == 2
            await here.until(lambda: all(WORDS in call.texts for call in calls), "the greeting in both conversations")


@pytest.mark.full
@pytest.mark.parametrize("seconds", [3.0, 9.5])
async def test_a_room_that_takes_long_to_join_spoils_no_greeting(home: Path, tmp_path: Path, seconds: float) -> None:
    """OpenAI is well all the time; nothing is to be asked of it before she is in the room."""
    async with (
        livekit_server(log=tmp_path / "livekit.log") as livekit,
        relay(livekit) as door,
        family(door.livekit, home, tmp_path) as here,
        join(livekit, "slow-room", agent_name=NAME) as caller,
    ):
        await asyncio.wait_for(door.asked.wait(), HANG)
        await asyncio.sleep(seconds)
        door.is_open.set()
        await here.until(lambda: is_heard(caller), "the greeting")
        await here.until(lambda: WORDS in here.texts(), "the whole greeting in the conversation")
        assert caller.heard.data == []
        assert not caller.gone.is_set()


@pytest.mark.parametrize(
    ("room", "script", "lines"),
    [
        pytest.param(
            "down", refuse(503, "server_error"), (Line.ONE_MOMENT, Line.CANNOT_REACH_VOICE), marks=pytest.mark.full
        ),
        ("wrong-key", refuse(401, "invalid_api_key"), (Line.NOT_SET_UP,)),
    ],
    ids=["OpenAI is down", "wrong key"],
)
async def test_a_caller_whose_line_takes_long_hears_what_is_wrong_and_no_greeting_over_it(
    here: House, room: str, script: Script, lines: tuple[Line, ...]
) -> None:
    """And what she is before anything else. The last of this house: with a wrong key it takes no calls for a while."""
    here.standin.script = script
    async with join(here.livekit, room, agent_name=NAME, hears=False) as caller:
        await here.until(lambda: bool(caller.heard.data), "a fault told to the room")
        await asyncio.sleep(3.0)
        assert not caller.gone.is_set()
        caller.listen()
        await here.until(caller.gone.is_set, "the end of the call")
        assert tuple(sound.line for sound in sounds(caller.heard.sound)) == (Line.COMPUTER_COMPANION, *lines)
    here.standin.script = Script()
