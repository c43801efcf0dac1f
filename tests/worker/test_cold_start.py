"""Who may start with the door shut: only a worker whose one trouble is OpenAI, or its account there."""

from __future__ import annotations

import pytest

from granny import faults
from granny.faults import Fault, Severity
from granny.preflight.report import Crashed, Failed, Outcome, Passed, Report
from granny.worker.cold_start import SETTINGS_FAULTS, apology_for

LIVEKIT_WELL = Passed(probe="LiveKit", seconds=0.1, detail="the server lets Granny in")


def failed(fault: Fault, probe: str = "OpenAI") -> Failed:
    return Failed(probe=probe, seconds=0.1, detail="", findings=(fault.found("seen"),))


def report(*outcomes: Outcome) -> Report:
    return Report((LIVEKIT_WELL, *outcomes))


@pytest.mark.parametrize(
    "fault",
    [
        faults.OPENAI_UNAVAILABLE,
        faults.OPENAI_SILENT,
        faults.OPENAI_UNREACHABLE,
        faults.OPENAI_RATE_LIMITED,
        faults.OPENAI_OUT_OF_CREDIT,
        faults.OPENAI_KEY_REJECTED,
        faults.OPENAI_MODEL_UNAVAILABLE,
    ],
    ids=lambda fault: fault.slug,
)
def test_for_openais_own_trouble_and_the_accounts_she_may_apologise(fault: Fault) -> None:
    assert apology_for(report(failed(fault))) == fault.slug


@pytest.mark.parametrize("fault", [*SETTINGS_FAULTS, faults.PROXY_UNREACHABLE], ids=lambda fault: fault.slug)
def test_for_a_setting_that_is_wrong_she_may_not(fault: Fault) -> None:
    """Whoever sets her up is told, by report and exit code; to ask again would never help."""
    assert apology_for(report(failed(fault))) is None


def test_of_a_missing_key_nobody_need_ask_openai() -> None:
    """It is found on this machine, though its name begins like the others'."""
    assert apology_for(report(failed(faults.OPENAI_KEY_MISSING, "settings"))) is None


def test_with_a_fault_of_livekits_no_caller_would_hear_her() -> None:
    outcomes = (failed(faults.LIVEKIT_UNREACHABLE, "LiveKit"), failed(faults.OPENAI_SILENT))
    assert apology_for(Report(outcomes)) is None


def test_one_fault_of_a_setting_among_others_is_enough() -> None:
    assert apology_for(report(failed(faults.OPENAI_SILENT), failed(faults.OPENAI_CERTIFICATE, "OpenAI model"))) is None


def test_a_probe_that_broke_is_no_fault_of_openais() -> None:
    broken = Crashed(probe="OpenAI", seconds=0.1, detail="KeyError at openai.py:1")
    assert apology_for(report(broken)) is None


def test_when_all_is_well_there_is_nothing_to_apologise_for() -> None:
    warned = Passed(probe="OpenAI", seconds=0.1, detail="", findings=(faults.OPENAI_MODEL_RETIRING.found("seen"),))
    assert warned.findings[0].severity is Severity.WARNING
    assert apology_for(report(warned)) is None


def test_the_gravest_is_what_the_health_page_tells() -> None:
    outcomes = (failed(faults.OPENAI_SILENT), failed(faults.OPENAI_OUT_OF_CREDIT, "OpenAI model"))
    assert apology_for(report(*outcomes)) == "openai-out-of-credit"
