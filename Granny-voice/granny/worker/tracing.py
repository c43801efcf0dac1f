"""Traces of a call's process, sent over OTLP/HTTP: what was done when, and no word of what was said.

Imported only where traces are wanted. The framework makes the spans; without a provider they cost nothing and go
nowhere. The SDK and its exporter come with livekit-agents, and read OpenTelemetry's variables in the environment.
"""

from __future__ import annotations

import functools
import threading
from multiprocessing.util import Finalize

from livekit.agents import telemetry
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

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
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    telemetry.set_tracer_provider(provider, allow_pii=False)
    Finalize(provider, _end, args=(provider,), exitpriority=0)  # a job's process runs no `atexit`


def _end(provider: TracerProvider) -> None:
    """Send what is left. A collector that does not answer would hold the SDK up for half a minute."""
    last = threading.Thread(target=provider.shutdown, daemon=True)
    last.start()
    last.join(LAST_SECONDS)
