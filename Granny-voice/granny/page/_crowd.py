"""How much one visitor may ask a second: an ordinary page load at once and more, and no flood."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from aiohttp import web

logger = logging.getLogger("granny.page")

AT_ONCE = 200.0
"""Requests; a page load has some thirty."""
A_SECOND = 20.0
_REMEMBERED = 10_000
_CUSTOMERS_BITS = 64
_MINUTE_SECONDS = 60.0


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Crowd:
    """Counts the requests of each visitor; of very many those who have asked nothing for the longest are forgotten."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def may_ask(self, request: web.BaseRequest) -> bool:
        """Whether this request is within what its visitor may ask."""
        now = time.monotonic()
        bucket = self._bucket(visitor(request), now)
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


def visitor(request: web.BaseRequest) -> str:
    """By what address somebody comes: a proxy's own network says for whom it asks, last in X-Forwarded-For.

    What stands before the last may be anybody's invention.
    """
    peer = _address(request.remote or "")
    if peer and peer.is_global:
        return _site(peer)
    behind = _address(request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip())
    return _site(behind or peer)


class Tally:
    """Tells the log of what anybody may cause, once a minute at the most."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._times, self._told_at = 0, -math.inf

    def count(self) -> None:
        """It has happened once more."""
        self._times += 1
        now = time.monotonic()
        if now - self._told_at >= _MINUTE_SECONDS:
            logger.warning(self._words, extra={"times": self._times})
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
