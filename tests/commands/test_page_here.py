"""Whom the page of `make talk` answers: who sits here, and tablets with a link where an address for them is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest

from granny.commands import _page_here, talk
from granny.commands._page_here import Way
from granny.config.settings import Settings
from granny.page.lines import Who
from granny.page.link_book import LinkBook
from granny.people import People
from keeping import kept_at, links_in

ELSEWHERE = "granny.example"
SETTINGS = Settings.model_validate(
    {"OPENAI_API_KEY": "sk-FAKE", "GRANNY_PAGE_URL": f"https://{ELSEWHERE}", "GRANNY_PAGE_PORT": "0"}
)


class Door:
    """The page, and how it answers whoever says hello."""

    def __init__(self, address: str) -> None:
        self.origin, _, self.secret = address.partition("/#")

    async def hello(self, secret: str, **headers: str) -> int:
        told = {"Authorization": f"Bearer {secret}", **headers}
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{self.origin}/hello", json={}, headers=told) as answer,
        ):
            return answer.status


@pytest.fixture(name="stack")
async def _stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def opened(stack: AsyncExitStack, folder: Path, others: Who | None) -> Door:
    """A page whose calls nobody takes."""
    way = Way(SETTINGS, People(folder), by_livekit=False, is_rehearsal=False, tell=lambda _: None, others=others)
    nobody = cast("Any", SimpleNamespace(ring=None))
    return Door(await stack.enter_async_context(_page_here._page(way, nobody, nobody)))


async def test_for_who_sits_here_no_other_link_and_no_other_name_is_good(stack: AsyncExitStack, tmp_path: Path) -> None:
    links = links_in(tmp_path)
    made = links.make()
    page = await opened(stack, tmp_path, None)
    assert await page.hello(page.secret) == 200
    assert await page.hello(made) == 403
    assert await page.hello(page.secret, Host=ELSEWHERE) == 421


async def test_a_tablet_comes_by_its_own_link_under_the_name_that_was_told(
    stack: AsyncExitStack, tmp_path: Path
) -> None:
    links = links_in(tmp_path)
    made = links.make()
    page = await opened(stack, tmp_path, LinkBook(kept_at(tmp_path)).holder)
    assert page.origin.startswith("http://127.0.0.1:")
    assert await page.hello(page.secret) == 200
    assert await page.hello(made, Host=ELSEWHERE, Origin=f"https://{ELSEWHERE}") == 200
    links.revoke(links.all()[0].id)
    assert await page.hello(made, Host=ELSEWHERE) == 403


@pytest.mark.parametrize("guess", ["", "x" * 22, "\udcff"])
async def test_a_guess_is_refused(stack: AsyncExitStack, tmp_path: Path, guess: str) -> None:
    page = await opened(stack, tmp_path, LinkBook(kept_at(tmp_path)).holder)
    assert await page.hello(guess) == 403


@pytest.mark.parametrize(("url", "is_told"), [(f"https://{ELSEWHERE}", True), (None, False)])
def test_who_has_told_an_address_hears_that_tablets_reach_her_there(
    url: str | None,
    is_told: bool,  # noqa: FBT001  an expectation
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[dict[str, bool]] = []

    async def on_page(**how: bool) -> int:
        asked.append(how)
        return 0

    monkeypatch.setattr(talk, "on_page", on_page)
    monkeypatch.setattr(talk, "has_livekit", lambda _: True)
    assert talk.talk(SETTINGS.model_copy(update={"page_url": url})) == 0
    assert asked == [{"by_livekit": True, "for_tablets": True}]
    assert (ELSEWHERE in capsys.readouterr().out) is is_told


@pytest.mark.parametrize(("port", "is_told"), [(8080, False), (8081, True)])
async def test_where_their_port_is_anothers_it_is_said_that_no_tablet_comes(
    port: int,
    is_told: bool,  # noqa: FBT001  an expectation
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The page itself goes to any free port then, for who sits here."""

    async def hold(way: Way) -> int:
        way.tell(f"http://127.0.0.1:{port}/#secret")
        return 0

    settings = SETTINGS.model_copy(update={"page_port": 8080, "data_folder": tmp_path})
    monkeypatch.setattr(_page_here, "hold", hold)
    monkeypatch.setattr(talk, "look", lambda _: (None, settings))
    monkeypatch.setattr(talk, "has_desktop", lambda: False)
    assert await talk.on_page(by_livekit=True, for_tablets=True) == 0
    assert ("no tablet reaches her" in capsys.readouterr().out) is is_told
