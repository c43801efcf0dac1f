"""One probe, asked under a time limit: what it answers, its crash and its silence are outcomes of the report."""

from __future__ import annotations

import asyncio
import re
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from granny.faults import DEPENDENCY_MISSING, Severity
from granny.net.answer import Answer, Unasked
from granny.preflight.patience import NetworkProbe
from granny.preflight.report import Crashed, Failed, Outcome, Passed, Skipped

if TYPE_CHECKING:  # pydantic may be missing, and that is then the finding
    from granny.config.settings import Settings

LIMIT_SECONDS = 10.0
"""The longest that one probe may take."""
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 8.0
BLOCKING = (Severity.FATAL, Severity.TRANSIENT)
"""A finding of these fails its probe."""
_MODULE = re.compile(r"[A-Za-z_][\w.]{0,60}", re.ASCII)


def ask_now(name: str, probe: Callable[[], Answer | Unasked]) -> Outcome:
    """Ask an offline probe; its crash is an outcome too."""
    started = time.monotonic()
    try:
        answer = probe()
    except Exception as error:  # noqa: BLE001  a probe that crashes is an outcome, never the end of the check-up
        return broken(name, error, seconds=time.monotonic() - started)
    return outcome(name, answer, seconds=time.monotonic() - started)


async def ask(name: str, probe: NetworkProbe, settings: Settings) -> Outcome:
    """Ask one probe once; its crash and its silence are outcomes too."""
    started = time.monotonic()
    try:
        answer = await asyncio.wait_for(probe(settings), LIMIT_SECONDS)
    except Exception as error:  # noqa: BLE001  a probe that crashes is an outcome, never the end of the check-up
        return broken(name, error, seconds=time.monotonic() - started)
    return outcome(name, answer, seconds=time.monotonic() - started)


async def ask_until(name: str, probe: NetworkProbe, settings: Settings, *, wait: float) -> Outcome:
    """Ask again, with growing pauses, while all that is wrong may pass; for `wait` seconds at the most."""
    deadline = time.monotonic() + wait
    pause = _FIRST_PAUSE_SECONDS
    result = await ask(name, probe, settings)
    while _may_pass(result) and time.monotonic() + pause < deadline:
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        result = await ask(name, probe, settings)
    return result


def outcome(name: str, answer: Answer | Unasked, *, seconds: float) -> Outcome:
    """A probe's answer as a line of the report."""
    if isinstance(answer, Unasked):
        return Skipped(probe=name, detail=answer.reason, seconds=seconds)
    failed = any(finding.severity in BLOCKING for finding in answer.findings)
    kind = Failed if failed else Passed
    return kind(probe=name, seconds=seconds, detail=answer.detail, findings=answer.findings)


def _may_pass(result: Outcome) -> bool:
    severities = {finding.severity for finding in result.findings}
    return Severity.TRANSIENT in severities and Severity.FATAL not in severities


def broken(name: str, error: Exception, *, seconds: float) -> Outcome:
    """A module that is missing is the installation's fault; everything else is a bug of Granny's."""
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing is None or not _MODULE.fullmatch(missing):
        return Crashed(probe=name, seconds=seconds, detail=_where_it_broke(error))
    finding = DEPENDENCY_MISSING.found(f"Not found: {missing}. Looked with the Python in {sys.prefix}.")
    return Failed(probe=name, seconds=seconds, detail="not everything is installed", findings=(finding,))


def _where_it_broke(error: Exception) -> str:
    """Type and place of a crash; its text is not shown, for it may hold a value."""
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    place = f"{Path(frame.f_code.co_filename).name}:{line}"
    return f"{type(error).__name__} at {place}; this is a bug in Granny, please report it"
