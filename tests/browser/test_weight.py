"""What her page loads: little, and from nowhere else; seen in the browser's own log of the network."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from browser.rig import Rig

MOST = 200 * 1024
"""Bytes as they come over the network, all files of the page together."""


async def test_all_of_it_is_light_and_from_here(here: Rig) -> None:
    """From the first file to the end of a whole call."""
    sizes: dict[str, float] = {}
    async with here.visitor("anna") as page:
        network = await page.page.context.new_cdp_session(page.page)
        await network.send("Network.enable")

        def loaded(event: dict[str, Any]) -> None:
            sizes[event["requestId"]] = event["encodedDataLength"]

        network.on("Network.loadingFinished", loaded)
        await page.open(here.address("anna"))
        await page.call()
        await page.press("hangup")
        await page.until_state("hung-up")
        hosts = {urlsplit(address).netloc for address in page.asked}
    assert hosts == {f"127.0.0.1:{here.port}"}
    assert any(address.startswith("ws:") for address in page.asked)
    assert 50_000 < sum(sizes.values()) <= MOST
