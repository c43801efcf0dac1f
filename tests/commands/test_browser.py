"""What the desktop's browser is told to open is good for nothing to whoever reads along."""

from __future__ import annotations

import asyncio
import webbrowser

import aiohttp
import pytest

from granny.commands._browser import show

ADDRESS = "http://127.0.0.1:8080/#secret-FAKE"


async def test_the_browser_is_sent_on_once_from_an_address_without_the_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, opened = asyncio.get_running_loop(), asyncio.Queue[str]()
    monkeypatch.setattr(webbrowser, "open", lambda url: loop.call_soon_threadsafe(opened.put_nowait, url))
    show(ADDRESS)
    url = await asyncio.wait_for(opened.get(), 10)
    assert "secret-FAKE" not in url
    async with aiohttp.ClientSession() as client:
        async with client.get(url + "x", allow_redirects=False) as guessed:
            assert (guessed.status, "Location" in guessed.headers) == (404, False)
        async with client.get(url, allow_redirects=False) as told:
            assert (told.status, told.headers["Location"]) == (303, ADDRESS)
        with pytest.raises(aiohttp.ClientError):
            await spent(client, url)


async def spent(client: aiohttp.ClientSession, url: str) -> None:
    """Until nobody answers there any more; meanwhile the word is good for nothing."""
    while True:
        async with client.get(url, allow_redirects=False) as again:
            assert again.status == 404
