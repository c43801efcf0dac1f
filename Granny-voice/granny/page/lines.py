"""What a line is, on which the page's calls go: by LiveKit, or from the page's own server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from aiohttp import web

from granny.store.link import Link

Who = Callable[[str], Awaitable["Link | None"]]
"""Whose link has this secret; None: nobody's, or it has been revoked.

Raises:
    StoreError, OSError: it cannot be told.
"""
Route = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Line(Protocol):
    """The way that calls go."""

    @property
    def name(self) -> str:
        """By which the site knows what to load for it."""

    @property
    def to_cloud(self) -> bool:
        """Whether the browser goes to LiveKit Cloud by itself."""

    @property
    def routes(self) -> Mapping[tuple[str, str], Route]:
        """What is asked of the page's server for it, by method and path."""

    def expect(self, link: Link) -> None:
        """Somebody has opened the page with this link, and may call at any moment."""
