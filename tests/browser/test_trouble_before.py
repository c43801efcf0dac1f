"""What keeps a call from beginning, in a real browser: each trouble is said, and there is a way out of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from browser import chromium
from browser.rig import NOWHERE, Rig, page_at
from granny.rehearsal.rig.program import free_port

if TYPE_CHECKING:  # the group `browser` is not everybody's
    from playwright.async_api import Browser, Route


async def test_a_microphone_that_is_not_allowed(here: Rig) -> None:
    """Nobody is called meanwhile, who would greet a caller that cannot answer."""
    before = len(here.granny.standin.connections)
    async with here.opened("anna", microphone=False) as page:
        await page.press("talk")
        await page.until_trouble("microphone-denied")
        assert await page.button() == page.words.button("try-again")
        assert len(here.granny.standin.connections) == before
        await page.page.context.grant_permissions(["microphone", "screen-wake-lock"])
        await page.page.reload()  # Chromium wants it after a permission was changed, and says so
        await page.until_state("ready")
        await page.call()
        assert await page.trouble() == ""


async def test_a_microphone_that_is_not_there(alone: Rig) -> None:
    async with chromium.chromium(None) as browser, alone.opened("anna", browser=browser) as page:
        await page.press("talk")
        await page.until_trouble("microphone-none")
        assert await page.button() == page.words.button("try-again")


async def test_a_microphone_that_another_program_has(here: Rig) -> None:
    async with here.visitor("anna") as page:
        await page.page.add_init_script("""
            const ask = navigator.mediaDevices.getUserMedia;
            let isBusy = true;
            navigator.mediaDevices.getUserMedia = async (...wishes) => {
                if (!isBusy) return ask(...wishes);
                isBusy = false;
                throw new DOMException("Could not start audio source", "NotReadableError");
            };
        """)
        await page.open(here.address("anna"))
        await page.press("talk")
        await page.until_trouble("microphone-busy")
        await page.call()


async def test_an_address_at_which_browsers_allow_no_microphone(alone: Rig, browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://{chromium.ELSEWHERE}:{port}"
    told = page_at(NOWHERE, alone.home, tmp_path, browser, GRANNY_PAGE_PORT=str(port), GRANNY_PAGE_URL=url)
    async with told as rig, rig.visitor("anna") as page:
        address = rig.address("anna", name=chromium.ELSEWHERE)
        await page.open(address)
        await page.until_trouble("insecure")
        assert await page.button() == page.words.button("try-again")
        await page.open(address.replace(chromium.ELSEWHERE, "127.0.0.1"))
        await page.until_state("ready")


async def test_a_link_that_has_been_revoked(here: Rig) -> None:
    """Before the page is opened, and while it lies open."""
    async with here.opened("berta") as page:
        assert here.links.revoke("berta")
        await page.press("talk")
        await page.until_trouble("link-unknown")
        assert await page.microphones() in ([], ["ended"])
        await page.page.reload()
        await page.until_trouble("link-unknown")
        await page.page.goto("about:blank")
        await page.open(here.address("berta"))
        await page.call()


async def test_no_link_at_all(alone: Rig) -> None:
    async with alone.visitor("anna") as page:
        await page.page.goto(alone.address().partition("#")[0])
        await page.until_trouble("link-missing")


async def test_a_link_is_kept_for_the_next_time(alone: Rig) -> None:
    """As when the page is opened by its bare address."""
    async with alone.opened("anna") as page:
        await page.page.goto("about:blank")
        await page.open(alone.address().partition("#")[0])
        await page.until_state("ready")
        assert await page.text("hello") == "Hello, Anna."


async def test_a_page_whose_server_is_gone(here: Rig) -> None:
    async with here.opened("anna") as page:
        await page.page.context.set_offline(True)
        await page.press("talk")
        await page.until_trouble("page-unreachable")
        assert await page.microphones() == ["ended"]
        await page.page.context.set_offline(False)
        await page.call()


async def test_a_livekit_server_that_is_not_there(alone: Rig) -> None:
    async with alone.opened("anna") as page:
        await page.press("talk")
        await page.until_trouble("livekit-unreachable")
        assert await page.microphones() in ([], ["ended"])


async def test_a_token_that_livekit_refuses(here: Rig) -> None:
    async def spoilt(route: Route) -> None:
        answer = await route.fetch()
        door: dict[str, Any] = await answer.json()
        door["participant_token"] = door["participant_token"][:-6] + "AAAAAA"
        await route.fulfill(response=answer, json=door)

    async with here.opened("anna") as page:
        await page.page.route("**/call", spoilt)
        await page.press("talk")
        await page.until_trouble("line-lost")
        assert await page.microphones() == ["ended"]
        await page.page.unroute("**/call")
        await page.call()


async def test_a_page_that_has_lain_open_for_an_hour(here: Rig) -> None:
    """Nothing that it holds has gone stale: whoever is called is called at the tap."""
    async with here.visitor("anna") as page:
        await page.page.clock.install()
        await page.open(here.address("anna"))
        await page.page.clock.fast_forward("01:00:00")
        await page.press("talk")
        await page.until_phase("talking")
        await page.until_caption("granny", "This is a rehearsal.")


async def test_a_browser_that_plays_nothing_before_a_tap(here: Rig) -> None:
    """None does so to a page that has the microphone, as far as is known; so one is made to."""
    async with here.visitor("anna") as page:
        await page.page.add_init_script("""
            const play = HTMLMediaElement.prototype.play;
            let isBlocked = true;
            addEventListener("click", ({ target }) => (isBlocked &&= target.id !== "mend"), true);
            HTMLMediaElement.prototype.play = function () {
                if (isBlocked) return Promise.reject(new DOMException("a tap is needed", "NotAllowedError"));
                return play.call(this);
            };
        """)
        await page.open(here.address("anna"))
        await page.press("talk")
        await page.until_trouble("sound-blocked")
        assert await page.text("mend") == page.words.button("hear")
        pressed_at = await page.now()
        await page.press("mend")
        await page.until_heard(after=pressed_at)
        assert await page.trouble() == ""
        assert await page.text("mend") == ""
