"""Granny as a user has her, no setting touched: recorded after the first start, and then heard in her own voice."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from calls.hearing_lines import likeness
from calls.scenes import SCENES
from calls.stage import KEY, default_stage, short_greeting
from granny import lines
from granny.config.settings import Settings
from granny.lines import Line, OwnVoice, Recording
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.script import ResponseFault, Script
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.livekit_server import LiveKit, why_missing
from granny.rehearsal.rig.worker import Worker, bare, worker

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
]

AGENT = Path(__file__).resolve().parents[2] / "Granny-voice" / "agent.py"
HANG = 60.0
FAST = Script(pace=1000.0)
"""While she is recorded; a call's sound is to come as it does."""
SAME, OTHER = 0.8, 0.4
"""Of the likeness: what has been through a call is the same from there on, and another up to here."""
READ_ONLY = "/sys"
"""For every user, root too."""
APOLOGIES = {
    "401 at the handshake": Line.NOT_SET_UP,
    "second response: no credit": Line.NO_CREDIT,
    "key revoked in mid-call": Line.NOT_SET_UP,
}


@dataclass
class House:
    """A LiveKit server and an OpenAI, and whatever a user's environment has."""

    livekit: LiveKit
    standin: StandIn
    folder: Path

    def environment(self, **variables: str) -> dict[str, str]:
        """What is needed, and a place of the test's own; no setting that is about her voice."""
        return {
            **bare(),
            **self.livekit.environment,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": self.standin.base_url,
            "GRANNY_HEALTH_PORT": "0",
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            **variables,
        }

    def start(self, name: str = "worker", **variables: str) -> contextlib.AbstractAsyncContextManager[Worker]:
        return worker(AGENT, log=self.folder / f"{name}.log", environment=self.environment(**variables))

    def answers(self) -> int:
        """How many answers the last connection was asked for."""
        return len(self.standin.connections[-1].responses)


@pytest.fixture
async def house(livekit: LiveKit, tmp_path: Path) -> AsyncIterator[House]:
    async with StandIn(api_key=KEY, manner=Manner(greeting=short_greeting())) as standin:
        yield House(livekit, standin, tmp_path)


def own(line: Line, standin: StandIn) -> Recording | None:
    """The line as it was recorded in her own voice, in the cache that the environment names."""
    settings = Settings(OPENAI_API_KEY=KEY, OPENAI_BASE_URL=standin.base_url)
    return lines.personal(line, own=OwnVoice.of(settings))


async def until(is_so: Callable[[], bool], what: str) -> None:
    for _ in range(int(HANG * 20)):
        if is_so():
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"not within {HANG:.0f} s: {what}")


def is_quiet(caller: RoomCaller) -> bool:
    spans = speech(caller.heard.sound)
    return bool(spans) and caller.heard.now() - spans[-1].end > 1.0


def recorded(running: Worker) -> int:
    return running.words.count('"line recorded"')


async def greeted(house: House, room: str) -> bytes:
    """What a caller hears of a call in which nothing is said but the greeting."""
    async with join(house.livekit, room) as caller:
        await until(lambda: is_quiet(caller), "a greeting and its end")
        return bytes(caller.heard.sound)


async def test_the_first_start_records_and_the_next_call_is_greeted_in_her_own_voice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that comes before is greeted by the model, and the lines wait for its end."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(house.folder / "cache"))
    house.standin.script = Script(latency=3.0)
    async with house.start() as running:
        assert f"{len(Line)} are recorded in her own voice from now on, beside the calls" in running.words
        await greeted(house, "early")
        early = [len(one.responses) for one in house.standin.connections if one.session and one.session.tools]
        assert early == [1], "the model was asked to greet"
        house.standin.script = FAST
        await until(lambda: recorded(running) == len(Line), f"all lines recorded\n{running.words}")
        house.standin.script = Script()
        heard = await greeted(house, "later")
        mine = own(Line.GREETING, house.standin)
        assert mine
        assert likeness(heard, mine) > SAME
        assert likeness(heard, lines.load(Line.GREETING)) < OTHER
        assert house.answers() == 0, "the model was not asked to greet"


@pytest.mark.full
async def test_at_the_next_start_all_lines_are_there_and_none_is_recorded(house: House) -> None:
    house.standin.script = FAST
    async with house.start() as running:
        await until(lambda: recorded(running) == len(Line), "all lines recorded")
    house.standin.script = Script()
    async with house.start("again") as running:
        assert '"lines": "all in her own voice' in running.words
        await greeted(house, "the next day")
        assert house.answers() == 0
        assert recorded(running) == 0


@pytest.mark.full
@pytest.mark.parametrize(
    "place",
    [{"XDG_CACHE_HOME": READ_ONLY}, {"XDG_CACHE_HOME": "", "HOME": "nowhere"}],
    ids=["read-only", "without a home"],
)
async def test_without_a_place_for_recordings_it_is_said_once_and_the_model_greets(
    house: House, place: dict[str, str]
) -> None:
    async with house.start(**place) as running:
        await greeted(house, "greeted")
        assert house.answers() == 1
        assert len(re.findall("cannot be kept", running.words)) == 1
        assert "line not recorded" not in running.words
    assert running.status == 0


@pytest.mark.full
async def test_a_recording_that_fails_midway_spoils_nothing_and_the_next_start_goes_on_with_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(house.folder / "cache"))
    no_credit = ResponseFault(failed=WireError("insufficient_quota"), on=(3,))
    house.standin.script = replace(FAST, responses=(no_credit,))
    async with house.start() as running:
        await until(lambda: "openai-out-of-credit" in running.words, "what is wrong")
        assert recorded(running) == 2
        house.standin.script = Script()
        heard = await greeted(house, "greeted")
        mine = own(Line.GREETING, house.standin)
        assert mine
        assert likeness(heard, mine) > SAME
    assert running.status == 0
    house.standin.script = FAST
    async with house.start("again") as running:
        await until(lambda: recorded(running) == len(Line) - 2, "the others")


@pytest.mark.full
async def test_an_apology_is_heard_in_her_own_voice(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scenes of trouble, played with default settings."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    async with default_stage(home, tmp_path, bare()) as here:
        here.standin.script = FAST
        await until(lambda: recorded(here.worker) == len(Line), "all lines recorded")
        here.standin.script = Script()
        for scene in [scene for scene in SCENES if scene.name in APOLOGIES]:
            met = await here.play(scene)
            line = APOLOGIES[scene.name]
            mine = own(line, here.standin)
            assert mine
            assert met.captions[-1] == lines.words(line)
            assert likeness(met.sound, mine) > SAME, (scene.name, likeness(met.sound, mine))
            assert likeness(met.sound, lines.load(line)) < OTHER, scene.name
            assert met.attribute == scene.slug
            assert met.job_is_gone
