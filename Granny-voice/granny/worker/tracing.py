"""Traces of a call's process, sent over OTLP/HTTP: what was done when, no word of what was said, and no number.

Imported only where traces are wanted. The framework makes the spans; without a provider they cost nothing and go
nowhere. The SDK and its exporter come with livekit-agents, and read OpenTelemetry's variables in the environment.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from multiprocessing.util import Finalize

from livekit.agents import telemetry
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import Status
from opentelemetry.util import types
from typing_extensions import override

from granny.logs.numbers import names_number, without_numbers

LAST_SECONDS = 2.0
"""How long a process that ends waits for the collector to take its last spans; the call's place is taken meanwhile."""


@functools.cache  # where calls run in threads they share the process, and its provider
def begin(service: str) -> None:
    """From now on this process sends its spans.

    The framework strips what it marks as a person's (`lk.pii.…`, OpenTelemetry's names for content, and the texts of
    exceptions), whatever LIVEKIT_TELEMETRY_ALLOW_PII says.

    Args:
        service: the name under which they are kept.
    """
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(Exporter()))
    telemetry.set_tracer_provider(provider, allow_pii=False)
    Finalize(provider, _end, args=(provider,), exitpriority=0)  # a job's process runs no `atexit`


class Exporter(OTLPSpanExporter):
    """The SDK's, which tells the collector no telephone number: not hers either, which the framework takes for none."""

    @override
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return super().export([discreet(span) for span in spans])


def discreet(span: ReadableSpan) -> ReadableSpan:
    """The same without numbers, in whatever of it."""
    return ReadableSpan(
        name=without_numbers(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_discreet(span.attributes),
        events=[Event(event.name, _discreet(event.attributes), event.timestamp) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code, span.status.description and without_numbers(span.status.description)),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _discreet(attributes: types.Attributes) -> types.Attributes:
    named = (attributes or {}).items()
    return {
        name: without_numbers(value) if isinstance(value, str) else value
        for name, value in named
        if not names_number(name)
    }


def _end(provider: TracerProvider) -> None:
    """Send what is left. A collector that does not answer would hold the SDK up for half a minute."""
    last = threading.Thread(target=provider.shutdown, daemon=True)
    last.start()
    last.join(LAST_SECONDS)
