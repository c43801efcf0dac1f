"""The server of her page: the site's files, who somebody is, and the line on which their call goes."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from granny.config.settings import Settings
from granny.net import small_http
from granny.page import _site
from granny.page._asking import by_link
from granny.page._crowd import Crowd, Tally
from granny.page._doors import Doors
from granny.page.family import FamilysPage, HowSheIs
from granny.page.lines import Line, Route, Who
from granny.people import People
from granny.store.link import Kind, Link

_ELSEWHERE = "This page is not reached under this name. Whoever set it up: GRANNY_PAGE_URL says under which it is."


@dataclass(frozen=True, slots=True)
class House:
    """What a page is made of.

    Attributes:
        settings: the installation's.
        people: who may call.
        who: whose link a secret is.
        line: on which calls go.
        is_rehearsal: whether it is a stand-in that speaks, and not OpenAI.
        how_she_is: asks her, where she is at hand; else the family's page asks her health page.
    """

    settings: Settings
    people: People
    who: Who
    line: Line
    is_rehearsal: bool = False
    how_she_is: HowSheIs | None = None


@contextlib.asynccontextmanager
async def serving(house: House) -> AsyncIterator[int]:
    """Serve the page for the length of the `async with`, which gives the port.

    Raises:
        OSError: GRANNY_PAGE_HOST and GRANNY_PAGE_PORT cannot be had.
    """
    page = _Page(house)
    settings = house.settings
    async with small_http.serving(settings.page_host, settings.page_port, page.answer) as port:
        page.doors = Doors.of(settings, port, to_cloud=house.line.to_cloud)
        yield port


class _Page:
    """Answers each request; until the port is known nothing is the page's own."""

    def __init__(self, house: House) -> None:
        self.doors = Doors((), to_cloud=False)
        self._house = house
        self._crowd, self._refused = Crowd(house.settings.page_believes), Tally("a visitor asks too often")
        self._files = _site.read()
        family = FamilysPage(house.settings, house.people, house.how_she_is)
        self._routes: Mapping[tuple[str, str], Route] = {
            ("POST", "/hello"): by_link(house.who, self._hello),
            ("POST", "/family"): by_link(house.who, family.answer, kind=Kind.FAMILY),
            **house.line.routes,
        }

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Whatever is said to a request, with what is said of every answer."""
        answer = await self._answer(request)
        if not answer.prepared:
            for name, value in self.doors.headers.items():
                answer.headers[name] = value
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if not self._crowd.may_ask(request):
            self._refused.count()
            return web.Response(status=HTTPStatus.TOO_MANY_REQUESTS)
        if not self.doors.is_own(request):
            return web.Response(status=HTTPStatus.MISDIRECTED_REQUEST, text=_ELSEWHERE)
        if request.method in ("GET", "HEAD") and (file := self._files.get(request.path)):
            return file.answer(request)
        route = self._routes.get((request.method, request.path))
        if route is None:
            known = request.path in self._files or any(request.path == path for _, path in self._routes)
            return web.Response(status=HTTPStatus.METHOD_NOT_ALLOWED if known else HTTPStatus.NOT_FOUND)
        if not self.doors.is_from_own(request):
            return web.Response(status=HTTPStatus.FORBIDDEN)
        return await route(request)

    async def _hello(self, _: web.BaseRequest, link: Link) -> web.Response:
        """Who the page is for, once it is open."""
        self._house.line.expect(link)
        own = self._house.people.settings_for(link.person or None, self._house.settings)
        return web.json_response(
            {
                "language": own.language,
                "granny": own.name,
                "called": own.caller_name or "",
                "line": self._house.line.name,
                "rehearsal": self._house.is_rehearsal,
            }
        )
