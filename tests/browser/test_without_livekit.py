"""Her page where no LiveKit server is: what `make talk` opens, and a whole call through the page's own server."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from browser.her_page import WITNESS, HerPage
from browser.words import Words
from granny.rehearsal.openai.voice import GREETING_TEXT

if sys.platform == "win32":
    pytest.skip("Windows has no terminals that a program can make", allow_module_level=True)

from commands.test_talk_page import sitting, without_livekit_server

if TYPE_CHECKING:  # the group `browser` is not everybody's
    from playwright.async_api import Browser


@pytest_asyncio.fixture(loop_scope="session")
async def page(
    home: Path, tmp_path: Path, bare_environment: dict[str, str], browser: Browser
) -> AsyncIterator[HerPage]:
    """What a browser shows of `make talk` where nothing is set and nothing installed."""
    with sitting(home, tmp_path, bare_environment | {"PATH": without_livekit_server()}) as desk:
        address, secret = await desk.page()
        context = await browser.new_context(permissions=["microphone"])
        await context.add_init_script(path=WITNESS)
        page = HerPage(await context.new_page(), Words.of("en", "Granny"))
        page.watch()
        await page.open(f"{address}/#{secret}")
        yield page
        await context.close()
        assert await desk.stop() == 0, desk.words


async def test_the_call_is_the_same_as_by_livekit(page: HerPage) -> None:
    address = page.page.url.partition("/#")[0]
    assert await page.text("rehearsal") != ""
    await page.call()
    await page.until_caption("granny", GREETING_TEXT)
    await page.until_answered()
    assert [who for who, _ in await page.captions()] == ["granny", "caller", "granny"]
    assert await page.microphones() == ["live"]
    await page.press("hangup")
    await page.until_state("hung-up")
    assert await page.microphones() == ["ended"]
    assert await page.trouble() == ""
    assert [one for one in page.asked if not one.replace("ws://", "http://").startswith(address)] == []
    assert page.errors == []
