"""The family's page over real sockets: with a link of its own, from a real diary, and beside a real health page."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from granny.net import small_http
from granny.page.family import Now
from granny.page.family._overview import State
from granny.page.family._records import Records
from granny.page.family._well import ask_worker, now_of
from granny.store.link import Kind, Link
from granny.store.rows import CallRow
from granny.store.store import Store
from granny.worker.health import Health, Status, health_page
from page.visiting import ANNA, SECRET, IdleLine, Visitor, settings, visited

FAMILYS = "the-familys-FAKE-secret"
EVERYBODYS = "everybodys-FAKE-secret"
MADE = datetime(2026, 1, 1, tzinfo=timezone.utc)
LINKS = {
    SECRET: ANNA,
    FAMILYS: Link("0fa11111", "anna", MADE, Kind.FAMILY),
    EVERYBODYS: Link("0a110000", "", MADE, Kind.FAMILY),
}
PRICES = {"GRANNY_PRICE_INPUT": "32", "GRANNY_PRICE_OUTPUT": "64", "GRANNY_MONTHLY_BUDGET": "20"}


def call(number: int, **more: Any) -> CallRow:
    """A call of an hour ago and earlier."""
    started = datetime.now(timezone.utc) - timedelta(hours=1 + number)
    usual: dict[str, Any] = {
        "job": f"job-{number}",
        "started": started,
        "seconds": 300.0,
        "ending": "goodbye",
        "person": "anna",
    }
    return CallRow(**usual | {"cost": Decimal("0.5")} | more)


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """Of a house whose worker answers nobody."""
    return {
        "GRANNY_DATA_FOLDER": str(tmp_path),
        "GRANNY_HEALTH_PORT": "0",
        "GRANNY_TIMEZONE": "Europe/Berlin",
        **PRICES,
    }


@pytest.fixture
async def page(variables: dict[str, str]) -> AsyncIterator[Visitor]:
    store = Store.open(settings(**variables))
    for row in (call(0), call(1, ending="fault", fault="openai-out-of-credit"), call(2, person="berta")):
        store.calls.add(row)
    store.close()
    async with visited(IdleLine(), variables, links=dict(LINKS)) as visitor:
        yield visitor


async def test_a_family_sees_the_calls_of_its_own_person(page: Visitor) -> None:
    status, headers, body = await page.ask("POST", "/family", secret=FAMILYS)
    html = body.decode()
    assert (status, headers["Content-Type"], headers["Content-Language"]) == (200, "text/html; charset=utf-8", "en")
    assert headers["Cache-Control"] == "no-store"
    assert "2 calls on" in html
    assert "10 minutes in all. Something went wrong in 1 of them." in html
    assert "openai-out-of-credit" in html
    assert "last called on" in html
    assert "of this month's budget of" in html
    assert "everybody's calls together" in html


async def test_a_family_of_everybody_sees_everybody_s(page: Visitor) -> None:
    _, _, body = await page.ask("POST", "/family", secret=EVERYBODYS)
    assert "3 calls on" in body.decode()


@pytest.mark.parametrize(("path", "secret"), [("/family", SECRET), ("/hello", FAMILYS), ("/family", None)])
async def test_neither_link_opens_what_the_other_does(page: Visitor, path: str, secret: str | None) -> None:
    status, _, body = await page.ask("POST", path, secret=secret)
    assert (status, body) == (403, b'{"fault": "link-unknown"}')


async def test_the_page_itself_is_anybody_s_and_tells_nothing(page: Visitor) -> None:
    status, headers, body = await page.ask("GET", "/family")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"anna" not in body
    assert (await page.ask("GET", "/family.html"))[0] == 404


async def test_a_store_that_cannot_be_read_leaves_the_rest(tmp_path: Path, variables: dict[str, str]) -> None:
    (tmp_path / "granny.sqlite3").write_bytes(b"this is no database, whatever its name says" * 100)
    async with visited(IdleLine(), variables, links=dict(LINKS)) as page:
        status, _, body = await page.ask("POST", "/family", secret=FAMILYS)
    assert status == 200
    assert b"store-unavailable" in body


async def test_who_asks_at_once_is_answered_one_after_the_other(variables: dict[str, str]) -> None:
    """One connection, and one thread that reads by it."""
    Store.open(settings(**variables)).close()  # on a busy machine a new one takes longer than anybody waits
    records = Records(settings(**variables))
    now = datetime.now(timezone.utc)
    pasts = await asyncio.gather(*(records.past("anna", now) for _ in range(20)))
    assert all(past and past.last_call is None for past in pasts)


@contextlib.asynccontextmanager
async def answering(body: str) -> AsyncIterator[int]:
    """Something else at the health page's port."""

    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(text=body, content_type="application/json")

    async with small_http.serving("127.0.0.1", 0, answer) as port:
        yield port


@pytest.mark.parametrize(
    ("health", "now"),
    [
        (Health(Status.OK), Now(State.WELL)),
        (Health(Status.FULL), Now(State.BUSY)),
        (Health(Status.FAULT, "openai-out-of-credit"), Now(State.FAULT, "openai-out-of-credit")),
        (Health(Status.UNREGISTERED), Now(State.FAULT, "livekit-unreachable")),
        (Health(Status.STARTING), Now(State.STARTING)),
    ],
    ids=lambda one: getattr(one, "status", ""),
)
async def test_her_health_page_is_asked_how_she_is(health: Health, now: Now) -> None:
    async with health_page("127.0.0.1", 0, health=lambda: health, framework_port=lambda: 0) as port:
        assert await ask_worker(settings(GRANNY_HEALTH_PORT=str(port))) == now


@pytest.mark.parametrize("status", Status)
def test_every_word_of_the_health_page_is_known(status: Status) -> None:
    assert now_of({"status": status.value}).state is not State.UNREACHABLE


@pytest.mark.parametrize("body", ["[]", "nonsense", '{"status": 7}', '{"status": "<b>"}', "null"])
async def test_whatever_else_answers_there_is_not_her(body: str) -> None:
    async with answering(body) as port:
        assert await ask_worker(settings(GRANNY_HEALTH_PORT=str(port))) == Now(State.UNREACHABLE)


async def test_a_fault_that_nobody_knows_is_not_shown() -> None:
    async with answering('{"status": "fault", "fault": "<b>"}') as port:
        assert await ask_worker(settings(GRANNY_HEALTH_PORT=str(port))) == Now(State.FAULT)


async def test_where_nobody_listens_she_does_not_answer() -> None:
    async with answering("") as port:
        pass
    assert await ask_worker(settings(GRANNY_HEALTH_PORT=str(port))) == Now(State.UNREACHABLE)


@pytest.mark.parametrize(
    ("host", "address"),
    [("::", "http://127.0.0.1:8081/"), ("127.0.0.1", "http://127.0.0.1:8081/"), ("::1", "http://[::1]:8081/")],
)
def test_the_health_page_is_asked_for_where_it_is(host: str, address: str) -> None:
    assert settings(GRANNY_HEALTH_HOST=host).health_address == address
