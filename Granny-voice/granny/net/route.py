"""Which way requests take: through which proxy, and whom they trust; the worker's own way, for the check-up too."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from granny import faults
from granny.diagnosis import Peer, network_finding
from granny.faults import Finding

if TYPE_CHECKING:  # pydantic is slow to import, and not needed here
    from granny.config.settings import Settings

_CLEAR = ("ws", "http")
_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy and the variable that names it; its address may hold a password."""

    variable: str
    address: str = field(repr=False)

    @property
    def is_usable(self) -> bool:
        """Whether aiohttp can use the address."""
        return bool(self._parts and self._parts.scheme in _USUAL_PORTS and self._parts.hostname)

    def is_host_of(self, error: BaseException) -> bool:
        """Whether it was the proxy itself that could not be reached; aiohttp's errors say whom they are about."""
        parts = self._parts
        if not parts:
            return False
        mine = (parts.hostname, parts.port or _USUAL_PORTS.get(parts.scheme))
        return mine == (getattr(error, "host", None), getattr(error, "port", None))

    @property
    def _parts(self) -> SplitResult | None:
        with contextlib.suppress(ValueError):
            parts = urlsplit(self.address)
            _ = parts.port  # a port that is no number is found out here
            return parts
        return None


@dataclass(frozen=True, slots=True)
class Way:
    """How a server is reached.

    Attributes:
        proxy: None where there is none.
        cert_file: SSL_CERT_FILE.
        cert_folder: SSL_CERT_DIR.
    """

    proxy: Proxy | None = None
    cert_file: str | None = None
    cert_folder: str | None = None

    @property
    def in_words(self) -> str:
        """What a report adds to an answer that came this way."""
        return f", through the proxy in {self.proxy.variable}" if self.proxy else ""

    def proxy_fault(self) -> Finding | None:
        """The finding of a proxy whose address cannot be used at all."""
        if self.proxy is None or self.proxy.is_usable:
            return None
        evidence = "its value is no address that begins with http://"
        return faults.PROXY_UNREACHABLE.found(evidence, variable=self.proxy.variable)

    def finding(self, error: BaseException, peer: Peer) -> Finding:
        """What kept us from the peer: where a proxy is in use, that is the first to be suspected."""
        met = _suspected(peer, everywhere=self.proxy.is_host_of(error)) if self.proxy else peer
        found = network_finding(error, met)
        if found is None:
            found = met.unreachable.found(f"connection failed: {type(error).__name__}", variable=met.variable)
        return self.named(found)

    def may_have_answered(self, url: str) -> bool:
        """Whether an HTTP answer may be the proxy's own: it can put its words in where nothing is encrypted."""
        return self.proxy is not None and urlsplit(url).scheme in _CLEAR

    def refused(self, finding: Finding) -> Finding:
        """A refusal in nobody's known words: the proxy's, for a proxy refuses so who may not use it."""
        return self.named(faults.PROXY_UNREACHABLE.found(f"{finding.evidence}, and not in the words of the server"))

    def named(self, finding: Finding) -> Finding:
        """The finding with the proxy's variable, if it is about the proxy."""
        if self.proxy is None or finding.fault is not faults.PROXY_UNREACHABLE:
            return finding
        return replace(finding, variable=self.proxy.variable)


def way_of(settings: Settings) -> Way:
    """The way that the worker and its calls take; NO_PROXY and the names in small letters have no effect on it.

    Source: `AgentServer.__init__` and `http_context` of livekit-agents 1.8.9.
    """
    named = (("HTTPS_PROXY", settings.https_proxy), ("HTTP_PROXY", settings.http_proxy))
    proxy = next((Proxy(name, address) for name, address in named if address), None)
    return Way(proxy, settings.ssl_cert_file, settings.ssl_cert_dir)


def _suspected(peer: Peer, *, everywhere: bool) -> Peer:
    """The peer as it looks from behind a proxy.

    A connection that does not come about, or is cut, is the proxy's; a certificate and a silence may be the peer's,
    unless the error says that it was the proxy that could not be reached.
    """
    it = faults.PROXY_UNREACHABLE
    cut = replace(peer, host_unknown=it, refused=it, unreachable=it, broken_off=it, tls_mismatch=it, not_theirs=it)
    return replace(cut, silent=it, certificate=it) if everywhere else cut
