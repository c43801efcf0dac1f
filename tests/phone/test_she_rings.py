"""She rings Anna, by her own command and a real SIP service: a hello is heard out, and what came of it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from family import with_people
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.wholeness import heard_of
from phone.exchange import Exchange, exchange, within
from phone.ringing_anna import FILE, HELLO, NOT_REACHED, answered_by_hello, ended, reached, rung, spent
from phone.test_she_is_rung import HER_GREETING

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exchange]:
    folder = tmp_path_factory.mktemp("rings")
    own = with_people(home, folder / "Granny-voice", {"anna": FILE})
    async with exchange(own, folder, GRANNY_IDLE_SECONDS="10") as here:
        yield here


async def test_a_hello_is_heard_out_and_then_answered_whole(here: Exchange) -> None:
    """The stand-in's model says again what it has heard: so it is known that it has."""
    async with here.rings("anna") as ringing:
        call, before = await rung(here), spent(here)
        said_at = await answered_by_hello(here, call)
        assert heard_of(HELLO, call.heard.sound).is_whole
        assert speech(call.heard.sound)[0].start > said_at
        assert spent(here) == before + 1
        await reached(here, call, ringing)


async def test_whoever_answers_and_says_nothing_is_greeted(here: Exchange) -> None:
    async with here.rings("anna") as ringing:
        call = await rung(here)
        call.answer()
        await here.until_quiet(call)
        assert heard_of(HER_GREETING, call.heard.sound).is_whole
        await reached(here, call, ringing)


async def test_who_answers_and_never_says_a_word_was_not_talked_with(here: Exchange) -> None:
    """As somebody who cannot, or a machine of few words."""
    async with here.rings("anna") as ringing:
        call, before = await rung(here), len(here.running.lines("call ended"))
        call.answer()
        await here.until_over(call)
        assert await ended(here, before) == "call-idle"
        assert await here.rang(ringing) == (NOT_REACHED, ["no-conversation"])


async def test_a_slow_person_is_waited_for_and_nothing_is_said_or_paid_before(here: Exchange) -> None:
    """Longer than her patience with silence."""
    async with here.rings("anna") as ringing:
        call, before = await rung(here), spent(here)
        await asyncio.sleep(25)
        assert spent(here) == before
        call.answer()
        await here.until_quiet(call)
        assert heard_of(HER_GREETING, call.heard.sound).is_whole
        assert len(speech(call.heard.sound)) == 1
        await reached(here, call, ringing)


@pytest.mark.parametrize(
    ("status", "outcome"), [(486, "busy"), (603, "declined"), (480, "not-answered"), (404, "unreachable")]
)
async def test_a_call_that_nobody_takes_is_told_and_costs_nothing(here: Exchange, status: int, outcome: str) -> None:
    async with here.rings("anna") as ringing:
        (call, spent_before), ended_before = (await rung(here), spent(here)), len(here.running.lines("call ended"))
        call.refuse(status)
        assert await ended(here, ended_before) == outcome
        assert await here.rang(ringing) == (NOT_REACHED, [outcome])
        assert spent(here) == spent_before


async def test_a_call_that_is_given_up_rings_no_more(here: Exchange) -> None:
    """By SIGTERM, as a timer's service is stopped."""
    async with here.rings("anna") as ringing:
        call, before = await rung(here), len(here.running.lines("call ended"))
        ringing.terminate()
        assert not await within(call.answered())
        assert call.was_hung_up_on
        assert await ended(here, before) == "not-answered"
