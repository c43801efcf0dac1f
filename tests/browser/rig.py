"""What a browser test needs: her page's server, people with links, a browser, and a house where she is to speak."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from browser.her_page import WITNESS, HerPage
from browser.words import Words
from calls.house import House, house_at
from calls.serving import KEY
from calls.stage import short_greeting, unhurried
from family import with_people
from granny.config.settings import Settings
from granny.page.link_book import LinkBook
from granny.page.livekit_line import livekit_line
from granny.page.server import House as Page
from granny.page.server import serving
from granny.people import People
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.rig.livekit_server import PROGRAM, LiveKit
from granny.store.links import Links
from keeping import links_in

if TYPE_CHECKING:  # the group `browser` is not everybody's
    from playwright.async_api import Browser

TABLET = {"width": 768, "height": 1024}
PEOPLE = {
    "anna": 'called = "Anna"\nlanguage = "en"\nnotes = "She grows roses."\n',
    "berta": 'called = "Berta"\nlanguage = "de"\ngranny = "Oma"\nnotes = "She plays the organ."\n',
}
NAMES = {"anna": ("en", "Granny"), "berta": ("de", "Oma")}
NOWHERE = LiveKit("ws://127.0.0.1:9", "devkey", "secret")
"""Port 9 is nobody's."""


@dataclass(frozen=True, slots=True)
class Rig:
    """Her page, as it is served; and the house, if there is one, in which she is.

    Attributes:
        port: the page's.
        links: whom it lets in.
        browser: Chromium.
        home: Granny's folder, with the people's files.
    """

    port: int
    links: Links
    browser: Browser
    home: Path
    house: House | None = None

    @property
    def granny(self) -> House:
        """The house in which she is."""
        assert self.house
        return self.house

    def address(self, person: str = "anna", *, name: str = "127.0.0.1") -> str:
        """A new link of somebody's."""
        return f"http://{name}:{self.port}/#{self.links.make(person)}"

    @contextlib.asynccontextmanager
    async def visitor(
        self, person: str = "anna", *, browser: Browser | None = None, microphone: bool = True, **kind: Any
    ) -> AsyncIterator[HerPage]:
        """Somebody with a browser window of her own, and nothing opened in it.

        Args:
            person: whose page it is to be.
            browser: another than the usual one.
            microphone: whether its use is permitted.
            **kind: what the device is like, as `browser.new_context` has it.
        """
        permissions = ["screen-wake-lock", *(["microphone"] if microphone else [])]
        made = {"viewport": TABLET, "permissions": permissions, **kind}
        context = await (browser or self.browser).new_context(**made)
        try:
            await context.add_init_script(path=WITNESS)
            page = HerPage(await context.new_page(), Words.of(*NAMES[person]))
            page.watch()
            yield page
        finally:
            await context.close()

    @contextlib.asynccontextmanager
    async def opened(self, person: str = "anna", **kind: Any) -> AsyncIterator[HerPage]:
        """The same, and her own page is open."""
        async with self.visitor(person, **kind) as page:
            await page.open(self.address(person))
            yield page


@contextlib.asynccontextmanager
async def page_at(
    livekit: LiveKit, home: Path, folder: Path, browser: Browser, *, house: House | None = None, **settings: str
) -> AsyncIterator[Rig]:
    """Her page's server for a LiveKit server, on any free port."""
    links = links_in(folder / "data")
    told = {
        "OPENAI_API_KEY": KEY,
        "GRANNY_DATA_FOLDER": str(folder / "data"),
        "GRANNY_PAGE_PORT": "0",
        **livekit.environment,
        **settings,
    }
    own = Settings.model_validate(told)
    people, who = People.read(home / "people"), LinkBook(own).holder
    async with (
        livekit_line(own, who) as line,
        serving(Page(own, people, who, line)) as port,
    ):
        yield Rig(port, links, browser, home, house)


@contextlib.asynccontextmanager
async def rig_at(livekit: LiveKit, home: Path, folder: Path, browser: Browser, **settings: str) -> AsyncIterator[Rig]:
    """The same with her in the house; the machine may be as busy as it likes."""
    own = with_people(home, folder / "Granny-voice", PEOPLE)
    ours = {"PYTHONPATH": str(own), **settings}
    async with (
        house_at(livekit, unhurried(folder), folder, Manner(greeting=short_greeting()), **ours) as house,
        page_at(livekit, own, folder, browser, house=house, **settings) as rig,
    ):
        yield rig


def livekit_process(livekit: LiveKit) -> psutil.Process:
    """The LiveKit server that was started for a test, to be frozen or killed."""
    port = livekit.url.rpartition(":")[2]
    (found,) = (
        one
        for one in psutil.Process().children()
        if one.name() == PROGRAM and f"port: {port}\n" in one.environ().get("LIVEKIT_CONFIG", "")
    )
    return found
