"""Why OpenAI refused a connection: the plugin hears a status only, a probe hears the reason."""

from __future__ import annotations

import asyncio
import contextlib

from livekit.agents import APIConnectionError

from granny.config.settings import Settings
from granny.faults import Finding, Severity
from granny.preflight.checkup import OPENAI, ask_alone
from granny.preflight.report import Failed, Passed

_SECONDS = 3.0
_BLOCKING = (Severity.FATAL, Severity.TRANSIENT)
_REFUSALS = range(400, 500)
"""Statuses that stand for many reasons; a 5xx has only one."""


def is_bare(error: BaseException) -> bool:
    """Whether an exception of the plugin stands for a refusal whose body nobody has read."""
    return getattr(error.__cause__, "status", None) in _REFUSALS


def was_let_in(lost: APIConnectionError) -> bool:
    """Whether a lost connection had been open: it was closed, or broke off while the plugin wrote on it.

    The plugin may not have read why. Before it reads on a renewed connection it tells it the talk so far; and what
    has come in the meantime is lost when it writes to a socket that is closed already.
    """
    return lost.__cause__ is None or isinstance(lost.__cause__, ConnectionResetError)


async def reason(finding: Finding, settings: Settings) -> Finding | None:
    """Why a connection was refused, or ended as soon as it was open: what a probe at the same door finds.

    None if the probe passes: whatever it was has passed, too. The finding itself if no answer comes in time.
    """
    outcome = None
    with contextlib.suppress(asyncio.TimeoutError):
        outcome = await asyncio.wait_for(ask_alone(OPENAI, settings), _SECONDS)
    if not isinstance(outcome, Passed | Failed):
        return finding
    return next((one for one in outcome.findings if one.severity in _BLOCKING), None)
