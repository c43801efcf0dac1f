"""She rings Anna and greets with a recording, and meets a hello, silence, a machine, or nobody at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from calls.stage import short_greeting
from family import record, with_people
from granny.call.instructions import LEAVE_WORD
from granny.call.persona import ANSWERING_MACHINE
from granny.rehearsal.callers.caller import SENTENCE, recorded, speech
from granny.rehearsal.callers.wholeness import heard_of
from granny.rehearsal.openai.hearing import SAMPLE_RATE
from granny.rehearsal.openai.script import Script, ToolCall
from phone.exchange import Exchange, exchange, within
from phone.ringing_anna import FILE, NOT_REACHED, answered_by_hello, ended, reached, rung, spent
from phone.test_she_is_rung import HER_GREETING

pytestmark = pytest.mark.asyncio(loop_scope="module")
ANNOUNCEMENT = recorded(SENTENCE)
"""Longer than any hello, and with pauses in it, as people speak on their machines."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exchange]:
    folder = tmp_path_factory.mktemp("finds")
    own = with_people(home, folder / "Granny-voice", {"anna": FILE})
    (folder / "lines").mkdir()
    record(folder / "lines" / "greeting.wav", short_greeting().pcm, SAMPLE_RATE)
    async with exchange(own, folder) as here:
        yield here


async def test_a_hello_is_heard_out_and_answered_with_the_whole_recording(here: Exchange) -> None:
    """It neither ends the recording nor is answered besides."""
    async with here.rings("anna") as ringing:
        call, before = await rung(here), spent(here)
        said_at = await answered_by_hello(here, call)
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
