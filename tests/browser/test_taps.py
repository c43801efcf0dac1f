"""What a tap begins at once: the line is opened beside a microphone that is sure to open."""

from __future__ import annotations

from browser.her_page import HerPage
from browser.rig import Rig
from browser.screens import staged

_SLOW_MICROPHONE = """
navigator.mediaDevices.getUserMedia = () => new Promise((_, refuse) => {
  globalThis.refuseMicrophone = () => refuse(new DOMException("", "NotReadableError"));
})"""
"""A tablet's takes some tenths of a second; this one as long as the test likes."""


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
