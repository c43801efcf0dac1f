"""The page as a person meets it in a browser: what it says, what is heard, and what can be pressed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browser.words import Words

if TYPE_CHECKING:  # the group `browser` is not everybody's
    from playwright.async_api import Page

WITNESS = Path(__file__).with_name("witness.js")
HANG = 60.0
"""Seconds after which a test gives up."""
TWO_TAPS = 1.1
"""Seconds that the page wants between two of them; nearer ones are one tap."""
HEARD = "(rehearsal:"
"""How the stand-in begins to write down what it has heard."""
AUDIBLE = 0.01
"""RMS of what is played, of 1.0."""
_PAUSE = 0.7
"""Seconds; a silence this long ends a stretch of sound."""
_SHORTEST = 0.2


@dataclass(slots=True)
class HerPage:
    """One page in a browser of its own.

    Attributes:
        page: it, as Playwright has it.
        words: its sentences.
        asked: every address that it asked for, WebSockets too.
        errors: what its scripts did not catch, and what the console called an error.
    """

    page: Page
    words: Words
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _pressed_at: float = -TWO_TAPS

    def watch(self) -> None:
        """Keep what it asks for and what goes wrong in it."""
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda socket: self.asked.append(socket.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def open(self, address: str) -> None:
        """Go there, and wait until the page knows what to say."""
        await self.page.goto(address)
        await self.until_not("opening")

    async def press(self, button: str) -> None:
        """Press one of its buttons, by its id; so late that it is no second tap of a trembling hand."""
        await asyncio.sleep(self._pressed_at + TWO_TAPS - time.monotonic())
        await self.page.click(f"#{button}")
        self._pressed_at = time.monotonic()

    async def call(self) -> None:
        """Press the large button, and wait until she has greeted."""
        await self.press("talk")
        await self.until_heard()

    async def text(self, element: str) -> str:
        """What is to be read in an element, by its id; empty where it is not shown."""
        found = self.page.locator(f"#{element}")
        words: str = await found.inner_text() if await found.is_visible() else ""
        return words

    async def button(self) -> str:
        """What the large button says."""
        return await self.text("talk")

    async def value(self, expression: str) -> Any:
        """What a JavaScript expression is there; a function would be called."""
        return await self.page.evaluate(expression)

    async def phase(self) -> str:
        return str(await self.value("document.querySelector('#page').dataset.phase"))

    async def state(self) -> str:
        return str(await self.value("document.querySelector('#state').dataset.state"))

    async def trouble(self) -> str:
        return str(await self.value("document.querySelector('#trouble').dataset.trouble"))

    async def captions(self) -> list[tuple[str, str]]:
        """Who said what, oldest first."""
        turns = "[...document.querySelectorAll('#captions .turn')].map((turn) => [turn.dataset.who, turn.innerText])"
        return [(who, " ".join(text.split())) for who, text in await self.value(turns)]

    async def until_not(self, phase: str) -> None:
        async def is_so() -> bool:
            return await self.phase() != phase

        await self.until(is_so, f"another phase than {phase}")

    async def until_phase(self, phase: str) -> None:
        async def is_so() -> bool:
            return await self.phase() == phase

        await self.until(is_so, f"the phase {phase}")

    async def until_state(self, *names: str) -> None:
        """One of these states, and that its sentence is there to be read."""

        async def is_so() -> bool:
            state = await self.state()
            return state in names and self.words.state(state) in await self.text("state")

        await self.until(is_so, f"the state {' or '.join(names)}")

    async def until_trouble(self, slug: str) -> None:
        """This trouble, and that its sentences are there to be read."""

        async def is_so() -> bool:
            return await self.trouble() == slug and await self.says(*self.words.trouble(slug))

        await self.until(is_so, f"the trouble {slug}")

    async def says(self, *sentences: str) -> bool:
        """Whether all of them are to be read in the page's alert."""
        shown = " ".join((await self.text("trouble")).split())
        return all(sentence in shown for sentence in sentences)

    async def until_caption(self, who: str, words: str) -> None:
        async def is_so() -> bool:
            return any(speaker == who and words in text for speaker, text in await self.captions())

        await self.until(is_so, f"{who} saying {words}")

    async def now(self) -> float:
        """The page's own clock, in seconds, by which sounds are told."""
        return float(await self.value("performance.now() / 1000"))

    async def sounds(self, after: float = 0.0) -> list[tuple[float, float]]:
        """The stretches in which she was to be heard, from start to end."""
        levels = await self.value("witness.levels")
        return [span for span in _spans(levels) if span[0] >= after]

    async def loudness(self, after: float, until: float) -> float:
        """RMS of what was played while she was to be heard."""
        levels = [level for at, level in await self.value("witness.levels") if after <= at <= until and level > AUDIBLE]
        return float((sum(level**2 for level in levels) / len(levels)) ** 0.5) if levels else 0.0

    async def until_heard(self, after: float = 0.0) -> None:
        """She begins to be heard after a moment of the page's clock."""

        async def is_so() -> bool:
            return bool(await self.sounds(after))

        await self.until(is_so, "a sound of hers")

    async def until_answered(self) -> None:
        """The caller has asked something, and her answer is written down and heard."""
        await self.until_caption("caller", HEARD)
        await self.until_caption("granny", HEARD)
        answering_at = await self.now()

        async def is_so() -> bool:
            return any(end > answering_at for _, end in await self.sounds())

        await self.until(is_so, "the sound of her answer")

    async def until_quiet(self) -> None:
        """She has been heard, and is not any more."""

        async def is_so() -> bool:
            spans = await self.sounds()
            return bool(spans) and await self.now() - spans[-1][1] > _PAUSE

        await self.until(is_so, "the sound's end")

    async def microphones(self) -> list[str]:
        """The state of each microphone that the page has ever opened: live or ended."""
        return list(await self.value("witness.microphones.map((one) => one.readyState)"))

    async def until(self, is_so: Callable[[], Awaitable[bool]], what: str) -> None:
        deadline = time.monotonic() + HANG
        while time.monotonic() < deadline:
            if await is_so():
                return
            await asyncio.sleep(0.1)
        pytest.fail(f"not within {HANG:.0f} s: {what}\n{await self._evidence()}")

    async def _evidence(self) -> str:
        shown = await self.page.inner_text("body")
        where = f"phase {await self.phase()}, state {await self.state()}, trouble {await self.trouble()}"
        return f"{where}\n{shown}\n{self.errors}"


def _spans(levels: list[list[float]]) -> list[tuple[float, float]]:
    spans: list[tuple[float, float]] = []
    for at, level in levels:
        if level <= AUDIBLE:
            continue
        if spans and at - spans[-1][1] < _PAUSE:
            spans[-1] = (spans[-1][0], at)
        else:
            spans.append((at, at))
    return [(start, end) for start, end in spans if end - start >= _SHORTEST]
