"""The way to LiveKit through the page: what is passed on, for whom, and how often a token opens it."""

from __future__ import annotations

import contextlib
import logging
import time
from dataclasses import replace

import aiohttp
import jwt
import pytest

from granny.page import _open_calls
from page.only_answering import LIVEKIT_SECRET, LiveKit, call, calling, until
from page.visiting import ANNA, OUTSIDE, Visitor


async def begun(page: Visitor) -> str:
    """The token of a new call."""
    status, told = await call(page)
    assert status == 201
    return told["participant_token"]


def renewed(token: str, *, secret: str = LIVEKIT_SECRET) -> str:
    """The same caller's next token, as LiveKit gives it to who has come in."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode({**claims, "exp": int(time.time()) + 600}, secret, algorithm="HS256")


async def refused(page: Visitor, token: str, path: str = "/lk/rtc/v1", **headers: str) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as error:
        async with page.joining(token, path, **headers):
            pytest.fail("let in")
    return error.value.status


@pytest.mark.parametrize("path", ["/lk/rtc", "/lk/rtc/v1"])
async def test_each_word_is_passed_on_both_ways_to_the_same_path(page: Visitor, livekit: LiveKit, path: str) -> None:
    async with page.joining(await begun(page), path, Origin=OUTSIDE, Sec_Fetch_Site="same-origin") as socket:
        await socket.send_bytes(b"offer")
        assert await socket.receive_bytes() == b"offeroffer"
        await socket.send_str("ping")
        assert await socket.receive_str() == "pingping"
        assert livekit.asked[-1] == path.removeprefix("/lk")


async def test_when_livekit_hangs_up_so_does_the_page(page: Visitor) -> None:
    async with page.joining(await begun(page)) as socket:
        await socket.send_str("go")
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_a_token_lets_one_in_and_nobody_after_that(page: Visitor) -> None:
    """Neither beside the caller, who would be put off the line, nor afterwards, for a call of one's own."""
    token = await begun(page)
    async with page.joining(token) as socket:
        assert await refused(page, token) == 403
        await socket.send_str("still there")
        assert await socket.receive_str() == 2 * "still there"
    assert await refused(page, token) == 403


async def test_the_token_that_is_looked_at_is_the_one_by_which_livekit_goes(page: Visitor) -> None:
    """LiveKit takes a header's first: an address with a good one does not bring in who has a spent one there."""
    spent = await begun(page)
    async with page.joining(spent):
        pass
    assert await refused(page, await begun(page), Authorization=f"Bearer {spent}") == 403


async def test_what_is_no_text_is_no_token_and_no_event(page: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    host = b"Host: 127.0.0.1:%d\r\n" % page.port
    words = b"GET /lk/rtc/validate HTTP/1.1\r\nConnection: close\r\nAuthorization: Bearer \xff\r\n" + host + b"\r\n"
    assert b" 403 " in (await page.said(words)).partition(b"\r\n")[0]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_as_many_may_be_on_the_line_as_the_page_lets_in(page: Visitor) -> None:
    """A client of ours has a hundred connections, unless it is told otherwise; LiveKit's API needs one, too."""
    async with contextlib.AsyncExitStack() as callers:
        for number in range(101):
            page.links[str(number)] = replace(ANNA, id=str(number))
            status, told = await call(page, str(number))
            assert status == 201
            await callers.enter_async_context(page.joining(told["participant_token"]))


async def test_a_caller_comes_back_with_the_token_that_livekit_gave(page: Visitor) -> None:
    token = await begun(page)
    async with page.joining(token), page.joining(renewed(token)) as socket:
        await socket.send_str("back")
        assert await socket.receive_str() == "backback"


async def test_a_token_that_livekit_refused_may_be_tried_again(page: Visitor, livekit: LiveKit) -> None:
    token, livekit.status = await begun(page), 503
    assert await refused(page, token) == 503
    livekit.status = 200
    async with page.joining(token):
        pass


async def test_once_the_room_is_gone_no_token_of_it_makes_it_again(
    livekit: LiveKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"_LOOK_SECONDS": 0.01, "_NEW_SECONDS": 0.0}.items():
        monkeypatch.setattr(_open_calls, name, value)
    async with calling(livekit) as page:
        token = await begun(page)
        async with page.joining(token):
            livekit.rooms.clear()
        await until(lambda: livekit.asked[-1].endswith("/ListRooms"))
        await page.ask("GET", "/")  # meanwhile LiveKit's answer has been heard
        assert await refused(page, renewed(token)) == 403


async def test_a_call_goes_on_through_another_page(page: Visitor, livekit: LiveKit) -> None:
    """The page was started anew, or there are several."""
    token = await begun(page)
    async with calling(livekit) as other, other.joining(renewed(token)) as socket:
        await socket.send_str("back")
        assert await socket.receive_str() == "backback"


async def test_of_a_token_that_was_not_signed_livekit_is_not_even_asked(page: Visitor, livekit: LiveKit) -> None:
    forged = renewed(await begun(page), secret="guessedFAKEsecret" * 2)
    async with calling(livekit) as other:
        livekit.asked.clear()
        for token in (forged, "", "nonsense", jwt.encode({"video": 1}, LIVEKIT_SECRET), jwt.encode({}, "x" * 32)):
            assert await refused(other, token) == 403
        assert not livekit.asked


async def test_one_caller_has_few_connections(page: Visitor) -> None:
    token = await begun(page)
    async with page.joining(token), page.joining(renewed(token)), page.joining(renewed(token)):
        assert await refused(page, renewed(token)) == 403


async def test_another_page_cannot_connect_with_whatever_token(page: Visitor) -> None:
    token = await begun(page)
    assert await refused(page, token, Origin="https://evil.example") == 403
    assert await refused(page, token, Sec_Fetch_Site="cross-site") == 403
    assert await refused(page, token, Host="evil.example") == 421


async def test_why_one_is_not_let_in_is_told_without_a_word_of_the_token(page: Visitor, livekit: LiveKit) -> None:
    token = await begun(page)
    status, _, body = await page.ask("GET", f"/lk/rtc/v1/validate?access_token={token}")
    assert (status, body) == (401, b"")
    assert (await page.ask("GET", "/lk/rtc/validate?access_token=guessed"))[0] == 403
    assert livekit.asked[-1] == "/rtc/v1/validate"


async def test_livekits_api_is_not_behind_the_page(page: Visitor) -> None:
    for path in ("/lk/twirp/livekit.RoomService/ListRooms", "/lk/", "/lk/agent", "/lk/rtc/../twirp"):
        assert (await page.ask("POST", path))[0] in (404, 405)
        assert (await page.ask("GET", path))[0] in (404, 405)


async def test_what_asks_for_no_websocket_gets_none(page: Visitor) -> None:
    status, _, _ = await page.ask("GET", f"/lk/rtc/v1?access_token={await begun(page)}")
    assert status == 426


async def test_a_message_of_100_megabytes_ends_the_connection(page: Visitor) -> None:
    async with page.joining(await begun(page)) as socket:
        await socket.send_bytes(bytes(2 * 1024 * 1024))
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_a_client_that_is_no_browser_shows_its_token_in_a_header(page: Visitor, livekit: LiveKit) -> None:
    token = await begun(page)
    url = f"{page.origin}/lk/rtc/v1"
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as client,
        client.ws_connect(url) as socket,
    ):
        await socket.send_str("in")
        assert await socket.receive_str() == "inin"
    assert livekit.shown[-1] == f"Bearer {token}"
