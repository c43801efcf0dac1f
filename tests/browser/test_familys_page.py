"""The family's page in a real browser: axe-core has nothing against it, and what changes on it disturbs nobody."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browser.test_accessibility import AXE
from browser.test_pictures import DOCS, MOST, TO
from granny.page import family
from granny.page.family._overview import Now, Overview, Past, State
from granny.page.family._page import page as drawn
from granny.page.family._records import Records
from granny.store.link import Kind, Link
from page.family.overviews import A_MONTH, NO_CALLS, PAST, overview
from page.visiting import IdleLine, Visitor, visited

if TYPE_CHECKING:  # the group `browser` is not everybody's
    from playwright.async_api import Browser, Page

SECRET = "the-familys-FAKE-secret"
LINK = Link("0fa11111", "anna", datetime(2026, 1, 1, tzinfo=timezone.utc), Kind.FAMILY)
PHONE, DESKTOP, NARROW = ({"width": width, "height": 800} for width in (360, 1280, 320))
PAGES: dict[str, tuple[Now, Past | None]] = {
    "well": (Now(State.WELL), PAST),
    "not well": (Now(State.FAULT, "openai-out-of-credit"), PAST),
    "no call yet": (Now(State.STARTING), NO_CALLS),
    "nothing to be read": (Now(State.UNREACHABLE), None),
}
PICTURE = "family-page.png"


@dataclasses.dataclass
class Told:
    """What the page tells now."""

    overview: Overview


@dataclasses.dataclass
class Familys:
    """A family's page, opened.

    Attributes:
        page: the browser's.
        told: what it is told the next time it asks.
        visitor: its server.
    """

    page: Page
    told: Told
    visitor: Visitor

    async def ask_again(self) -> None:
        """As whoever looks at it again does."""
        async with self.page.expect_response("**/family"):
            await self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await self.page.evaluate("new Promise((done) => requestAnimationFrame(done))")

    async def violations(self) -> list[str]:
        """What axe-core has against it; AAA's contrast is asked for too."""
        from axe_playwright_python.async_playwright import Axe  # noqa: PLC0415  the group `browser` is not everybody's

        found = (await Axe().run(self.page, options=AXE)).response["violations"]
        return [f"{one['id']}: {', '.join(str(node['target']) for node in one['nodes'])}" for one in found]


Opened = Callable[..., contextlib.AbstractAsyncContextManager[Familys]]


@pytest.fixture
def opened(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Opens a family's page that tells what it is told to."""

    @contextlib.asynccontextmanager
    async def opening(of: Overview, **device: Any) -> AsyncIterator[Familys]:
        told = Told(of)
        monkeypatch.setattr(family, "page", lambda _: drawn(told.overview))
        monkeypatch.setattr(family, "ask_worker", _nobody)
        monkeypatch.setattr(Records, "past", _nothing)
        async with visited(IdleLine(), {"GRANNY_LANGUAGE": of.locale.language}, links={SECRET: LINK}) as visitor:
            context = await browser.new_context(**{"viewport": DESKTOP, **device})
            page = await context.new_page()
            wrong: list[str] = []
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
            await page.goto(f"{visitor.origin}/family#{SECRET}")
            await page.wait_for_selector("#as-of")
            yield Familys(page, told, visitor)
            await context.close()
            assert [line for line in wrong if "Failed to load resource" not in line] == []

    return opening


async def _nobody(_: object) -> Now:
    return Now(State.WELL)


async def _nothing(*_: object) -> None:
    return None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("name", PAGES)
async def test_axe_finds_nothing(opened: Opened, name: str, viewport: dict[str, int], scheme: str) -> None:
    now, past = PAGES[name]
    async with opened(overview("de", past=past, now=now), viewport=viewport, color_scheme=scheme) as familys:
        await familys.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert await familys.violations() == []


@pytest.mark.parametrize("name", PAGES)
async def test_nothing_reaches_beyond_a_narrow_screen(opened: Opened, name: str) -> None:
    now, past = PAGES[name]
    async with opened(overview("de", past=past, now=now), viewport=NARROW) as familys:
        await familys.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert await familys.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


async def test_the_page_says_in_which_language_it_is_and_of_whom(opened: Opened) -> None:
    async with opened(overview("de")) as familys:
        assert await familys.page.title() == "Granny und Anna"
        assert await familys.page.evaluate("document.documentElement.lang") == "de"


async def test_what_a_screen_reader_reads(opened: Opened) -> None:
    """Each picture is one sentence, and the table has every figure."""
    async with opened(overview()) as familys:
        await familys.page.locator("summary").press("Enter")
        read = await familys.page.locator("main").aria_snapshot()
    for line in (
        '- heading "Granny and Anna" [level=1]',
        "- paragraph: Granny is well. She would answer a call now.",
        '- heading "The last 30 days" [level=2]',
        'img "Calls: 8 calls on 3 days, 2 hours 19 minutes in all. Something went wrong in 2 of them."',
        '- row "Sun, Nov 22 5 1 hour 55 minutes 1 $4.31"',
        '- heading "What went wrong" [level=2]',
    ):
        assert line in read, read


async def test_an_opened_table_stays_open_when_there_is_news(opened: Opened) -> None:
    async with opened(overview()) as familys:
        await familys.page.locator("summary").press("Enter")
        now = await familys.page.query_selector("#now")
        assert now
        familys.told.overview = overview(past=dataclasses.replace(PAST, days=(*PAST.days[:-1], *NO_CALLS.days[-1:])))
        await familys.ask_again()
        assert "6 calls" in await familys.page.inner_text("#days")
        assert await familys.page.evaluate("document.querySelector('details').open")
        assert await now.evaluate("(one) => one.isConnected"), "what has not changed is the same element"


async def test_she_falls_ill_while_somebody_looks_on(opened: Opened) -> None:
    async with opened(overview()) as familys:
        familys.told.overview = overview(now=Now(State.FAULT, "openai-out-of-credit"), past=None)
        await familys.ask_again()
        assert "Granny is not well" in await familys.page.inner_text("#now")
        told = "[...document.getElementById('told').children].map((one) => one.id)"
        assert await familys.page.evaluate(told) == ["title", "now", "past", "as-of"]


async def test_who_is_taken_the_link_sees_no_more_of_her(opened: Opened) -> None:
    async with opened(overview()) as familys:
        familys.visitor.links.clear()
        await familys.ask_again()
        assert await familys.page.inner_text("#trouble") == "This link is not valid any more. Please ask for a new one."
        assert await familys.page.inner_text("#told") == ""


async def test_while_the_page_is_away_what_was_told_stays_and_its_age_is_there(opened: Opened) -> None:
    async with opened(overview()) as familys:
        await familys.page.route("**/family", lambda route: route.abort())
        await familys.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await familys.page.wait_for_selector("#trouble[data-trouble='page-unreachable']")
        assert "cannot be reached" in await familys.page.inner_text("#trouble")
        assert "As of Fri, Nov 27, " in await familys.page.inner_text("#as-of")


async def test_without_the_part_behind_the_sign_nothing_is_asked(opened: Opened) -> None:
    async with opened(overview()) as familys:
        await familys.page.goto(f"{familys.visitor.origin}/")
        await familys.page.goto(f"{familys.visitor.origin}/family")
        await familys.page.wait_for_selector("#trouble[data-trouble='link-missing']")


async def test_a_picture_is_taken(opened: Opened, tmp_path: Path) -> None:
    """That of docs/family.md: a month that could be anybody's."""
    file = Path(os.environ.get(TO, tmp_path)) / PICTURE
    size = {"width": 1000, "height": 1120}
    async with opened(overview(past=A_MONTH), viewport=size) as familys:
        await familys.page.evaluate("document.fonts.ready")
        await familys.page.screenshot(path=file)
    assert 5_000 < file.stat().st_size <= MOST


def test_docs_have_it() -> None:
    assert 5_000 < (DOCS / PICTURE).stat().st_size <= MOST
