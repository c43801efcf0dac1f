"""Shows an address in this desktop's browser, and to nobody else who can list the programs of this machine.

What a program is started with every user can read. So the browser is given an address that is good once, and sent on
from there.
"""

from __future__ import annotations

import asyncio
import secrets
import webbrowser
from http import HTTPStatus

from aiohttp import web

from granny.net import small_http

_HERE = "127.0.0.1"
_WORD_BYTES = 16
_SPENT = "This address was good once. The terminal in which Granny runs shows the one of her page."

_showing: set[asyncio.Task[None]] = set()


def show(address: str) -> None:
    """In the browser, which may be long in coming; returns at once."""
    task = asyncio.create_task(_shown(address))
    _showing.add(task)
    task.add_done_callback(_showing.discard)


async def _shown(address: str) -> None:
    """Until the browser has asked."""
    path = f"/{secrets.token_urlsafe(_WORD_BYTES)}"
    asked = asyncio.Event()

    async def answer(request: web.BaseRequest) -> web.Response:
        if request.path != path or asked.is_set():
            return web.Response(status=HTTPStatus.NOT_FOUND, text=_SPENT)
        asked.set()
        return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": address, "Cache-Control": "no-store"})

    async with small_http.serving(_HERE, 0, answer) as port:
        asyncio.get_running_loop().run_in_executor(None, webbrowser.open, f"http://{_HERE}:{port}{path}")
        await asked.wait()
