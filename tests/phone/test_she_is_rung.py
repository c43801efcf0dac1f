"""Somebody rings her, by a real SIP service: she picks up, is heard whole, hears, and whoever hangs up is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from calls.house import SAID
from calls.stage import short_greeting
from granny.rehearsal.callers import hd_telephone
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.hd_telephone import WideSound, hd_call
from granny.rehearsal.callers.telephone import SAMPLE_RATE
from granny.rehearsal.callers.wholeness import heard_of
from granny.rehearsal.openai.script import Script, ToolCall
from phone.exchange import CALLER, HERS, Exchange, exchange, within

HER_GREETING = np.repeat(np.frombuffer(short_greeting().pcm, dtype="<i2"), 2).tobytes()
ITS_EXCHANGE = pytest.mark.asyncio(loop_scope="module")
pytestmark = ITS_EXCHANGE


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exchange]:
    async with exchange(home, tmp_path_factory.mktemp("exchange")) as here:
        yield here


async def test_whoever_rings_is_greeted_and_every_piece_of_the_greeting_is_heard(here: Exchange) -> None:
    async with here.answered() as call:
        await here.until_quiet(call)
        assert heard_of(HER_GREETING, call.heard.sound).is_whole
        assert not call.gone.is_set()


async def test_whoever_asks_is_answered(here: Exchange) -> None:
    async with here.answered() as call:
        await here.until_quiet(call)
        asked_at = call.heard.now()
        call.say(SAID)
        await call.said()
        await here.until_quiet(call, asked_at)
        assert len(here.line.responses) == 2


async def test_a_bad_line_is_answered_all_the_same(here: Exchange) -> None:
    """Five packets of a hundred are lost."""
    async with here.answered() as call:
        await here.until_quiet(call)
        call.lose(0.05)
        asked_at = call.heard.now()
        call.say(SAID)
        await call.said()
        await here.until_quiet(call, asked_at)


async def test_her_goodbye_is_heard_before_the_line_is_free(here: Exchange) -> None:
    here.standin.script = Script(tool_calls=(ToolCall("end_call", on=(2,)),))
    try:
        async with here.answered() as call:
            await here.until_quiet(call)
            asked_at = call.heard.now()
            call.say(SAID)
            await call.said()
            await here.until_over(call)
            assert call.was_hung_up_on
            assert speech(call.heard.sound)[-1].start > asked_at
    finally:
        here.standin.script = Script()


async def test_two_who_ring_in_the_same_instant_are_both_answered(here: Exchange) -> None:
    async with here.telephone("+493011") as one, here.telephone("+493022") as other:
        calls = [await line.ring(HERS) for line in (one, other)]
        for call in calls:
            assert await within(call.answered())
            await here.until_quiet(call)


async def test_whoever_hangs_up_is_gone(here: Exchange) -> None:
    async with here.answered() as call:
        await here.until_quiet(call)
        before = len(here.running.lines("call ended"))
        call.hang_up()
        await here.until(lambda: len(here.running.lines("call ended")) > before, "the end of the call")


@pytest.mark.skipif(hd_telephone.why_missing() is not None, reason=hd_telephone.why_missing() or "")
async def test_in_hd_she_is_as_bright_as_what_she_says(here: Exchange, tmp_path: Path) -> None:
    """A telephone of old leaves nothing of it: some 20 dB less."""
    said = WideSound(short_greeting().pcm, 24_000)
    heard = await hd_call(tmp_path / "hd", here.bridge.address, own=CALLER, called=HERS, seconds=6)
    assert speech(np.repeat(np.frombuffer(heard.pcm, dtype="<i2"), SAMPLE_RATE // heard.rate).tobytes())
    assert heard.brightness > said.brightness - 6
