"""The main way in a second engine: called, greeted, written down, hung up, and the microphone is off again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from browser import firefox
from browser.her_page import HANG, TWO_TAPS, WITNESS
from browser.rig import Rig

pytestmark = pytest.mark.skipif(firefox.why_missing() is not None, reason=firefox.why_missing() or "")


async def test_a_call_in_firefox(here: Rig, tmp_path: Path) -> None:
    """Its microphone hears a tone without an end; so nobody's turn ends, and she is asked for no answer."""
    async with firefox.firefox(tmp_path) as tab:
        await tab.before_each_page(WITNESS.read_text(encoding="utf-8"))
        await tab.open(here.address("anna"))
        await until(tab, "document.querySelector('#page').dataset.phase === 'ready'")
        assert await tab.value("document.querySelector('#hello').innerText") == "Hello, Anna."
        await press(tab, "talk")
        await until(tab, "document.querySelector('#page').dataset.phase === 'talking'")
        await until(tab, "document.querySelector('[data-who=granny]')?.innerText.includes('This is')")
        await until(tab, "witness.energy().then((energy) => energy > 0.0001)")
        await asyncio.sleep(TWO_TAPS)
        await press(tab, "hangup")
        await until(tab, "document.querySelector('#state').dataset.state === 'hung-up'")
        assert await tab.value("witness.microphones.map((one) => one.readyState)") == ["ended"]
        assert await tab.value("witness.refused") == []


async def press(tab: firefox.Tab, button: str) -> None:
    box: dict[str, Any] = await tab.value(f"document.querySelector('#{button}').getBoundingClientRect().toJSON()")
    await tab.tap(box["left"] + box["width"] / 2, box["top"] + box["height"] / 2)


async def until(tab: firefox.Tab, expression: str) -> None:
    for _ in range(int(HANG * 5)):
        if await tab.value(expression):
            return
        await asyncio.sleep(0.2)
    shown = await tab.value("document.body.innerText")
    pytest.fail(f"it never became so: {expression}\n{shown}")
