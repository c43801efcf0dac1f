"""Why OpenAI refused a connection: the plugin hears a status only, a probe hears the reason."""

from __future__ import annotations

import asyncio
import contextlib

from granny.faults import Finding, Severity
from granny.probes import Answer
from granny.probes.openai import ask
from granny.settings import Settings

_SECONDS = 3.0
_BLOCKING = (Severity.FATAL, Severity.TRANSIENT)
_REFUSALS = range(400, 500)
"""Statuses that stand for many reasons; a 5xx has only one."""


def is_bare(error: BaseException) -> bool:
    """Whether an exception of the plugin stands for a refusal whose body nobody has read."""
    return getattr(error.__cause__, "status", None) in _REFUSALS


async def reason(finding: Finding, settings: Settings) -> Finding:
    """The finding of a probe at the same door, or this one if the probe has none in time."""
    answer = None
    with contextlib.suppress(asyncio.TimeoutError):
        answer = await asyncio.wait_for(ask(settings), _SECONDS)
    found = answer.findings if isinstance(answer, Answer) else ()
    return next((one for one in found if one.severity in _BLOCKING), finding)
