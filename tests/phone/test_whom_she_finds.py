"""She rings Anna and greets with a recording, and meets a hello, silence, a machine, or nobody at all."""

from __future__ import annotations

import asyncio
import shutil
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from calls.stage import short_greeting
from granny.call.instructions import LEAVE_WORD
from granny.call.persona import ANSWERING_MACHINE
from granny.rehearsal.callers.caller import SENTENCE, recorded, speech
from granny.rehearsal.callers.wholeness import heard_of
from granny.rehearsal.openai.hearing import SAMPLE_RATE
from granny.rehearsal.openai.script import Script, ToolCall
from phone.exchange import Exchange, exchange, within
from phone.test_she_is_rung import HER_GREETING
from phone.test_she_rings import FILE, HELLO, NOT_REACHED, ended, reached, rung, spent

pytestmark = pytest.mark.asyncio(loop_scope="module")
ANNOUNCEMENT = recorded(SENTENCE)
"""Longer than any hello, and with pauses in it, as people speak on their machines."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exchange]:
    folder = tmp_path_factory.mktemp("finds")
    own = folder / "Granny-voice"
    shutil.copytree(home, own)
    (own / "people" / "anna.toml").write_text(FILE, encoding="utf-8")
    (own / "people" / "anna.toml").chmod(0o600)
    _record(folder / "lines" / "greeting.wav")
    async with exchange(own, folder) as here:
        yield here


def _record(file: Path) -> None:
    file.parent.mkdir()
    with wave.open(str(file), "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(SAMPLE_RATE)
        recording.writeframes(short_greeting().pcm)


async def test_a_hello_is_heard_out_and_answered_with_the_whole_recording(here: Exchange) -> None:
    """It neither ends the recording nor is answered besides."""
    async with here.rings("anna") as ringing:
        call, before = await rung(here), spent(here)
        call.answer()
        await asyncio.sleep(0.5)
        call.say(HELLO)
        await call.said()
        said_at = call.heard.now()
        await here.until_quiet(call)
        greeting = heard_of(HER_GREETING, call.heard.sound)
        assert greeting.is_whole
        assert greeting.began >= said_at
        assert here.line.texts, "the hello is in the conversation"
        assert spent(here) == before
        await reached(here, call, ringing)


async def test_whoever_says_nothing_hears_the_whole_recording(here: Exchange) -> None:
    async with here.rings("anna") as ringing:
        call, before = await rung(here), spent(here)
        call.answer()
        await here.until_quiet(call)
        assert heard_of(HER_GREETING, call.heard.sound).is_whole
        assert spent(here) == before
        await reached(here, call, ringing)


async def test_an_answering_machine_is_left_word_when_it_has_spoken(here: Exchange) -> None:
    """It is known by what the model hears; the word is left after its announcement, and then she hangs up."""
    here.standin.script = Script(tool_calls=(ToolCall(ANSWERING_MACHINE, on=(1,)),))
    try:
        async with here.rings("anna") as ringing:
            call, before = await rung(here), len(here.running.lines("call ended"))
            call.answer()
            call.say(ANNOUNCEMENT)
            await call.said()
            said_at = call.heard.now()
            await here.until_over(call)
            assert call.was_hung_up_on
            assert await ended(here, before) == "machine"
            assert await here.rang(ringing) == (NOT_REACHED, ["machine"])
            assert speech(call.heard.sound)[-1].start > said_at
            assert LEAVE_WORD in (here.line.responses[-1].asked.instructions or "")
    finally:
        here.standin.script = Script()


async def test_a_telephone_that_nobody_answers_is_let_be(here: Exchange) -> None:
    async with here.rings("anna") as ringing:
        call, before, ends = await rung(here), spent(here), len(here.running.lines("call ended"))
        assert not await within(call.answered(), 60.0)
        assert call.was_hung_up_on
        assert await ended(here, ends) == "not-answered"
        assert await here.rang(ringing) == (NOT_REACHED, ["not-answered"])
        assert spent(here) == before
