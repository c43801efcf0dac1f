"""Traces of a whole call, as a collector on this machine has them: all that happened, and nothing that was said."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from calls.bare_worker import WORDS
from calls.serving import AGENT, KEY, agent_joined, serving, until
from granny.rehearsal.callers.caller import SENTENCE, recorded
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.openai.voice import GREETING_TEXT
from granny.rehearsal.rig.livekit_server import livekit_server, why_missing

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]

PAIR = ("tracedkey", "a-secret-that-nobody-else-has-6f1c")
NOTES = "Her cat is called Wilhelmina."
COLLECTORS_KEY = "collectors-key-93ab"


@dataclass
class Collector:
    """What takes OTLP over HTTP, and keeps it."""

    url: str = ""
    sent: list[bytes] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)

    async def take(self, request: web.Request) -> web.Response:
        self.keys.add(request.headers.get("x-collector-key"))
        self.sent.append(await request.read())
        return web.Response(content_type="application/x-protobuf")

    @property
    def spans(self) -> set[str]:
        return {
            span.name
            for body in self.sent
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }

    @property
    def services(self) -> set[str]:
        return {
            one.value.string_value
            for body in self.sent
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for one in resource.resource.attributes
            if one.key == "service.name"
        }


@contextlib.asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    collector = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield collector
    finally:
        await runner.cleanup()


async def was_written_down(caller: RoomCaller) -> bool:
    return any(WORDS in utterance.text for utterance in caller.heard.transcript)


@pytest.mark.full
async def test_a_collector_has_every_span_of_a_call_and_no_word_and_no_key_of_it(tmp_path: Path) -> None:
    """Not even where somebody has allowed the framework to send what was said."""
    notes = tmp_path / "notes.txt"
    notes.write_text(NOTES, encoding="utf-8")
    async with (
        livekit_server(log=tmp_path / "livekit.log", pair=PAIR) as livekit,
        StandIn(api_key=KEY, manner=Manner(heard=WORDS)) as standin,
        collecting() as collector,
    ):
        told = {
            "OPENAI_BASE_URL": standin.base_url,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-collector-key={COLLECTORS_KEY}",
            "LIVEKIT_TELEMETRY_ALLOW_PII": "1",
            "GRANNY_CALLER_FILE": str(notes),
        }
        async with serving(livekit, tmp_path, agent=AGENT, **told) as running:
            async with join(livekit, "traced") as caller:
                assert await agent_joined(caller)
                caller.say(recorded(SENTENCE))
                await until(lambda: was_written_down(caller), lambda: running.log)
            await running.until_metric('granny_calls_total{outcome="ok"}', 1)
            await until(lambda: asyncio.sleep(0, "job_entrypoint" in collector.spans), lambda: str(collector.spans))
        log = running.log
    assert {"agent_session", "agent_turn", "job_entrypoint"} <= collector.spans
    assert collector.services == {"granny"}
    assert collector.keys == {COLLECTORS_KEY}
    sent = b"".join(collector.sent)
    forbidden = (*pieces(KEY), *pieces(PAIR[1]), *pieces(COLLECTORS_KEY), WORDS, GREETING_TEXT, NOTES, "eyJ")
    assert [piece for piece in forbidden if piece.encode() in sent] == []
    assert [piece for piece in pieces(COLLECTORS_KEY) if piece in log] == []


def pieces(secret: str, length: int = 8) -> list[str]:
    return [secret[start : start + length] for start in range(len(secret) - length + 1)]
