"""The text of a refused handshake is overheard, over a real socket; of anything else it is silent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from yarl import URL

from granny.diagnosis import overheard
from granny.diagnosis.overheard import Refusals
from granny.faults import Finding
from scenarios import _fakes as fakes

REJECTED = json.dumps({"error": {"code": "invalid_api_key"}})


async def refusal(handler: fakes.Handler, *, path: str = "/v1/realtime?model=x") -> tuple[Refusals, Exception]:
    """What was overheard of a handshake that was answered so, and the error that a caller of aiohttp gets."""
    refusals = Refusals()
    async with (
        fakes.listening(handler) as port,
        aiohttp.ClientSession(trace_configs=[refusals.trace()]) as session,
    ):
        with pytest.raises(aiohttp.ClientError) as caught:
            await session.ws_connect(f"ws://127.0.0.1:{port}{path}")
    return refusals, caught.value


def answering(status: int, body: str = REJECTED, **headers: str) -> fakes.Handler:
    return fakes.http(lambda _: fakes.response(status, body, headers=headers))


def told(finding: Finding) -> tuple[str, str]:
    return finding.fault.slug, finding.evidence


@pytest.mark.parametrize(
    ("status", "body", "headers", "slug", "evidence"),
    [
        (401, REJECTED, {}, "openai-key-rejected", "HTTP 401, code invalid_api_key"),
        (400, REJECTED, {}, "openai-key-rejected", "HTTP 400, code invalid_api_key"),
        (503, "", {}, "openai-unavailable", "HTTP 503"),
        (403, "", {}, "openai-blocked", "HTTP 403, without a word"),
        (403, "x", {"cf-mitigated": "challenge"}, "openai-challenge", "HTTP 403"),
    ],
)
async def test_a_refusal_is_explained_by_its_words(
    status: int, body: str, headers: Mapping[str, str], slug: str, evidence: str
) -> None:
    refusals, error = await refusal(answering(status, body, **headers))
    assert told(refusals.explain(error)) == (slug, evidence)
    wrapped = RuntimeError("what the plugin makes of it")
    wrapped.__cause__ = error
    assert told(refusals.explain(wrapped)) == (slug, evidence)


@pytest.mark.parametrize(
    ("status", "path", "evidence"),
    [(399, "/v1/realtime", "HTTP 399"), (401, "/v1/models", "HTTP 401"), (401, "/v1/realtime/x", "HTTP 401")],
)
async def test_what_is_no_refusal_of_a_handshake_is_not_listened_to(status: int, path: str, evidence: str) -> None:
    refusals, error = await refusal(answering(status), path=path)
    assert refusals.explain(error).evidence == evidence


async def test_another_error_is_not_explained_by_an_older_refusal() -> None:
    refusals, _ = await refusal(answering(401))
    assert refusals.explain(TimeoutError()).fault.slug == "openai-silent"
    _, later = await refusal(answering(503))
    assert told(refusals.explain(later)) == ("openai-unavailable", "HTTP 503")
    assert Refusals().explain(KeyError("x")).fault.slug == "openai-unknown-error"


async def test_bytes_that_are_no_text_are_replaced() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = REJECTED.encode().replace(b"}}", b', "message": "\xff"}}')
        writer.write(b"HTTP/1.1 401 No\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    refusals, error = await refusal(handle)
    assert refusals.explain(error).fault.slug == "openai-key-rejected"


@pytest.mark.parametrize("manner", ["cut", "stalled"])
async def test_a_text_that_could_not_be_read_is_not_an_empty_one(monkeypatch: pytest.MonkeyPatch, manner: str) -> None:
    """Cut off, or too slow: then the status alone speaks."""
    over = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 No\r\nContent-Length: 99\r\n\r\n")
        await writer.drain()
        if manner == "stalled":
            await over.wait()

    monkeypatch.setattr(overheard, "_BODY_SECONDS", 0.05 if manner == "stalled" else 20.0)
    refusals, error = await refusal(handle)
    over.set()
    assert told(refusals.explain(error)) == ("openai-unauthorized", "HTTP 403")


async def test_a_socket_that_is_reset_while_it_is_read_leaves_no_text_either() -> None:
    """Before aiohttp has made an error of its own of it."""

    async def reset(_: int) -> bytes:
        raise ConnectionResetError

    response = SimpleNamespace(status=403, content=SimpleNamespace(read=reset), headers={})
    request: Any = SimpleNamespace(response=response, url=URL("https://openai.invalid/v1/realtime"))
    unasked: Any = None
    refusals = Refusals()
    await refusals._listen(unasked, SimpleNamespace(), request)
    error = aiohttp.WSServerHandshakeError(unasked, (), status=403)
    assert told(refusals.explain(error)) == ("openai-unauthorized", "HTTP 403")
