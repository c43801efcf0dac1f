"""How long the check-up gives a fault to pass, and which fault of which occasion may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from granny import faults
from granny.config.paths import Mode
from granny.faults import Finding, Severity
from granny.net.answer import Answer, Unasked

if TYPE_CHECKING:  # pydantic may be missing, and that is then the finding
    from granny.config.settings import Settings

DEFAULT_SECONDS = {Mode.PRODUCTION: 60.0, Mode.DEVELOPMENT: 10.0}
_MAY_COME_UP = (faults.LIVEKIT_HOST_UNKNOWN, faults.LIVEKIT_NOT_LISTENING)
"""Met where a machine, or a cluster, starts the worker before its LiveKit server; at a desk they are a mistake."""

NetworkProbe = Callable[["Settings"], Awaitable["Answer | Unasked"]]


def seconds(mode: Mode, settings: Settings | None, *, asks_openai: bool) -> float:
    """How long a passing fault of one probe is given.

    Args:
        mode: of the occasion.
        settings: what is set; None where they cannot be read.
        asks_openai: whether it is OpenAI that the probe asks, without which she may start and ask on.
    """
    if settings is None:
        return DEFAULT_SECONDS[mode]
    if asks_openai and settings.preflight == "apologise":
        return 0.0
    return DEFAULT_SECONDS[mode] if settings.preflight_wait is None else settings.preflight_wait


def patient(probe: NetworkProbe) -> NetworkProbe:
    """The same, for which a LiveKit server that is not there may come yet."""

    async def ask(settings: Settings) -> Answer | Unasked:
        answer = await probe(settings)
        if isinstance(answer, Unasked):
            return answer
        return replace(answer, findings=tuple(map(_passing, answer.findings)))

    return ask


def _passing(finding: Finding) -> Finding:
    return replace(finding, severity=Severity.TRANSIENT) if finding.fault in _MAY_COME_UP else finding
