"""Why a handshake was refused: the text of the refusal, which aiohttp's `ws_connect` throws away.

Not imported by `granny.diagnosis` itself, for it needs aiohttp. In a call:

    refusals = Refusals()
    http_context.http_session().trace_configs.append(refusals.trace())
    …
    finding = refusals.explain(error)  # in place of diagnose_exception(error)
"""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace

import aiohttp

from granny.diagnosis._network import chain
from granny.diagnosis._openai import LARGEST_BODY, diagnose_exception, diagnose_reply
from granny.faults import Finding

_REFUSED = 400
_BODY_SECONDS = 1.0
_PATH = "/realtime"


class Refusals:
    """Remembers what OpenAI's last refusal of a Realtime handshake was; of its text nothing is kept."""

    def __init__(self) -> None:
        self._status: int | None = None
        self._finding: Finding | None = None

    def trace(self) -> aiohttp.TraceConfig:
        """To be put among the `trace_configs` of the session that the plugin connects with."""
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._listen)
        trace.freeze()
        return trace

    def explain(self, error: BaseException) -> Finding:
        """What `diagnose_exception` says, or better: if a handshake was refused, what the refusal said."""
        refused = any(getattr(link, "status", None) == self._status for link in chain(error))
        return self._finding if self._finding and refused else diagnose_exception(error)

    async def _listen(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, request: aiohttp.TraceRequestEndParams
    ) -> None:
        response = request.response
        if response.status < _REFUSED or not request.url.path.endswith(_PATH):
            return
        body: bytes | None = None
        with contextlib.suppress(aiohttp.ClientError, OSError, asyncio.TimeoutError):
            body = await asyncio.wait_for(response.content.read(LARGEST_BODY), _BODY_SECONDS)
        self._status = response.status
        text = None if body is None else body.decode(errors="replace")
        self._finding = diagnose_reply(response.status, text, headers=response.headers)
