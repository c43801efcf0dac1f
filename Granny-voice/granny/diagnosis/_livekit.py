"""LiveKit's answers to a request with a signed pass, told apart by the server's own words."""

from __future__ import annotations

from http import HTTPStatus

from granny import faults
from granny.diagnosis._senders import Headers, tunnel
from granny.faults import Fault, Finding

LIVEKIT_WORDS: tuple[tuple[str, Fault, str | None], ...] = (
    ("invalid api key", faults.LIVEKIT_KEY_UNKNOWN, "LIVEKIT_API_KEY"),
    ("signature is invalid", faults.LIVEKIT_SECRET_WRONG, "LIVEKIT_API_SECRET"),
    ("error in cryptographic primitive", faults.LIVEKIT_SECRET_WRONG, "LIVEKIT_API_SECRET"),
    ("token is not valid yet", faults.CLOCK_AHEAD, None),
    ("token not valid yet", faults.CLOCK_AHEAD, None),
    ("token is expired", faults.CLOCK_BEHIND, None),
)
"""Words of livekit-server 1.13.4, tried; it looks at the key first, then signature, time and grant."""

LIVEKIT_STATUSES: dict[int, Fault] = {
    HTTPStatus.SWITCHING_PROTOCOLS: faults.LIVEKIT_NOT_LIVEKIT,
    HTTPStatus.BAD_REQUEST: faults.LIVEKIT_NOT_LIVEKIT,
    HTTPStatus.NOT_FOUND: faults.LIVEKIT_NOT_LIVEKIT,
    HTTPStatus.METHOD_NOT_ALLOWED: faults.LIVEKIT_NOT_LIVEKIT,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: faults.PROXY_UNREACHABLE,
    HTTPStatus.REQUEST_TIMEOUT: faults.LIVEKIT_UNAVAILABLE,
    HTTPStatus.UPGRADE_REQUIRED: faults.LIVEKIT_NOT_LIVEKIT,
    HTTPStatus.TOO_MANY_REQUESTS: faults.LIVEKIT_UNAVAILABLE,
}
"""Statuses that speak for themselves; another 4xx is a refusal, a 5xx means unavailable."""

LIVEKIT_CLOUD = ".livekit.cloud"
_RATE_LIMIT = "rate limit"
"""LiveKit Cloud bounds requests a minute, too; everything else that it answers 429 to is the plan's.

Sources: https://docs.livekit.io/deploy/admin/quotas-and-limits/, https://github.com/element-hq/element-call/issues/2998.
"""

_REDIRECT, _REFUSAL, _TROUBLE = 3, 4, 5


def livekit_reply(status: int, body: str, *, headers: Headers | None = None, host: str = "") -> Finding:
    """The fault of an HTTP answer to the worker's `GET /agent`; a right 101 is none.

    Args:
        status: the HTTP status.
        body: the text of the answer; it may hold the secret, and nothing of it is kept.
        headers: of the answer; they tell whether a tunnel spoke, and not LiveKit.
        host: that was asked.
    """
    words = body.strip().lower()
    if known := _known_refusal(status, words):
        return known
    if whose := tunnel(status, body, headers):
        return faults.TUNNEL_PAGE.found(f"HTTP {status}, {whose}", variable="LIVEKIT_URL")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return faults.LIVEKIT_UNAUTHORIZED.found(f"HTTP {status}")
    if status == HTTPStatus.TOO_MANY_REQUESTS and host.endswith(LIVEKIT_CLOUD) and _RATE_LIMIT not in words:
        return faults.LIVEKIT_QUOTA.found(f"HTTP {status} from LiveKit Cloud", variable="LIVEKIT_URL")
    fault = LIVEKIT_STATUSES.get(status) or _by_class(status)
    unproved = ", and no right Sec-WebSocket-Accept" if status == HTTPStatus.SWITCHING_PROTOCOLS else ""
    return fault.found(f"HTTP {status}{unproved}", variable="LIVEKIT_URL")


def _known_refusal(status: int, words: str) -> Finding | None:
    if status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return None
    for text, fault, variable in LIVEKIT_WORDS:
        if text in words:
            return fault.found(f"HTTP {status}: {text}", variable=variable)
    return None


def _by_class(status: int) -> Fault:
    hundreds = status // 100
    if hundreds == _REDIRECT:
        return faults.LIVEKIT_REDIRECTS
    if hundreds == _REFUSAL:
        return faults.LIVEKIT_UNAUTHORIZED
    return faults.LIVEKIT_UNAVAILABLE if hundreds == _TROUBLE else faults.LIVEKIT_NOT_LIVEKIT
