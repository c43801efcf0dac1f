"""What the page's server and the site say to each other: the secret that comes, and the faults that go."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from granny.page._crowd import Tally
from granny.page.lines import Route, Who
from granny.store.link import Kind, Link
from granny.store.trouble import StoreError

LINK_UNKNOWN = "link-unknown"
"""There is no such link, or not any more."""
LINKS_UNREADABLE = "links-unreadable"
"""It cannot be told at the moment whose link it is."""
TOO_MANY_CALLS = "too-many-calls"
LIVEKIT_UNREACHABLE = "livekit-unreachable"

_STATUSES = {
    LINK_UNKNOWN: HTTPStatus.FORBIDDEN,
    LINKS_UNREADABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    TOO_MANY_CALLS: HTTPStatus.TOO_MANY_REQUESTS,
    LIVEKIT_UNREACHABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
_BEARER = "Bearer "
_LONGEST_BODY = 4096

logger = logging.getLogger("granny.page")


def refusal(fault: str) -> web.Response:
    """The answer to what cannot be, in the word for which the site has a sentence."""
    return web.json_response({"fault": fault}, status=_STATUSES[fault])


def door(request: web.BaseRequest, token: str, *, path: str = "", elsewhere: str = "") -> web.Response:
    """Where the browser goes, and with what: LiveKit's standard answer to whoever wants a token.

    Args:
        request: the browser's.
        token: what lets it in.
        path: of the page's own, by the name under which the browser knows the page.
        elsewhere: another server's address, in place of that.
    """
    origin = request.headers.get("Origin") or f"{request.scheme}://{request.host}"
    address = elsewhere or origin + path
    told = {"server_url": re.sub("^http", "ws", address), "participant_token": token}
    return web.json_response(told, status=HTTPStatus.CREATED)


def by_link(
    who: Who, route: Callable[[web.BaseRequest, Link], Awaitable[web.StreamResponse]], *, kind: Kind = Kind.CALL
) -> Route:
    """A route for whoever comes with a link of this kind; of what else they send nothing is used, nor read."""
    unknown = Tally("a link was not known")

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.content_type != "application/json":
            return web.Response(status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        if (request.content_length or 0) > _LONGEST_BODY:
            return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            link = await who(bearer(request))
        except (StoreError, OSError) as error:
            logger.warning("it cannot be told whose a link is", extra={"error": type(error).__name__})
            return refusal(LINKS_UNREADABLE)
        if link is None or link.kind is not kind:
            unknown.count()
            return refusal(LINK_UNKNOWN)
        return await route(request, link)

    return answer


def bearer(request: web.BaseRequest) -> str:
    """The secret that somebody comes with; empty if with none."""
    words = request.headers.get("Authorization", "")
    return words.removeprefix(_BEARER) if words.startswith(_BEARER) else ""
