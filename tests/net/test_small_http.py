"""The server of the health page and of her own, and those who mean it ill."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from aiohttp import web

from granny.net import small_http
from granny.net.small_http import CONNECTIONS, serving

HOST = "127.0.0.1"
MANY = 1100
HALF = b"GET / HTTP/1.1\r\nHost: half"


async def page(_: web.BaseRequest) -> web.Response:
    return web.Response(text="well")


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with serving(HOST, 0, page) as port:
        yield port


async def asked(port: int, path: str = "/", method: str = "GET") -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as client,
        client.request(method, f"http://{HOST}:{port}{path}") as answer,
    ):
        return answer.status, answer.headers["Server"]


async def said(port: int, words: bytes) -> bytes:
    """All that the server says to these words, until it hangs up."""
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(words)
    answer = await reader.read()
    writer.close()
    return answer


@pytest.fixture
def many_files() -> Iterator[None]:
    """The callers of this test are in its own process."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * MANY:
        pytest.skip("a process may not open so many files here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * MANY), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
async def test_a_crowd_that_asks_by_half_does_not_silence_it(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """Among 1,100 half-asked requests each whole one is answered, and the log stays empty."""
    async with contextlib.AsyncExitStack() as crowd:
        for number in range(MANY):
            _, writer = await asyncio.open_connection(HOST, port)
            crowd.callback(writer.close)
            writer.write(HALF)
            if number % 100 == 0:
                assert (await asked(port))[0] == 200
        assert (await asked(port))[0] == 200
    assert not [record for record in caplog.records if record.levelno >= logging.INFO]


async def test_the_oldest_makes_room_for_the_newest(port: int) -> None:
    async with contextlib.AsyncExitStack() as crowd:
        oldest, writer = await asyncio.open_connection(HOST, port)
        crowd.callback(writer.close)
        for _ in range(CONNECTIONS):
            _, writer = await asyncio.open_connection(HOST, port)
            crowd.callback(writer.close)
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(oldest.read(), 10) == b""


async def test_a_crowd_does_not_cut_off_who_is_just_being_answered() -> None:
    asked_for, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: web.BaseRequest) -> web.Response:
        if request.path == "/slow":
            asked_for.set()
            await go_on.wait()
        return web.Response(text="well")

    async with serving(HOST, 0, slow) as port, contextlib.AsyncExitStack() as crowd:
        answer = asyncio.create_task(said(port, b"GET /slow HTTP/1.0\r\n\r\n"))
        await asked_for.wait()
        for _ in range(2 * CONNECTIONS):
            _, writer = await asyncio.open_connection(HOST, port)
            crowd.callback(writer.close)
        assert (await asked(port))[0] == 200
        go_on.set()
        assert (await answer).endswith(b"well")


@pytest.mark.parametrize("words", [b"", HALF, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"], ids=["none", "half", "one"])
async def test_who_does_not_go_on_asking_is_cut_off(port: int, monkeypatch: pytest.MonkeyPatch, words: bytes) -> None:
    """Without a word, in the middle of one, and after an answer."""
    monkeypatch.setattr(small_http, "ASK_SECONDS", 0.05)
    answer = await asyncio.wait_for(said(port, words), 10)
    assert answer.endswith(b"well") or answer == b""


@pytest.mark.parametrize(
    "words", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nno header\r\n\r\n", b"GET /" + b"x" * 17_000 + b"\r\n"]
)
async def test_what_cannot_be_read_is_no_event(port: int, caplog: pytest.LogCaptureFixture, words: bytes) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = await asyncio.wait_for(said(port, words), 10)
    assert answer.startswith(b"HTTP/1.0 400")
    assert b"Server: Granny\r\n" in answer
    assert not [record for record in caplog.records if record.name.startswith(("granny", "aiohttp"))]


async def test_no_answer_tells_what_it_runs_on(port: int) -> None:
    assert await asked(port) == (200, "Granny")


async def test_a_fault_of_a_page_is_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_: web.BaseRequest) -> web.Response:
        raise RuntimeError

    async with serving(HOST, 0, broken) as port:
        assert await asked(port) == (500, "Granny")
    assert [record.name for record in caplog.records if record.levelno >= logging.ERROR] == ["granny.http"]
