"""OpenAI takes her key no more: nobody whom she rings is left with a silent receiver, and who rings her is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from calls.hearing_lines import sounds
from family import with_people
from granny import faults
from granny.call.opening import HEAD_SECONDS
from granny.lines import Line
from phone.exchange import Exchange, exchange, within
from phone.ringing_anna import FILE, NOT_REACHED

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exchange]:
    folder = tmp_path_factory.mktemp("key")
    own = with_people(home, folder / "Granny-voice", {"anna": FILE})
    async with exchange(own, folder, GRANNY_PHONE_STRANGERS="greet") as here:
        here.standin.api_key = "sk-another"
        yield here


async def test_nobody_is_rung_by_her_or_not_for_long(here: Exchange) -> None:
    """She is in the room, and leaves it when she knows; nothing rings on that would be answered in vain."""
    async with here.rings("anna") as ringing:
        rung = asyncio.create_task(here.callee.rung())
        words, _ = await within(ringing.communicate(), 60.0)
        assert ringing.returncode == NOT_REACHED
        assert faults.PHONE_NO_WORKER.slug in [one["fault"] for one in json.loads(words)["findings"]]
        if rung.done():
            assert rung.result().gone.is_set()
        rung.cancel()


async def test_whoever_rings_her_is_told_after_a_moment_of_silence(here: Exchange) -> None:
    async with here.answered() as call:
        await here.until_over(call)
        heard = sounds(call.heard.sound)
        assert heard[-1].line is Line.NOT_SET_UP
        assert heard[0].start >= HEAD_SECONDS
