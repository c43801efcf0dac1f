"""Where traces of her calls go; OpenTelemetry's own names, which its SDK reads, too."""

from __future__ import annotations

from pydantic import Field

from granny.config.settings._group import Group


class TracingSettings(Group):
    """Traces of her calls for OpenTelemetry, without a word of what was said; off unless an address is set.

    OpenTelemetry's other variables count as well: OTEL_EXPORTER_OTLP_HEADERS, OTEL_RESOURCE_ATTRIBUTES, OTEL_BSP_…
    """

    otel_endpoint: str | None = Field(
        default=None,
        alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        repr=False,  # an address may hold a password, by mistake
        description="A collector that takes OTLP over HTTP, as in http://127.0.0.1:4318; unset: no traces.",
    )
    otel_traces_endpoint: str | None = Field(
        default=None,
        alias="OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        repr=False,  # as above
        description="The same as a whole address, /v1/traces included.",
    )
    otel_service_name: str = Field(
        default="granny", alias="OTEL_SERVICE_NAME", description="The name under which her traces are kept."
    )

    @property
    def traces(self) -> bool:
        """Whether traces are wanted."""
        return bool(self.otel_endpoint or self.otel_traces_endpoint)
