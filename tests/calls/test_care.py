"""What she owes a caller besides answers: what she is, what day it is, and whom to ring when it is serious."""

from __future__ import annotations

import shutil
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from calls.hearing_lines import record_tones, sounds
from calls.house import SAID, House, house_at
from calls.stage import short_greeting
from granny import lines
from granny.lines import Line, suitable
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.script import ResponseFault, Script, ToolCall
from granny.rehearsal.rig.livekit_server import LiveKit, why_missing

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
]

SERIOUS = "I really want to die, nothing helps."
WORDS = ("really want", "nothing helps", "to die")
TOLD = "might not want to live"
NUMBER = "0800 111 0 111"
STALLS = Script(responses=(ResponseFault(on=tuple(range(2, 20))),))
FAILS = Script(
    responses=(ResponseFault(failed=WireError("server_error", type="server_error"), on=tuple(range(2, 20))),)
)
LINE_SECONDS = 4.0


async def heard_line(here: House, caller: RoomCaller, line: Line) -> float:
    """When the first such line was heard, in the caller's seconds."""

    def found() -> list[float]:
        return [sound.start for sound in sounds(caller.heard.sound) if sound.line is line]

    await here.until(lambda: bool(found()), f"the line {line.value}")
    return found()[0]


def house_of(
    livekit: LiveKit, home: Path, folder: Path, manner: Manner, **settings: str
) -> AbstractAsyncContextManager[House]:
    return house_at(livekit, home / "agent.py", folder, manner, GRANNY_TIMEZONE="Europe/Berlin", **settings)


@pytest.mark.parametrize(
    "script", [STALLS, pytest.param(FAILS, marks=pytest.mark.full)], ids=["the model stalls", "the model fails"]
)
async def test_with_a_dead_model_whom_to_ring_is_heard_and_no_word_is_in_the_log(
    livekit: LiveKit, home: Path, tmp_path: Path, script: Script
) -> None:
    """The model is told at once, with the number; the line comes when it says nothing, and the number after it."""
    record_tones(tmp_path / "lines")
    manner = Manner(greeting=short_greeting(), heard=SERIOUS)
    async with house_of(livekit, home, tmp_path, manner, GRANNY_LINES_FOLDER=str(tmp_path / "lines")) as here:
        async with join(livekit, "serious") as caller:
            await here.until_greeted(caller)
            here.standin.script = script
            caller.say(SAID)
            await here.until_logged("serious words")
            asked_at = caller.heard.now()
            line_at = await heard_line(here, caller, Line.CRISIS)
            await here.until(lambda: NUMBER.replace(" ", "") in _digits(caller), "the number, as a caption")
            assert line_at - asked_at < LINE_SECONDS + 5, "a guard against hanging"
            told = [response.asked.instructions or "" for response in here.line.responses]
            assert any(NUMBER in text and TOLD in text for text in told)
        log = here.running.log + livekit_words(tmp_path)
    assert '"kind": "crisis"' in log
    assert not [word for word in WORDS if word in log.lower()]


def _digits(caller: RoomCaller) -> str:
    texts = " ".join(turn.text for turn in caller.heard.transcript if turn.speaker == "agent")
    return "".join(character for character in texts if character.isdigit())


def livekit_words(folder: Path) -> str:
    return (folder / "livekit.log").read_text(encoding="utf-8", errors="replace")


@pytest.mark.full
async def test_a_model_that_answers_in_time_is_heard_and_no_line(livekit: LiveKit, home: Path, tmp_path: Path) -> None:
    record_tones(tmp_path / "lines")
    manner = Manner(greeting=short_greeting(), heard=SERIOUS)
    async with (
        house_of(livekit, home, tmp_path, manner, GRANNY_LINES_FOLDER=str(tmp_path / "lines")) as here,
        join(livekit, "answered") as caller,
    ):
        await here.until_greeted(caller)
        caller.say(SAID)
        await here.until_logged("serious words")
        said_at = caller.heard.now()
        await here.until(
            lambda: any(span.end > said_at + 0.5 for span in speech(caller.heard.sound)), "the model's answer"
        )
        await here.until(lambda: caller.heard.now() > said_at + 2 * LINE_SECONDS, "the time of the line")
        assert Line.CRISIS not in [sound.line for sound in sounds(caller.heard.sound)]
        asked = [response for response in here.line.responses if TOLD in (response.asked.instructions or "")]
        assert asked[-1].result is not None
        assert asked[-1].result.status == "completed"


@pytest.mark.full
async def test_in_ten_of_ten_calls_she_says_what_she_is_within_five_seconds(
    livekit: LiveKit, home: Path, tmp_path: Path
) -> None:
    """By the shipped greeting, as the family's: its words are shown as they are said."""
    folder = tmp_path / "lines"
    folder.mkdir()
    for kind in ("wav", "txt"):
        shutil.copy(lines.SHIPPED / "en" / f"greeting.{kind}", folder)
    first = lines.words(Line.GREETING).partition(".")[0]
    share = len(first) / len(lines.words(Line.GREETING))
    async with house_of(livekit, home, tmp_path, Manner(), GRANNY_LINES_FOLDER=str(folder)) as here:
        for number in range(10):
            async with join(livekit, f"call-{number}") as caller:
                await here.until_greeted(caller)
                words = caller.heard.transcript[0].text
                assert suitable.discloses(words.partition(".")[0], "en")
                span = speech(caller.heard.sound)
                assert share * (span[-1].end - span[0].start) < 5.0


@pytest.mark.full
async def test_asked_for_the_day_the_model_is_told_it(livekit: LiveKit, home: Path, tmp_path: Path) -> None:
    async with (
        house_of(livekit, home, tmp_path, Manner(greeting=short_greeting())) as here,
        join(livekit, "day") as caller,
    ):
        await here.until_greeted(caller)
        here.standin.script = Script(tool_calls=(ToolCall("look_at_the_clock", on=(2,)),))
        caller.say(SAID)
        await here.until(lambda: any("202" in text and "M." in text for text in here.texts()), "the hour")
