"""What the commands share that only ask LiveKit for something: the check-up before it, and a finding as a report."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from granny.faults import Finding
from granny.logs.redaction import redact_logs
from granny.preflight import terminal
from granny.preflight.checkup import Occasion
from granny.preflight.report import Failed, Report

if TYPE_CHECKING:  # pydantic may be missing, and that is then the finding
    from granny.config.settings import Settings

_PROBE = "telephone"
_NOT_DONE = "nothing was done"


async def checked(occasion: Occasion) -> tuple[Report, Settings | None]:
    """The check-up; no settings where it is in vain to go on. What is logged from then on hides secrets and numbers."""
    report, settings = await terminal.asked(occasion)
    if settings is None or not settings.may_start(report.exit_code):
        return report, None
    redact_logs(settings.secrets)
    return report, settings


def with_findings(report: Report, findings: Sequence[Finding]) -> Report:
    """The report with what was found after it."""
    failed = Failed(probe=_PROBE, seconds=0.0, detail=_NOT_DONE, findings=tuple(findings))
    return Report((*report.outcomes, failed), report.file)


def refuse(report: Report, *, as_json: bool = False) -> int:
    """Show it, as JSON to whoever asked for that; returns its exit status."""
    if as_json:
        print(report.as_json(), flush=True)
    else:
        print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
    return report.exit_code
