"""The page before a real LiveKit server: who comes into a call's room, and what becomes of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from livekit import rtc

from granny.page import _open_calls, _taken_back
from granny.page.livekit_line import livekit_line
from granny.rehearsal.rig.livekit_server import LiveKit, livekit_server, why_missing
from granny.rooms import asking
from granny.rooms.access import Access
from granny.rooms.asking import LiveKitRooms
from granny.rooms.tokens import room_of
from keeping import by_heart
from page.only_answering import call
from page.visiting import ANNA, SECRET, Visitor, settings, visited

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def livekit(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveKit]:
    async with livekit_server(log=tmp_path_factory.mktemp("page") / "livekit.log") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def page(livekit: LiveKit, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Visitor]:
    """Her page, which asks LiveKit often which calls are open."""
    for name, value in {"_LOOK_SECONDS": 0.05, "_NEW_SECONDS": 0.0}.items():
        monkeypatch.setattr(_open_calls, name, value)
    monkeypatch.setattr(_taken_back, "_LOOK_SECONDS", 0.05)
    async with calling(livekit) as visitor:
        yield visitor


@contextlib.asynccontextmanager
async def calling(livekit: LiveKit) -> AsyncIterator[Visitor]:
    links, variables = {SECRET: ANNA}, livekit.environment
    async with (
        livekit_line(settings(**variables), by_heart(links)) as line,
        visited(line, variables, links=links) as visitor,
    ):
        yield visitor


@pytest_asyncio.fixture(loop_scope="module")
async def rooms(livekit: LiveKit) -> AsyncIterator[LiveKitRooms]:
    async with aiohttp.ClientSession() as session:
        yield LiveKitRooms(session, Access(livekit.url, livekit.key, livekit.secret))


async def begun(page: Visitor) -> tuple[str, str]:
    """LiveKit's address for a browser here, and the token of a new call."""
    status, told = await call(page, origin=page.origin)
    assert status == 201
    return told["server_url"], told["participant_token"]


@contextlib.asynccontextmanager
async def entered(url: str, token: str) -> AsyncIterator[rtc.Room]:
    room = rtc.Room()
    await room.connect(url, token)
    try:
        yield room
    finally:
        await room.disconnect()


async def until_gone(rooms: LiveKitRooms, room: str) -> None:
    for _ in range(600):
        if not await rooms.still_there([room]):
            return
        await asyncio.sleep(0.05)
    pytest.fail("the room is still there")


async def test_the_room_is_there_and_she_has_been_sent_for_when_the_answer_comes(
    page: Visitor, rooms: LiveKitRooms
) -> None:
    """Whom the call is for is known to the dispatch alone."""
    _, token = await begun(page)
    (made,) = [room for room in await rooms.all() if room.name == room_of(token)]
    (dispatch,) = await rooms.dispatches(made.name)
    assert (dispatch.agent_name, dispatch.metadata) == ("", '{"person": "anna"}')
    assert (made.max_participants, made.metadata) == (1, "")


async def test_a_caller_comes_in_through_the_page_and_nobody_with_the_same_token(
    page: Visitor, rooms: LiveKitRooms
) -> None:
    url, token = await begun(page)
    async with entered(url, token) as room:
        assert [one.identity for one in (await rooms.occupants(room.name)).callers] == [room.local_participant.identity]
        assert not room.local_participant.attributes
        with pytest.raises(rtc.ConnectError):
            async with entered(url, token):
                pytest.fail("let in")
        assert room.isconnected()


async def test_after_the_call_its_token_makes_no_room_anew(page: Visitor, rooms: LiveKitRooms) -> None:
    url, token = await begun(page)
    async with entered(url, token):
        pass
    await rooms.end(room_of(token))
    with pytest.raises(rtc.ConnectError):
        async with entered(url, token):
            pytest.fail("let in")
    assert not await rooms.still_there([room_of(token)])


async def test_a_token_that_was_stolen_before_it_was_used_is_of_no_use_after_it(page: Visitor) -> None:
    """Whoever brings the same one later is not let in, even while the caller is on the way back."""
    url, token = await begun(page)
    async with entered(url, token):
        pass
    with pytest.raises(rtc.ConnectError):
        async with entered(url, token):
            pytest.fail("let in")


async def test_a_room_to_which_nobody_comes_is_closed(
    page: Visitor, rooms: LiveKitRooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_EMPTY_SECONDS", 1)
    _, token = await begun(page)
    await until_gone(rooms, room_of(token))


async def test_the_oldest_call_of_a_link_ends_for_the_newest(page: Visitor, rooms: LiveKitRooms) -> None:
    """A tablet that was switched off in mid-call, twice: its third call is begun, and the first one's room is gone."""
    url, token = await begun(page)
    async with entered(url, token) as first:
        gone = asyncio.Event()
        first.on("disconnected", lambda _reason: gone.set())
        for _ in range(_open_calls.A_LINK):
            await begun(page)
        await asyncio.wait_for(gone.wait(), 20)
    await until_gone(rooms, room_of(token))


async def test_a_revoked_link_begins_no_call_and_ends_the_one_that_goes_on(page: Visitor) -> None:
    url, token = await begun(page)
    async with entered(url, token) as room:
        gone = asyncio.Event()
        room.on("disconnected", lambda _reason: gone.set())
        del page.links[SECRET]
        assert await call(page) == (403, {"fault": "link-unknown"})
        await asyncio.wait_for(gone.wait(), 20)


@pytest.mark.full
async def test_a_call_outlives_the_page_that_it_was_begun_on(livekit: LiveKit) -> None:
    """The page is started anew under its old port in mid-call; the caller's connection comes back by it."""
    async with calling(livekit) as visitor:
        port = visitor.port
        url, token = await begun(visitor)
        room = rtc.Room()
        await room.connect(url, token)
        back = asyncio.Event()
        room.on("reconnected", back.set)
    links, variables = {SECRET: ANNA}, {**livekit.environment, "GRANNY_PAGE_PORT": str(port)}
    async with livekit_line(settings(**variables), by_heart(links)) as line, visited(line, variables, links=links):
        await asyncio.wait_for(back.wait(), 30)
        assert room.isconnected()
        await room.disconnect()
