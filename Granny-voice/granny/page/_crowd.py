"""How much one visitor may ask a second: an ordinary page load at once and more, and no flood."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import web

logger = logging.getLogger("granny.page")

AT_ONCE = 200.0
"""Requests; a page load has some thirty."""
A_SECOND = 20.0
_REMEMBERED = 10_000
_CUSTOMERS_BITS = 64
_MINUTE_SECONDS = 60.0
_FORWARDED = "X-Forwarded-For"

Proxies = Collection[IPv4Network | IPv6Network]


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Crowd:
    """Counts the requests of each visitor; of very many those who have asked nothing for the longest are forgotten.

    Args:
        proxies: as in `visitor`.
    """

    def __init__(self, proxies: Proxies) -> None:
        self._proxies = proxies
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def may_ask(self, request: web.BaseRequest) -> bool:
        """Whether this request is within what its visitor may ask."""
        now = time.monotonic()
        bucket = self._bucket(visitor(request, self._proxies), now)
        bucket.left = min(AT_ONCE, bucket.left + (now - bucket.at) * A_SECOND)
        bucket.at = now
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True

    def _bucket(self, name: str, now: float) -> _Bucket:
        bucket = self._buckets.setdefault(name, _Bucket(AT_ONCE, now))
        self._buckets.move_to_end(name)
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        return bucket


def visitor(request: web.BaseRequest, proxies: Proxies) -> str:
    """By what address somebody comes.

    A proxy says for whom it asks, in X-Forwarded-For, behind what it was told there itself. So that is read from its
    end, as long as it is a proxy that has said it; what stands before the first other may be anybody's invention.

    Args:
        request: the visitor's.
        proxies: who is believed, besides those on this machine.
    """
    said = ",".join(request.headers.getall(_FORWARDED, ())).split(",")
    nearest = None
    for hop in (request.remote or "", *reversed(said)):
        address = _address(hop.strip())
        nearest = address or nearest
        if not (address and _is_proxy(address, proxies)):
            break
    return _site(nearest)


def _is_proxy(address: IPv4Address | IPv6Address, proxies: Proxies) -> bool:
    return address.is_loopback or any(address in network for network in proxies)


class Tally:
    """Tells the log of what anybody may cause again and again, once a minute at the most."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._times, self._told_at = 0, -math.inf

    def count(self, **about: str) -> None:
        """It has happened once more; what is told about it is of this time."""
        self._times += 1
        now = time.monotonic()
        if now - self._told_at >= _MINUTE_SECONDS:
            logger.warning(self._words, extra={"times": self._times, **about})
            self._times, self._told_at = 0, now


def _address(text: str) -> IPv4Address | IPv6Address | None:
    with contextlib.suppress(ValueError):
        address = ip_address(text)
        return getattr(address, "ipv4_mapped", None) or address
    return None


def _site(address: IPv4Address | IPv6Address | None) -> str:
    """An address as it counts: of IPv6 the rest is for one customer to choose."""
    if isinstance(address, IPv6Address):
        return str(int(address) >> _CUSTOMERS_BITS)
    return str(address)
