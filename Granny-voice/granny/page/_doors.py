"""Who may ask, and what a browser may do with the answer: the page's names, and the headers of all it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from granny.config.settings import Settings

_HERE = ("127.0.0.1", "localhost", "[::1]")
"""This machine by the names that no web page of others can be under."""
_SAME = ("same-origin", "none")
_USUAL_PORTS = {"http": 80, "https": 443}
_PERMISSIONS = "microphone=(self), screen-wake-lock=(self), autoplay=(self), camera=(), geolocation=()"
_CLOUD = "https://*.livekit.cloud wss://*.livekit.cloud"
"""LiveKit Cloud moves a call to the nearest of its hosts."""


@dataclass(frozen=True, slots=True)
class Doors:
    """The names under which the page is itself; under any other it is somebody else's trick.

    Attributes:
        origins: the page's own, as a browser names them.
        to_cloud: whether calls go to LiveKit Cloud without the page between.
    """

    origins: tuple[str, ...]
    to_cloud: bool

    @classmethod
    def of(cls, settings: Settings, port: int, *, to_cloud: bool) -> Doors:
        """Those of a page with these settings, which has this port."""
        here = (f"http://{name}:{port}" for name in _HERE)
        origins = (settings.page_url, *here, settings.page_address)
        return cls(tuple(dict.fromkeys(filter(None, origins))), to_cloud)

    @property
    def hosts(self) -> frozenset[str]:
        """What a request may name as its host; the usual port may be said or left out."""
        return frozenset(host for origin in self.origins for host in _spellings(origin))

    @property
    def headers(self) -> Mapping[str, str]:
        """Of every answer."""
        return {
            "Content-Security-Policy": self._policy,
            "Permissions-Policy": _PERMISSIONS,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    def is_own(self, request: web.BaseRequest) -> bool:
        """Whether the request is to the page by one of its names; DNS rebinding comes by another."""
        return request.headers.get("Host", "").lower() in self.hosts

    def is_from_own(self, request: web.BaseRequest) -> bool:
        """Whether it is the page itself that asks, or no browser's page at all, as curl."""
        origin = request.headers.get("Origin")
        return request.headers.get("Sec-Fetch-Site", "none") in _SAME and (origin is None or origin in self.origins)

    @property
    def _policy(self) -> str:
        named = (origin for origin in self.origins if "[" not in origin)  # a policy has no word for such an address
        sockets = " ".join(origin.replace("http", "ws", 1) for origin in named)  # older Safaris' 'self' has none
        connect = f"'self' {sockets} {_CLOUD}" if self.to_cloud else f"'self' {sockets}"
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; manifest-src 'self'; "
            f"worker-src 'self'; connect-src {connect}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'"
        )


def _spellings(origin: str) -> tuple[str, ...]:
    parts = urlsplit(origin)
    usual = (f"{parts.netloc}:{_USUAL_PORTS[parts.scheme]}",) if parts.port is None else ()
    return (parts.netloc, *usual)
