"""LiveKit's answers to a request with a signed pass, told apart by the server's own words."""

from __future__ import annotations

from http import HTTPStatus

from granny import faults
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
    HTTPStatus.BAD_REQUEST: faults.LIVEKIT_NOT_LIVEKIT,
    HTTPStatus.NOT_FOUND: faults.LIVEKIT_NOT_LIVEKIT,
    HTTPStatus.METHOD_NOT_ALLOWED: faults.LIVEKIT_NOT_LIVEKIT,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: faults.PROXY_UNREACHABLE,
    HTTPStatus.REQUEST_TIMEOUT: faults.LIVEKIT_UNAVAILABLE,
    HTTPStatus.UPGRADE_REQUIRED: faults.LIVEKIT_NOT_LIVEKIT,
    HTTPStatus.TOO_MANY_REQUESTS: faults.LIVEKIT_UNAVAILABLE,
}
"""Statuses that speak for themselves; another 4xx is a refusal, a 5xx means unavailable."""

_REDIRECT, _REFUSAL, _TROUBLE = 3, 4, 5


def livekit_reply(status: int, body: str = "") -> Finding:
    """The fault of an HTTP answer other than 101 to the worker's `GET /agent`.

    Args:
        status: the HTTP status.
        body: the text of the answer; it may hold the secret, and nothing of it is kept.
    """
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return _refusal(status, body.strip().lower())
    fault = LIVEKIT_STATUSES.get(status) or _by_class(status)
    return fault.found(f"HTTP {status}", variable="LIVEKIT_URL")


def _refusal(status: int, words: str) -> Finding:
    for text, fault, variable in LIVEKIT_WORDS:
        if text in words:
            return fault.found(f"HTTP {status}: {text}", variable=variable)
    return faults.LIVEKIT_UNAUTHORIZED.found(f"HTTP {status}")


def _by_class(status: int) -> Fault:
    hundreds = status // 100
    if hundreds == _REDIRECT:
        return faults.LIVEKIT_REDIRECTS
    if hundreds == _REFUSAL:
        return faults.LIVEKIT_UNAUTHORIZED
    return faults.LIVEKIT_UNAVAILABLE if hundreds == _TROUBLE else faults.LIVEKIT_NOT_LIVEKIT
