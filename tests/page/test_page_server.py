"""The page's server over real sockets: what it serves, to whom, and what it tells of a link's person."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from granny.page._site import SITE
from page.visiting import ANNA, OUTSIDE, SECRET, IdleLine, Visitor, visited

ANNAS_FILE = 'called = "Anna"\nlanguage = "de"\nnotes = "Karl died in 2019."\ngranny = "Omi"\n'


@pytest.fixture
async def page() -> AsyncIterator[Visitor]:
    """Her page, on which nobody calls."""
    async with visited(IdleLine()) as visitor:
        yield visitor


async def test_the_site_is_served_packed_or_plain(page: Visitor) -> None:
    plain = (SITE / "index.html").read_bytes()
    status, headers, body = await page.ask("GET", "/")
    assert (status, headers["Content-Type"], body) == (200, "text/html; charset=utf-8", plain)
    status, headers, body = await page.ask("GET", "/", Accept_Encoding="gzip, br")
    assert (status, headers["Content-Encoding"], gzip.decompress(body)) == (200, "gzip", plain)


async def test_a_browser_that_has_a_file_is_told_so(page: Visitor) -> None:
    _, headers, _ = await page.ask("GET", "/")
    assert headers["Cache-Control"] == "no-cache"
    status, _, body = await page.ask("GET", "/", If_None_Match=headers["ETag"])
    assert (status, body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/index.html",
        "/../server.py",
        "/..%2fserver.py",
        "/%2e%2e/server.py",
        "//etc/passwd",
        "/site/index.html",
        "/..\\server.py",
        "/%00",
        "/" + "a" * 7000,
    ],
)
async def test_no_path_leads_out_of_the_site(page: Visitor, path: str) -> None:
    answer = await page.said(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{page.port}\r\n\r\n".encode())
    assert answer.split(b"\r\n")[0] in (b"HTTP/1.0 404 Not Found", b"HTTP/1.0 400 Bad Request")


async def test_every_answer_says_what_a_browser_may_do_with_it(page: Visitor) -> None:
    for method, path in (("GET", "/"), ("GET", "/nowhere"), ("POST", "/hello"), ("DELETE", "/hello")):
        _, headers, _ = await page.ask(method, path)
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["require-trusted-types-for"] == "'script'"
        assert policy["connect-src"].startswith("'self' wss://granny.example ws://127.0.0.1:")
        assert "livekit.cloud" not in policy["connect-src"]
        assert "[" not in policy["connect-src"]  # an IPv6 address is none of a policy's, and said to be invalid
        assert headers["Permissions-Policy"].startswith("microphone=(self), screen-wake-lock=(self), autoplay=(self)")
        assert (headers["Referrer-Policy"], headers["X-Content-Type-Options"]) == ("no-referrer", "nosniff")
        assert headers["Server"] == "Granny"


async def test_a_browser_may_go_to_livekits_cloud_only_where_calls_do() -> None:
    async with visited(IdleLine(to_cloud=True)) as page:
        _, headers, _ = await page.ask("GET", "/")
        assert "https://*.livekit.cloud wss://*.livekit.cloud;" in headers["Content-Security-Policy"]


async def test_the_page_is_told_whom_it_is_for_and_nothing_of_the_notes(tmp_path: Path) -> None:
    (tmp_path / "anna.toml").write_text(ANNAS_FILE, encoding="utf-8")
    line = IdleLine()
    async with visited(line, people=tmp_path, rehearsal=True) as page:
        status, headers, body = await page.ask("POST", "/hello", secret=SECRET)
    told = {"language": "de", "granny": "Omi", "called": "Anna", "line": "idle", "rehearsal": True}
    assert (status, json.loads(body), headers["Cache-Control"]) == (200, told, "no-store")
    assert line.expected == [ANNA]


async def test_without_a_file_of_the_person_the_installation_speaks(page: Visitor) -> None:
    _, _, body = await page.ask("POST", "/hello", secret=SECRET)
    assert json.loads(body) == {"language": "en", "granny": "Granny", "called": "", "line": "idle", "rehearsal": False}


@pytest.mark.parametrize("secret", [None, "", "guessed", SECRET[:-1], SECRET + "x", "x" * 5000])
async def test_a_link_that_is_not_known_is_refused(page: Visitor, secret: str | None) -> None:
    status, _, body = await page.ask("POST", "/hello", secret=secret)
    assert (status, json.loads(body)) == (403, {"fault": "link-unknown"})


async def test_a_link_that_has_been_revoked_is_refused_from_then_on(page: Visitor) -> None:
    assert (await page.ask("POST", "/hello", secret=SECRET))[0] == 200
    del page.links[SECRET]
    assert (await page.ask("POST", "/hello", secret=SECRET))[0] == 403


async def test_another_name_than_the_pages_is_somebodys_trick(page: Visitor) -> None:
    """DNS rebinding: a stranger's name that leads to 127.0.0.1."""
    for host in ("evil.example", f"evil.example:{page.port}", "127.0.0.1:1", "granny.example:8080", ""):
        assert (await page.ask("GET", "/", Host=host))[0] == 421
    for host in ("granny.example", "GRANNY.example:443", f"localhost:{page.port}", f"[::1]:{page.port}"):
        assert (await page.ask("GET", "/", Host=host))[0] == 200


async def test_another_page_asks_in_vain(page: Visitor) -> None:
    for foreign in ("https://evil.example", "null", "http://granny.example", "https://granny.example.evil.example"):
        assert (await page.ask("POST", "/hello", secret=SECRET, Origin=foreign))[0] == 403
    for site in ("cross-site", "same-site"):
        assert (await page.ask("POST", "/hello", secret=SECRET, Sec_Fetch_Site=site))[0] == 403
    for own in (OUTSIDE, page.origin):
        status, headers, _ = await page.ask("POST", "/hello", secret=SECRET, Origin=own, Sec_Fetch_Site="same-origin")
        assert status == 200
        assert not [name for name in headers if name.startswith("Access-Control")]
    assert (await page.ask("OPTIONS", "/hello", Origin="https://evil.example"))[0] == 405


async def test_a_form_of_another_page_is_none_of_ours(page: Visitor) -> None:
    """What a form can send without asking first is not JSON."""
    status, _, _ = await page.ask("POST", "/hello", secret=SECRET, Content_Type="text/plain")
    assert status == 415


@pytest.mark.parametrize(
    ("length", "status"), [(b"Content-Length: 104857600", b"413"), (b"Transfer-Encoding: chunked", b"200")]
)
async def test_a_body_is_not_waited_for_however_long_it_is(page: Visitor, length: bytes, status: bytes) -> None:
    """The answer comes, and the server hangs up, before a byte of it."""
    head = (
        f"POST /hello HTTP/1.1\r\nHost: {page.origin.removeprefix('http://')}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {SECRET}\r\n"
    ).encode()
    answer = await page.said(head + length + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 " + status)


async def test_what_a_client_says_of_itself_comes_back_in_no_header(page: Visitor) -> None:
    words = f"GET /%0d%0aSet-Cookie:%20a=b HTTP/1.0\r\nHost: 127.0.0.1:{page.port}\r\n\r\n"
    answer = await page.said(words.encode())
    assert answer.startswith(b"HTTP/1.0 404")
    assert b"set-cookie" not in answer.lower()


async def test_no_secret_is_logged(page: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await page.ask("POST", "/hello", secret=SECRET)
        await page.ask("POST", "/hello", secret="guessed-FAKE")
        await page.ask("GET", f"/{SECRET}", Host="evil.example")
    ours = [record for record in caplog.records if not record.name.startswith("asyncio")]
    assert not [record for record in ours if SECRET in str(vars(record)) or "guessed-FAKE" in str(vars(record))]
