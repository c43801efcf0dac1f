"""Her page as it is served, and whoever visits it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

import aiohttp

from granny.config.settings import Settings
from granny.page.lines import Line, Route
from granny.page.server import House, serving
from granny.people import People
from granny.store.link import Link
from keeping import by_heart

Socket = aiohttp.ClientWebSocketResponse[bool]
SECRET = "anna-FAKE-secret-of-a-link"
ANNA = Link("00c0ffee", "anna", datetime(2026, 1, 1, tzinfo=timezone.utc))
OUTSIDE = "https://granny.example"


def settings(**more: str) -> Settings:
    given = {"OPENAI_API_KEY": "sk-proj-" + "FAKE" * 10, "GRANNY_PAGE_PORT": "0", "GRANNY_PAGE_URL": OUTSIDE}
    return Settings.model_validate(given | more)


@dataclass
class IdleLine:
    """A line on which nobody calls."""

    name: str = "idle"
    to_cloud: bool = False
    routes: Mapping[tuple[str, str], Route] = field(default_factory=dict)
    expected: list[Link] = field(default_factory=list)

    def expect(self, link: Link) -> None:
        self.expected.append(link)


@dataclass
class Visitor:
    """Somebody at the page's port.

    Attributes:
        port: the page's.
        links: those that are good, by their secrets; may be changed while the page is served.
    """

    port: int
    links: dict[str, Link]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def ask(
        self, method: str, path: str, *, secret: str | None = None, body: bytes = b"", **headers: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        """An answer's status, headers and body, not unpacked."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if secret is not None:
            sent["Authorization"] = f"Bearer {secret}"
        if method == "POST":
            sent.setdefault("Content-Type", "application/json")
        async with (
            aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=["Accept-Encoding"]) as client,
            client.request(method, self.origin + path, headers=sent, data=body or None) as answer,
        ):
            return answer.status, answer.headers, await answer.read()

    async def said(self, words: bytes) -> bytes:
        """All that the server says to these words, until it hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        with contextlib.suppress(ConnectionError):
            writer.write(words)
            return await reader.read()
        writer.close()
        return b""

    def joining(self, token: str, path: str = "/lk/rtc/v1", **headers: str) -> AbstractAsyncContextManager[Socket]:
        """A browser's connection to LiveKit through the page; one that is refused is an `aiohttp.ClientError`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._joining(f"{self.origin}{path}?access_token={token}&join_request=x", sent)

    @contextlib.asynccontextmanager
    async def _joining(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[Socket]:
        async with aiohttp.ClientSession() as client, client.ws_connect(url, headers=headers) as socket:
            yield socket


@contextlib.asynccontextmanager
async def visited(
    line: Line,
    variables: Mapping[str, str] | None = None,
    *,
    links: dict[str, Link] | None = None,
    people: Path | None = None,
    rehearsal: bool = False,
) -> AsyncIterator[Visitor]:
    """The page with one link, Anna's, or with these."""
    links = {SECRET: ANNA} if links is None else links
    house = House(
        settings(**(variables or {})),
        People.read(people or Path("nowhere")),
        by_heart(links),
        line,
        is_rehearsal=rehearsal,
    )
    async with serving(house) as port:
        yield Visitor(port, links)
