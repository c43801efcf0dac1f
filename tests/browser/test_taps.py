"""What a tap begins at once: the line is opened beside a microphone that is sure to open."""

from __future__ import annotations

import asyncio

import pytest

from browser.her_page import TWO_TAPS, HerPage
from browser.rig import Rig
from browser.screens import staged

_SLOW_MICROPHONE = """
navigator.mediaDevices.getUserMedia = () => new Promise((_, refuse) => {
  globalThis.refuseMicrophone = () => refuse(new DOMException("", "NotReadableError"));
})"""
"""A tablet's takes some tenths of a second; this one as long as the test likes."""

_LONG_PRESS = 2.0
"""Seconds: longer than she takes to come."""
_LOUDER_THAN_THE_RING = 0.1


async def line_is(page: HerPage, state: str) -> None:
    async def is_so() -> bool:
        return bool(await page.value(f"globalThis.line?.{state} === true"))

    await page.until(is_so, f"a line that {state}")


async def test_the_line_is_opened_while_an_allowed_microphone_still_opens(alone: Rig) -> None:
    async with staged(alone) as page:
        await page.value(f"void ({_SLOW_MICROPHONE})")
        await page.press("talk")
        await line_is(page, "isOpen")


async def test_a_microphone_that_will_not_open_after_all_closes_the_line(alone: Rig) -> None:
    async with staged(alone) as page:
        await page.value(f"void ({_SLOW_MICROPHONE})")
        await page.press("talk")
        await line_is(page, "isOpen")
        await page.value("refuseMicrophone()")
        await line_is(page, "isClosed")
        await page.until_trouble("microphone-busy")


async def greeted(page: HerPage, since: float) -> int:
    """How often of twenty times a second she was heard loudly, until she had greeted."""
    await page.until_heard(after=since)
    await page.until_quiet()
    return sum(at > since and level > _LOUDER_THAN_THE_RING for at, level in await page.value("witness.levels"))


async def test_a_finger_that_stays_on_the_button_hears_her_whole_greeting_once_it_lets_go(here: Rig) -> None:
    async with here.opened("anna") as page:
        began = await page.now()
        await page.press("talk")
        usual = await greeted(page, began)
        await page.press("hangup")
        await page.until_phase("ready")
        await asyncio.sleep(TWO_TAPS)
        await page.page.hover("#talk")
        pressed = await page.now()
        await page.page.mouse.down()
        await asyncio.sleep(_LONG_PRESS)
        assert await page.sounds(after=pressed) == []
        await page.page.mouse.up()
        assert await greeted(page, pressed) == pytest.approx(usual, abs=4)
