"""A collector of traces on this machine, to which a worker sends them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


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
