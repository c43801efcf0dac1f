"""A telephone call from its answer to its end: silence, keys, an emergency, and a telephone that has gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from calls.hearing_lines import sounds
from calls.house import SAID
from calls.stage import short_greeting
from granny.lines import Line
from granny.rehearsal.openai.manner import Manner
from phone.exchange import Exchange, exchange, within

pytestmark = pytest.mark.asyncio(loop_scope="module")
SERIOUS = "Help, I have fallen and I cannot get up!"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exchange]:
    """Whatever is said to her sounds serious, as OpenAI writes it down; whoever only listens to her is well."""
    manner = Manner(greeting=short_greeting(), heard=SERIOUS)
    async with exchange(home, tmp_path_factory.mktemp("exchange"), manner, GRANNY_IDLE_SECONDS="9") as here:
        yield here


async def ended(here: Exchange, before: int) -> dict[str, Any]:
    """What the log says of the end of the call."""
    await here.until(lambda: len(here.running.lines("call ended")) > before, "the end of the call")
    return here.running.lines("call ended")[-1]


def past(here: Exchange) -> int:
    return len(here.running.lines("call ended"))


async def test_whoever_says_nothing_hears_her_last_word_before_the_line_is_free(here: Exchange) -> None:
    """She asks, says goodbye and hangs up."""
    before = past(here)
    async with here.answered() as call:
        await here.until_over(call)
        assert call.was_hung_up_on
        assert [sound.line for sound in sounds(call.heard.sound)] == [None, Line.ARE_YOU_STILL_THERE, Line.GOODBYE]
    assert (await ended(here, before))["outcome"] == "call-idle"


async def test_whoever_presses_a_key_is_there(here: Exchange) -> None:
    """With nine seconds' patience, and a key every three."""
    before = past(here)
    async with here.answered() as call:
        await here.until_quiet(call)
        for _ in range(5):
            await asyncio.sleep(3)
            call.press("5")
        assert Line.ARE_YOU_STILL_THERE not in {sound.line for sound in sounds(call.heard.sound)}
    await ended(here, before)


async def test_whoever_gives_up_before_she_comes_keeps_no_room(here: Exchange) -> None:
    """The telephone is gone before her job is there: OpenAI is not asked for a word, and all is over soon."""
    before = past(here)
    async with here.ringing() as call:
        await asyncio.sleep(0.1)
        call.cancel()
        assert not await within(call.answered())
        told = await ended(here, before)
        assert (told["outcome"], told["input_tokens"]) in (("nobody-came", 0), ("hung-up-early", 0))


async def test_a_telephone_that_goes_dead_has_no_good_end(here: Exchange) -> None:
    before = past(here)
    async with here.answered() as call:
        await here.until_quiet(call)
        call.go_dead()
        assert (await ended(here, before))["outcome"] == "line-dead"
        assert call.was_hung_up_on


async def test_in_an_emergency_the_telephone_is_free_as_soon_as_they_know_whom_to_ring(here: Exchange) -> None:
    before = past(here)
    async with here.answered() as call:
        await here.until_quiet(call)
        call.say(SAID)
        await call.said()
        said_at = call.heard.now()
        await here.until_over(call)
        after = [sound for sound in sounds(call.heard.sound) if sound.start > said_at]
        assert after[-1].line is Line.GOODBYE
    assert (await ended(here, before))["outcome"] == "line-freed"
