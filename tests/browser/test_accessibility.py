"""Her page by keyboard alone, as a screen reader has it, and as axe-core judges it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from browser.her_page import TWO_TAPS, HerPage
from browser.rig import Rig
from browser.screens import (
    ENGLISH,
    GERMAN,
    SCREENS,
    TALK,
    TROUBLES,
    Guise,
    Screen,
    staged,
    talk,
    trouble_instead,
    trouble_within,
)

AXE: dict[str, Any] = {
    "resultTypes": ["violations"],
    "rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}},
}


async def violations(page: HerPage) -> list[str]:
    """What axe-core has against what the page shows now; AAA's contrast is asked for too."""
    from axe_playwright_python.async_playwright import Axe  # noqa: PLC0415  the group `browser` is not everybody's

    results = await Axe().run(page.page, options=AXE)
    found = results.response["violations"]
    return [f"{one['id']}: {', '.join(str(node['target']) for node in one['nodes'])}" for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS, ids=str)
async def test_axe_finds_nothing(alone: Rig, screen: Screen, scheme: str) -> None:
    async with staged(alone, GERMAN, color_scheme=scheme) as page:
        await screen.show(page)
        assert await violations(page) == []


async def test_axe_finds_nothing_in_any_trouble(alone: Rig) -> None:
    found = {}
    async with staged(alone, ENGLISH) as page:
        for slug in TROUBLES:
            await trouble_instead(page, slug)
            found[slug] = await violations(page)
    assert {slug: wrong for slug, wrong in found.items() if wrong} == {}


async def test_a_call_by_keyboard_alone(here: Rig) -> None:
    async with here.opened("anna") as page:
        await tab_to(page, "talk")
        assert await outline(page) >= 3
        await page.page.keyboard.press("Enter")
        await page.until_heard()
        await asyncio.sleep(TWO_TAPS)
        await tab_to(page, "louder")
        assert await outline(page) >= 3
        await page.page.keyboard.press("Space")
        await page.until(lambda: page.value("localStorage.getItem('granny.loudness') === '1'"), "louder")
        await asyncio.sleep(TWO_TAPS)
        await tab_to(page, "hangup")
        await page.page.keyboard.press("Space")
        await page.until_state("hung-up")
        assert await focus(page) == "talk"


async def tab_to(page: HerPage, button: str) -> None:
    """Press Tab until the focus is there; never more often than there are things on the page."""
    for _ in range(8):
        if await focus(page) == button:
            return
        await page.page.keyboard.press("Tab")
    assert await focus(page) == button


async def focus(page: HerPage) -> str:
    return str(await page.value("document.activeElement.id"))


async def outline(page: HerPage) -> float:
    """How thick the line round the focused element is, in pixels."""
    style = "getComputedStyle(document.activeElement)"
    return float(await page.value(f"{style}.outlineStyle === 'none' ? 0 : parseFloat({style}.outlineWidth)"))


async def test_a_key_that_is_held_down_presses_once(alone: Rig) -> None:
    """Whoever cannot let go at once does not hang up with the same finger."""
    async with staged(alone, ENGLISH) as page:
        await page.page.focus("#talk")
        await page.page.keyboard.down("Enter")
        for _ in range(15):
            await asyncio.sleep(0.1)
            await page.page.keyboard.down("Enter")  # with another is not let go of: the key repeats
        await page.page.keyboard.up("Enter")
        assert await page.phase() == "calling"


async def test_what_a_screen_reader_reads_before_a_call(alone: Rig) -> None:
    async with alone.opened("anna") as page:
        assert (
            await tree(page)
            == """\
- main:
  - heading "Granny" [level=1]
  - paragraph: Hello, Anna.
  - status: Press the button to talk.
  - button "Talk to Granny\""""
        )


async def test_what_a_screen_reader_reads_in_a_call(alone: Rig) -> None:
    async with staged(alone, ENGLISH) as page:
        await talk(page, TALK[:2])
        await trouble_within(page, "call-deaf")
        read = await tree(page)
    said = [line.strip(" -") for line in read.splitlines()]
    places = [said.index(line) for line in IN_A_CALL]
    assert places == sorted(places), read


IN_A_CALL = (
    'heading "Granny" [level=1]',
    "status: Granny is listening.",
    "alert:",
    "paragraph: Granny cannot hear you.",
    'log "What was said":',
    'button "Quieter" [disabled]',
    'button "Louder"',
    'button "Hang up"',
)
"""The order in which it is read."""


async def tree(page: HerPage) -> str:
    read: str = await page.page.locator("body").aria_snapshot()
    return read


async def test_a_state_is_told_and_a_caption_is_not(alone: Rig) -> None:
    """The captions are her voice already; a reader's voice would reach the microphone."""
    async with staged(alone, ENGLISH) as page:
        await talk(page, TALK)
        roles = "['state', 'trouble', 'captions'].map((id) => document.getElementById(id))"
        assert await page.value(f"{roles}.map((one) => [one.role ?? one.getAttribute('role'), one.ariaLive])") == [
            ["status", None],
            ["alert", None],
            ["log", "off"],
        ]


@pytest.mark.parametrize("guise", [ENGLISH, GERMAN], ids=str)
async def test_the_page_says_in_which_language_it_is(alone: Rig, guise: Guise) -> None:
    async with staged(alone, guise) as page:
        assert await page.value("document.documentElement.lang") == guise.language
        assert await page.page.title() != ""
