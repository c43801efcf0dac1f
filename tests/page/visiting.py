"""Her page as it is served, and whoever visits it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from granny.config.settings import Settings
from granny.page.lines import Line, Route
from granny.page.server import House, serving
from granny.people import People
from granny.people.links import Link

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


@contextlib.asynccontextmanager
async def visited(
    line: Line, *, people: Path | None = None, rehearsal: bool = False, **more: str
) -> AsyncIterator[Visitor]:
    """The page with one link, Anna's."""
    links = {SECRET: ANNA}
    house = House(settings(**more), People.read(people or Path("nowhere")), links.get, line, is_rehearsal=rehearsal)
    async with serving(house) as port:
        yield Visitor(port, links)


async def never(_: web.BaseRequest) -> Any:
    """A route that must not be reached."""
    raise AssertionError
