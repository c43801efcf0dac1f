"""The report: one line a probe, every finding once, gravest first, and the exit code that follows."""

import json
import re

import pytest

from granny import faults
from granny.faults import ExitCode, Severity
from granny.preflight.report import Crashed, Failed, Outcome, Passed, Report, Skipped

FATAL = faults.OPENAI_KEY_MISSING.found(
    "in neither the environment nor .env.local", variable="OPENAI_API_KEY", where=".env.local:3"
)
WARNING = faults.OPENAI_KEY_MISSING.found("a milder occurrence", severity=Severity.WARNING)
TRANSIENT = faults.OPENAI_KEY_MISSING.found("one that may pass", severity=Severity.TRANSIENT)

PASSED = Passed(probe="Env file", seconds=0.01, detail=".env.local")
FAILED = Failed(probe="Variables", seconds=0.02, detail="1 to put right", findings=(FATAL,))
SKIPPED = Skipped(probe="OpenAI", detail="not asked: offline")
CRASHED = Crashed(probe="LiveKit", seconds=0.5, detail="KeyError at livekit.py:7")

LITERAL = """\
  ok       Env file: .env.local
  FAILED   Variables: 1 to put right
  skipped  OpenAI: not asked: offline

1. OPENAI_API_KEY environment variable is required, and it is not set.
   Where  OPENAI_API_KEY, .env.local:3
   Seen   in neither the environment nor .env.local
   Why    Granny speaks with OpenAI's voice, and OpenAI asks for a key.
   Do     Make a key at https://platform.openai.com/api-keys (a secret key, it
          begins with sk-).
          Write it into Granny-voice/.env.local as OPENAI_API_KEY=, without
          spaces or quotes.
   Fault  openai-key-missing (fatal)"""


def test_a_person_reads_this() -> None:
    assert Report((PASSED, FAILED, SKIPPED)).as_text() == LITERAL


def test_colour_changes_nothing_but_colour() -> None:
    coloured = Report((PASSED, FAILED, SKIPPED)).as_text(coloured=True)
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == LITERAL


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ((PASSED, SKIPPED), ExitCode.OK),
        ((Passed(probe="a", seconds=0, detail="", findings=(WARNING,)),), ExitCode.OK),
        ((Failed(probe="a", seconds=0, detail="", findings=(TRANSIENT,)),), ExitCode.TEMPFAIL),
        ((CRASHED, Failed(probe="a", seconds=0, detail="", findings=(TRANSIENT,))), ExitCode.SOFTWARE),
        ((CRASHED, FAILED), ExitCode.CONFIG),
    ],
)
def test_the_exit_code_is_that_of_the_gravest(outcomes: tuple[Outcome, ...], code: ExitCode) -> None:
    report = Report(outcomes)
    assert report.exit_code is code
    assert str(int(code)) in report.verdict() or code is ExitCode.OK
    assert len(report.verdict()) < 80


def test_a_finding_of_two_probes_is_told_once_and_the_gravest_come_first() -> None:
    first = Passed(probe="a", seconds=0, detail="", findings=(WARNING,))
    assert Report((first, FAILED, FAILED)).findings == (FATAL, WARNING)


def test_json_has_the_promised_shape() -> None:
    record = json.loads(Report((PASSED, FAILED, SKIPPED, CRASHED)).as_json())
    assert (record["ok"], record["exit_code"]) == (False, 78)
    assert [probe["outcome"] for probe in record["probes"]] == ["passed", "failed", "skipped", "crashed"]
    assert set(record["probes"][0]) == {"name", "outcome", "seconds", "detail"}
    assert record["findings"] == [
        {
            "fault": "openai-key-missing",
            "severity": "fatal",
            "variable": "OPENAI_API_KEY",
            "where": ".env.local:3",
            "summary": FATAL.summary,
            "evidence": FATAL.evidence,
            "remedy": list(FATAL.remedy),
        }
    ]


def test_no_line_is_wider_than_a_terminal_and_no_fault_overflows_it() -> None:
    findings = tuple(fault.found("x" * 30, variable="LIVEKIT_API_SECRET") for fault in faults.CATALOGUE.values())
    text = Report((Failed(probe="all", seconds=0, detail="", findings=findings),)).as_text()
    too_wide = [line for line in text.splitlines() if len(line) > 80 and " " in line.strip()]
    assert not too_wide
