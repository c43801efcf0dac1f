"""A call that is begun on her page: she is on her way before the caller is, and there is one of her."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from calls.house import House, house
from calls.serving import KEY
from granny.config.settings import Settings
from granny.page.livekit_line import livekit_line
from granny.rehearsal.callers.room_caller import RoomCaller, joined
from granny.rehearsal.rig.livekit_server import why_missing
from granny.rooms.tokens import room_of
from keeping import by_heart
from page.only_answering import call
from page.visiting import ANNA, SECRET, Visitor, visited

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(home / "agent.py", tmp_path_factory.mktemp("page")) as it:
        yield it


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(here: House) -> AsyncIterator[Visitor]:
    links, variables = {SECRET: ANNA}, here.livekit.environment
    own = Settings.model_validate({"OPENAI_API_KEY": KEY, **variables})
    async with livekit_line(own, by_heart(links)) as line, visited(line, variables, links=links) as visitor:
        yield visitor


@contextlib.asynccontextmanager
async def called(page: Visitor, *, after: float = 0.0) -> AsyncIterator[RoomCaller]:
    """Somebody taps, and comes in through the page so many seconds later."""
    status, told = await call(page, origin=page.origin)
    assert status == 201
    await asyncio.sleep(after)
    async with joined(told["server_url"], told["participant_token"]) as caller:
        assert caller.room.name == room_of(told["participant_token"])
        yield caller


def jobs(here: House, room: str) -> int:
    """How many of her have been sent there."""
    return len({line["job_id"] for line in here.running.lines() if line.get("room") == room and "job_id" in line})


async def test_she_is_called_once_by_livekit_and_not_again_by_the_room_watch(here: House, page: Visitor) -> None:
    async with called(page) as caller:
        await here.until_greeted(caller)
        await here.answers(caller)
        room = caller.room.name
        assert len(caller.room.remote_participants) == 1
    assert await here.end(room) == ("hung-up", "ok")
    assert jobs(here, room) == 1
    assert "a caller was alone" not in here.running.log


@pytest.mark.full
async def test_who_comes_late_is_still_greeted_and_by_one(here: House, page: Visitor) -> None:
    """A browser on a slow line needs seconds; the room watch, which finds people alone, sees nobody alone."""
    async with called(page, after=8.0) as caller:
        await here.until_greeted(caller)
        room = caller.room.name
    await here.end(room)
    assert jobs(here, room) == 1
    assert "a caller was alone" not in here.running.log
