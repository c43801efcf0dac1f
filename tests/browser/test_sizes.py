"""On every screen and every device all is large, far enough apart and easy to read; measured as it is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from browser.her_page import HerPage
from browser.measuring import RULES, UNSEEN, complaints
from browser.rig import Rig
from browser.screens import (
    ENGLISH,
    GERMAN,
    LONG,
    SCREENS,
    TROUBLES,
    Guise,
    Screen,
    staged,
    talk,
    trouble_instead,
    trouble_within,
)

PHONE, PHONE_ON_ITS_SIDE = (360, 640), (640, 360)
TABLET, TABLET_ON_ITS_SIDE = (768, 1024), (1024, 768)
DESKTOP, DESKTOP_UPRIGHT = (1280, 800), (1080, 1920)
DEVICES = (PHONE, PHONE_ON_ITS_SIDE, TABLET, TABLET_ON_ITS_SIDE, DESKTOP, DESKTOP_UPRIGHT)
ZOOMED = ((640, 400), (320, 640), (320, 256))
"""A desktop at 200 %, the narrowest that WCAG 1.4.10 asks for, and a desktop at 400 %: there one may scroll."""
SPACED = """{
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* {
        line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important;
    }`);
    document.adoptedStyleSheets = [sheet];
}"""
"""What a reader may ask for by WCAG 1.4.12."""
LARGE_LETTERS = "void (document.documentElement.style.fontSize = '200%')"


@pytest.mark.parametrize("guise", [ENGLISH, GERMAN], ids=str)
@pytest.mark.parametrize("screen", SCREENS, ids=str)
async def test_every_screen_is_easy_to_use(alone: Rig, screen: Screen, guise: Guise) -> None:
    async with staged(alone, guise) as page:
        await screen.show(page)
        assert await at_all_sizes(page, RULES, DEVICES) == {}
        assert await at_all_sizes(page, UNSEEN, ZOOMED) == {}


@pytest.mark.parametrize("screen", SCREENS, ids=str)
async def test_the_longest_names_and_words_have_room(alone: Rig, screen: Screen) -> None:
    async with staged(alone, LONG) as page:
        await screen.show(page)
        assert await at_all_sizes(page, UNSEEN, (*DEVICES, *ZOOMED)) == {}


@pytest.mark.parametrize("guise", [ENGLISH, GERMAN], ids=str)
async def test_every_trouble_in_a_call_is_easy_to_read(alone: Rig, guise: Guise) -> None:
    found = {}
    async with staged(alone, guise) as page:
        await talk(page)
        for slug in TROUBLES:
            await trouble_within(page, slug)
            found[slug] = await at_all_sizes(page, RULES, (PHONE, PHONE_ON_ITS_SIDE, TABLET))
    assert {slug: wrong for slug, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("guise", [ENGLISH, GERMAN], ids=str)
async def test_every_trouble_without_a_call_is_easy_to_read(alone: Rig, guise: Guise) -> None:
    found = {}
    async with staged(alone, guise) as page:
        for slug in TROUBLES:
            await trouble_instead(page, slug)
            found[slug] = await at_all_sizes(page, RULES, (PHONE, PHONE_ON_ITS_SIDE, TABLET))
    assert {slug: wrong for slug, wrong in found.items() if wrong} == {}


async def at_all_sizes(page: HerPage, rules: dict[str, Any], sizes: Sequence[tuple[int, int]]) -> dict[str, list[str]]:
    """What is wrong with the page as it is shown now, by the size of the screen."""
    found = {}
    for width, height in sizes:
        await page.page.set_viewport_size({"width": width, "height": height})
        found[f"{width} x {height}"] = await complaints(page.page, rules)
    return {size: wrong for size, wrong in found.items() if wrong}


@pytest.mark.parametrize("screen", SCREENS, ids=str)
async def test_in_a_dark_room_too(alone: Rig, screen: Screen) -> None:
    async with staged(alone, GERMAN, color_scheme="dark") as page:
        await screen.show(page)
        assert await complaints(page.page) == []
        red, green, blue = await page.value("getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g)")
        assert max(int(red), int(green), int(blue)) < 64


@pytest.mark.parametrize("wish", [SPACED, LARGE_LETTERS], ids=["letters further apart", "letters twice as large"])
@pytest.mark.parametrize("screen", SCREENS, ids=str)
async def test_whoever_reads_with_letters_of_her_own_loses_nothing(alone: Rig, screen: Screen, wish: str) -> None:
    async with staged(alone, GERMAN) as page:
        await screen.show(page)
        await page.value(wish)
        assert await complaints(page.page, {**UNSEEN, "lineLength": 60}) == []


@pytest.mark.parametrize("screen", SCREENS, ids=str)
async def test_nothing_moves_for_whoever_wants_that(alone: Rig, screen: Screen) -> None:
    async with staged(alone, ENGLISH, reduced_motion="reduce") as page:
        await screen.show(page)
        assert await page.value("document.getAnimations().length") == 0


@pytest.mark.parametrize("size", [*DEVICES, *ZOOMED], ids=str)
async def test_hanging_up_is_not_where_the_large_button_was(alone: Rig, size: tuple[int, int]) -> None:
    """A later tap of a trembling hand does not end the call, wherever on the button it was.

    On a narrow screen it may make her louder or softer, which one more tap puts right.
    """
    async with staged(alone, GERMAN, viewport={"width": size[0], "height": size[1]}) as page:
        before = await page.value("document.querySelector('#talk').getBoundingClientRect().toJSON()")
        await talk(page)
        after = await page.value("document.querySelector('#hangup').getBoundingClientRect().toJSON()")
        assert not meet(before, after)


def meet(one: dict[str, Any], other: dict[str, Any]) -> bool:
    across: bool = one["left"] < other["right"] and other["left"] < one["right"]
    down: bool = one["top"] < other["bottom"] and other["top"] < one["bottom"]
    return across and down


async def test_the_measures_can_be_failed(alone: Rig) -> None:
    """A page that is as small, pale and narrow as others are is complained of."""
    async with staged(alone, ENGLISH) as page:
        await talk(page)
        await page.value("""{
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`
                button { min-height: 0 !important; height: 44px; border-color: transparent !important }
                #state { font-size: 12px !important; color: #999 !important }
                #controls { gap: 4px !important }
                .turn { max-width: none !important; white-space: nowrap }
                #captions { overflow: hidden !important; font-size: 20px !important }
            `);
            document.adoptedStyleSheets = [sheet];
        }""")
        found = " ".join(await complaints(page.page))
    for words in ("x 44 px", "stands out by", "px apart", "written in 12px", "contrast of", "a line of", "is cut off"):
        assert words in found, found
