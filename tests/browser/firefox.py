"""Firefox without any driver: it speaks WebDriver BiDi over a WebSocket, the few words of it that are needed here."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp

from granny.rehearsal.rig.program import free_port, start

_Socket: TypeAlias = "aiohttp.ClientWebSocketResponse[bool]"
_NAMES = ("firefox-esr", "firefox")
_PREFERENCES: dict[str, bool] = {
    "media.navigator.permission.disabled": True,  # the microphone is granted
    "media.navigator.streams.fake": True,  # and hears a tone without an end
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.shell.checkDefaultBrowser": False,
}


def why_missing() -> str | None:
    """Why there is no Firefox here; None if there is."""
    return None if _program() else "needs Firefox on PATH: Debian's package firefox-esr"


class Tab:
    """One page in Firefox, and what a person does on it."""

    def __init__(self, socket: _Socket) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._context = ""

    async def begin(self) -> None:
        """Open the session and take the window that is there."""
        await self._ask("session.new", capabilities={})
        tree = await self._ask("browsingContext.getTree")
        self._context = tree["contexts"][0]["context"]

    async def before_each_page(self, script: str) -> None:
        """Run this in every page before its own scripts."""
        await self._ask("script.addPreloadScript", functionDeclaration=f"() => {{ {script} }}")

    async def open(self, url: str) -> None:
        """Go there, and wait until all of it is loaded."""
        await self._ask("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def value(self, expression: str) -> Any:
        """What a JavaScript expression is there; JSON's kinds only."""
        told = await self._ask(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then(JSON.stringify)",
            target={"context": self._context},
            awaitPromise=True,
        )
        text = told.get("result", {}).get("value")
        return json.loads(text) if text else None

    async def tap(self, x: float, y: float) -> None:
        """Press and release at a place of the viewport, in CSS pixels."""
        press = [
            {"type": "pointerMove", "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        finger = {"type": "pointer", "id": "finger", "parameters": {"pointerType": "touch"}, "actions": press}
        await self._ask("input.performActions", context=self._context, actions=[finger])

    async def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async for message in self._socket:
            told = json.loads(message.data)
            if told.get("id") == number:
                assert told["type"] == "success", told
                result: dict[str, Any] = told["result"]
                return result
        msg = "Firefox has gone"
        raise ConnectionError(msg)


@contextlib.asynccontextmanager
async def firefox(folder: Path) -> AsyncIterator[Tab]:
    """A Firefox with a profile of its own in the folder."""
    profile = folder / "firefox"
    profile.mkdir()
    lines = (f'user_pref("{name}", {json.dumps(value)});\n' for name, value in _PREFERENCES.items())
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")
    port = free_port()
    arguments = ("--headless", "--remote-debugging-port", str(port), "--profile", str(profile))
    program = await start(_program() or "", *arguments, log=folder / "firefox.log")
    try:
        assert await program.until_listening(port), program.words
        async with aiohttp.ClientSession() as client:
            tab = Tab(await _session(client, port))
            await tab.begin()
            yield tab
    finally:
        await program.stop()


async def _session(client: aiohttp.ClientSession, port: int) -> _Socket:
    """It answers on its port a moment before it knows the path."""
    for _ in range(50):
        with contextlib.suppress(aiohttp.ClientError):
            return await client.ws_connect(f"ws://127.0.0.1:{port}/session", max_msg_size=0)
        await asyncio.sleep(0.1)
    msg = "Firefox takes no WebDriver session"
    raise ConnectionError(msg)


def _program() -> str | None:
    return next((found for name in _NAMES if (found := shutil.which(name))), None)
