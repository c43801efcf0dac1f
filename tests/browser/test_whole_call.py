"""A whole call on her page in a real browser: tapped, greeted, answered, hung up, and the microphone is off again."""

from __future__ import annotations

import asyncio
from array import array
from dataclasses import replace

import pytest

from browser.her_page import TWO_TAPS, HerPage
from browser.rig import Rig
from calls.stage import short_greeting
from granny.rehearsal.openai.voice import Recording

GREETING = "This is a rehearsal."


async def test_she_is_called_with_one_tap_greets_answers_and_is_hung_up_on(here: Rig) -> None:
    async with here.opened("anna") as page:
        assert await page.text("hello") == "Hello, Anna."
        assert await page.button() == page.words.button("talk")
        assert await page.microphones() == []
        await page.press("talk")
        await page.until_phase("talking")
        await page.until_heard()
        await page.until_caption("granny", GREETING)
        await page.until_answered()
        assert [who for who, _ in await page.captions()] == ["granny", "caller", "granny"]
        assert await page.microphones() == ["live"]
        await page.press("hangup")
        await page.until_state("hung-up")
        assert await page.microphones() == ["ended"]
        assert await page.button() == page.words.button("call-again")
        assert await page.trouble() == ""
    await here.granny.until(lambda: not here.granny.standin.open_connections, "the end of the talk with OpenAI")
    assert page.errors == []


async def test_she_can_be_called_again_after_a_call(here: Rig) -> None:
    async with here.opened("anna") as page:
        await page.call()
        await page.press("hangup")
        await page.until_state("hung-up")
        again_at = await page.now()
        await page.press("talk")
        await page.until_heard(after=again_at)
        assert await page.microphones() == ["ended", "live"]
        await page.until_caption("granny", GREETING)
        assert [who for who, _ in await page.captions()] == ["granny"]


async def test_whoever_leaves_the_page_has_hung_up(here: Rig) -> None:
    async with here.opened("anna") as page:
        await page.call()
        await page.page.goto("about:blank")
        await here.granny.until(lambda: not here.granny.standin.open_connections, "the end of the talk with OpenAI")


async def test_a_trembling_hand_that_taps_twice_makes_one_call(here: Rig) -> None:
    async with here.opened("anna") as page:
        await page.page.dblclick("#talk")
        await page.until_heard()
        await page.until_quiet()
        assert len([address for address in page.asked if address.endswith("/call")]) == 1
        assert await page.phase() == "talking"


async def test_a_second_tap_where_talk_was_hits_nothing(here: Rig) -> None:
    async with here.opened("anna") as page:
        box = await page.page.locator("#talk").bounding_box()
        assert box
        await page.call()
        await asyncio.sleep(TWO_TAPS)
        await page.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await asyncio.sleep(0.3)
        assert await page.phase() == "talking"


async def test_louder_is_louder_and_is_kept_for_the_next_call(here: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A voice that is loud by itself is held back before it crackles; so a soft one is heard here."""
    standin, greeting = here.granny.standin, short_greeting()
    soft_greeting = Recording.of(softened(greeting.pcm), greeting.transcript)
    monkeypatch.setattr(standin, "_manner", replace(standin._manner, greeting=soft_greeting))
    async with here.opened("anna") as page:
        soft = await greeting_loudness(page)
        await louder(page, 3)
        assert await page.text("headphones") == page.words.sentences["headphones"]
        await page.press("hangup")
        await page.until_state("hung-up")
        loud = await greeting_loudness(page)
    assert loud / soft == pytest.approx(3.0, rel=0.25)


def softened(pcm: bytes) -> bytes:
    """A quarter as loud."""
    return array("h", (sample // 4 for sample in array("h", pcm))).tobytes()


async def louder(page: HerPage, steps: int) -> None:
    for _ in range(steps):
        await page.press("louder")


async def greeting_loudness(page: HerPage) -> float:
    """Of the greeting, which is the same in every call."""
    began = await page.now()
    await page.press("talk")
    await page.until_heard(after=began)
    await page.until_quiet()
    return await page.loudness(began, await page.now())


async def test_the_screen_stays_on_during_a_call_and_not_after(here: Rig) -> None:
    async with here.visitor("anna") as page:
        await page.page.add_init_script("""
            globalThis.locks = [];
            const request = navigator.wakeLock.request.bind(navigator.wakeLock);
            navigator.wakeLock.request = async (kind) => {
                const lock = await request(kind);
                locks.push(lock);
                return lock;
            };
        """)
        await page.open(here.address("anna"))
        await page.call()
        assert await page.value("locks.map((one) => one.released)") == [False]
        await page.press("hangup")
        await page.until_state("hung-up")
        await asyncio.sleep(0.2)
        assert await page.value("locks.map((one) => one.released)") == [True]
