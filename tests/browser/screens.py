"""Every screen of her page, shown without a call: a staged line says what happens, and all else is the page's own."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from browser.her_page import HerPage
from browser.rig import Rig
from browser.words import Words

_STAGED = Path(__file__).with_name("staged_line.js")
TALK = (
    ("granny", "Good morning, Anna. It is good to hear you. Did you sleep well?"),
    ("caller", "Well enough. The roses are out, the first ones by the wall."),
    ("granny", "Oh, how lovely! Are they the red ones that Karl planted for you?"),
)
LONG_TALK = (
    ("granny", "Guten Morgen! Haben Sie die Geschwindigkeitsbegrenzungsschilder an der Donaudampfschifffahrt gesehen?"),
    ("caller", "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz!"),
) * 3


@dataclass(frozen=True, slots=True)
class Guise:
    """For whom a page is shown: a language, Granny's name and the caller's, and whether it is a rehearsal."""

    language: str
    granny: str
    called: str
    rehearsal: bool = False

    def __str__(self) -> str:
        return f"{self.language} for {self.called}"


ENGLISH = Guise("en", "Granny", "Anna")
GERMAN = Guise("de", "Oma", "Berta")
LONG = Guise("de", "Großmutter Wilhelmine", "Anneliese-Friederike", rehearsal=True)
"""The longest language, with names as long as they get."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen, and how it comes about once the page is open."""

    name: str
    show: Callable[[HerPage], Awaitable[None]]

    def __str__(self) -> str:
        return self.name


@contextlib.asynccontextmanager
async def staged(rig: Rig, guise: Guise = ENGLISH, **kind: Any) -> AsyncIterator[HerPage]:
    """A page for somebody, whose calls are staged."""
    async with rig.visitor("anna", **kind) as page:
        page.words = Words.of(guise.language, guise.granny)
        hello = {**asdict(guise), "line": "livekit"}
        await page.page.route("**/hello", lambda route: route.fulfill(json=hello))
        await stage(page)
        await page.open(rig.address())
        yield page


async def stage(page: HerPage) -> None:
    """From now on its calls are staged."""
    await page.page.route("**/livekit_line.js", lambda route: route.fulfill(path=_STAGED))
    await page.page.route("**/call", lambda route: route.fulfill(status=201, json={}))


async def tell(page: HerPage, event: str, **detail: object) -> None:
    """Something happens on the staged line."""
    await page.value(f"line.tell({json.dumps(event)}, {json.dumps(detail)})")


async def talk(page: HerPage, turns: Sequence[tuple[str, str]] = LONG_TALK) -> None:
    """Call her, and hear her say this."""
    await calling(page)
    await tell(page, "agent")
    await tell(page, "state", state="listening")
    for number, (who, text) in enumerate(turns):
        await tell(page, "caption", who=who, id=str(number), text=text, final=True)
    await page.until_phase("talking")


async def calling(page: HerPage) -> None:
    """Call her; she is not there yet."""
    await page.press("talk")
    await page.until_phase("calling")
    await page.until(lambda: page.value("globalThis.line?.loudspeaker !== undefined"), "the staged line")


async def _nothing(_: HerPage) -> None:
    pass


async def _asking(page: HerPage) -> None:
    await page.value("void (navigator.mediaDevices.getUserMedia = () => new Promise(() => {}))")
    await page.press("talk")
    await page.until_state("asking")


async def _waiting(page: HerPage) -> None:
    await calling(page)
    await tell(page, "state", state="waiting")


async def _interrupted(page: HerPage) -> None:
    await talk(page)
    await tell(page, "reconnecting")
    await page.until_state("interrupted")


async def _blocked(page: HerPage) -> None:
    await talk(page)
    await page.value("void line.loudspeaker.dispatchEvent(new Event('blocked'))")
    await page.until_trouble("sound-blocked")


async def _lost(page: HerPage) -> None:
    await talk(page)
    await page.value("""{
        navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("taken", "NotReadableError"); };
        witness.microphones[0].dispatchEvent(new Event("ended"));
    }""")
    await page.until_trouble("microphone-lost")


async def _loudest(page: HerPage) -> None:
    await page.value("localStorage.setItem('granny.loudness', '3')")
    await page.page.reload()
    await page.until_not("opening")
    await talk(page)


async def _hung_up(page: HerPage) -> None:
    await talk(page)
    await page.press("hangup")
    await page.until_state("hung-up")


async def _ended(page: HerPage) -> None:
    await talk(page)
    await tell(page, "closed", reason="ended")
    await page.until_state("ended")


async def trouble_within(page: HerPage, slug: str) -> None:
    """A call goes on, and this is wrong."""
    await tell(page, "fault", slug=slug, ends=slug not in PASSING)
    await page.until_trouble(slug)


async def trouble_instead(page: HerPage, slug: str) -> None:
    """A page that is opened anew, on which no call comes about."""
    await page.page.reload()
    await page.until_not("opening")
    await page.value(f"void (globalThis.refusal = {json.dumps(slug)})")
    await page.press("talk")
    await page.until_trouble(slug)


PASSING = ("nobody-yet", "job-died", "call-no-answer", "call-deaf")
"""What the caller can help with, or wait for."""
SCREENS = (
    Screen("ready", _nothing),
    Screen("asking for the microphone", _asking),
    Screen("calling", calling),
    Screen("waiting while she talks to somebody else", _waiting),
    Screen("talking", talk),
    Screen("as loud as can be", _loudest),
    Screen("interrupted", _interrupted),
    Screen("sound blocked", _blocked),
    Screen("microphone lost", _lost),
    Screen("hung up", _hung_up),
    Screen("ended", _ended),
)
TROUBLES = tuple(Words.of("en").troubles)
