"""Who rings her, by real telephones: each number its own person, others the busy tone and not one word to OpenAI."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from family import with_people
from granny.rehearsal.openai.record import ConnectionRecord
from phone.exchange import Exchange, exchange, within
from phone.people import ANNA, AS_WRITTEN, BERTA, FILES, STRANGER

pytestmark = pytest.mark.asyncio(loop_scope="module")

_BUSY = 486


async def one(home: Path, folder: Path, **settings: str) -> AsyncIterator[Exchange]:
    """An exchange with a file each for Anna and Berta."""
    async with exchange(
        with_people(home, folder / "Granny-voice", FILES), folder, GRANNY_TIMEZONE="Europe/Berlin", **settings
    ) as here:
        yield here


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exchange]:
    async for it in one(home, tmp_path_factory.mktemp("who")):
        yield it


def told(line: ConnectionRecord) -> str:
    """What the model is told of a call."""
    return (line.session.instructions or "") if line.session else ""


def ends(here: Exchange, outcome: str) -> int:
    """How many calls have ended so."""
    return sum(line["outcome"] == outcome for line in here.running.lines("call ended"))


async def test_each_of_two_who_ring_at_once_meets_her_own_granny(here: Exchange) -> None:
    before = len(here.standin.connections)
    async with (
        here.ringing(AS_WRITTEN["anna"]) as anna,
        here.ringing(AS_WRITTEN["berta"]) as berta,
    ):
        assert await within(anna.answered())
        assert await within(berta.answered())
        await here.until_quiet(anna)
        await here.until_quiet(berta)
        calls = [told(line) for line in here.standin.connections[before:]]
        of_anna, of_berta = sorted(calls, key=lambda text: "roses" not in text)
    assert [word for word in ("Oma", "German", "Anna", "roses") if word not in of_anna] == []
    assert [word for word in ("Berta", "organ") if word not in of_berta] == []
    assert not [word for word in ("Berta", "organ") if word in of_anna]
    assert not [word for word in ("Anna", "roses") if word in of_berta]


@pytest.mark.parametrize("number", [STRANGER, "anonymous"])
async def test_whoever_is_not_known_hears_the_busy_tone_and_openai_nothing(here: Exchange, number: str) -> None:
    before, ended = len(here.standin.connections), ends(here, "turned-away")
    async with here.ringing(number) as call:
        assert not await within(call.answered())
        assert call.status == _BUSY
        await here.until(lambda: ends(here, "turned-away") > ended, "the end of the call")
    assert len(here.standin.connections) == before


async def test_who_hangs_up_at_once_is_not_waited_for_and_openai_hears_nothing(here: Exchange) -> None:
    before, ended = len(here.standin.connections), ends(here, "nobody-came")
    async with here.ringing(ANNA) as call:
        call.cancel()
        assert not await within(call.answered())
        await here.until(lambda: ends(here, "nobody-came") > ended, "the end of the call")
    assert len(here.standin.connections) == before


async def test_where_all_places_are_taken_it_is_busy_and_does_not_ring_on(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async for here in one(home, tmp_path_factory.mktemp("full"), GRANNY_MAX_CALLS="1"):
        async with here.answered(ANNA) as anna:
            await here.until_quiet(anna)
            before = len(here.standin.connections)
            async with here.ringing(BERTA) as berta:
                assert not await within(berta.answered())
                assert berta.status == _BUSY
            assert len(here.standin.connections) == before
            assert not anna.gone.is_set()
        async with here.ringing(BERTA) as berta:
            assert await within(berta.answered()), "the place is free again"
