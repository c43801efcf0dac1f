"""Whether a worker may start with its door shut: GRANNY_PREFLIGHT=apologise, while OpenAI alone is at fault."""

from __future__ import annotations

from granny import faults
from granny.faults import Severity
from granny.preflight.checkup import OPENAI_PROBES
from granny.preflight.report import Crashed, Failed, Report
from granny.worker.account_breaker import is_openai_fault

SETTINGS_FAULTS = (
    faults.OPENAI_CERTIFICATE,
    faults.OPENAI_NOT_OPENAI,
    faults.OPENAI_WRONG_REGION,
)
"""Met while asking OpenAI, and yet of a setting here: what somebody has to change, no waiting puts right."""


def apology_for(report: Report) -> str | None:
    """The slug of the fault for which callers hear an apology until it is over; None if she must not start so.

    That is OpenAI's own trouble or the account's, as a worker that runs may meet it at any time. A fault of a setting
    or of LiveKit's is not: no caller would ever come, or none would ever be helped by asking again.
    """
    blocked = [outcome for outcome in report.outcomes if isinstance(outcome, Failed | Crashed)]
    if not all(isinstance(outcome, Failed) and outcome.probe in OPENAI_PROBES for outcome in blocked):
        return None
    blocking = [finding.fault for finding in report.findings if finding.severity is not Severity.WARNING]
    if any(not is_openai_fault(fault.slug) or fault in SETTINGS_FAULTS for fault in blocking):
        return None
    return blocking[0].slug if blocking else None
