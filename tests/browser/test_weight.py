"""What her page loads: little, and from nowhere else; seen in the browser's own log of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from browser.rig import Rig

if TYPE_CHECKING:  # the group `browser` is not everybody's
    from playwright.async_api import Request

MOST = 200 * 1024
"""Bytes of all files together, packed as they come over the network."""


async def test_all_of_it_is_light_and_from_here(here: Rig) -> None:
    """From the first file to the end of a whole call."""
    finished: list[Request] = []

    def keep(request: Request) -> None:
        finished.append(request)

    async with here.visitor("anna") as page:
        page.page.on("requestfinished", keep)
        await page.open(here.address("anna"))
        await page.call()
        await page.press("hangup")
        await page.until_state("hung-up")
        hosts = {urlsplit(address).netloc for address in page.asked}
        sizes = [(await request.sizes())["responseBodySize"] for request in finished]
    assert hosts == {f"127.0.0.1:{here.port}"}
    assert any(address.startswith("ws:") for address in page.asked)
    assert 100_000 < sum(sizes) <= MOST
