"""What a check-up found: the outcome of each probe, the exit code, and the report as text and as JSON.

Everything here is pure: it neither asks, prints nor exits.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from granny.faults import ExitCode, Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The probe asked, and all is well; at most warnings."""

    probe: str
    seconds: float
    detail: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The probe asked, and found something that keeps Granny from starting."""

    probe: str
    seconds: float
    detail: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """The probe could not ask; never counted as passed."""

    probe: str
    detail: str
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashed:
    """The probe itself broke: a bug of Granny's, not the user's fault."""

    probe: str
    seconds: float
    detail: str
    findings: tuple[Finding, ...] = ()


Outcome = Passed | Failed | Skipped | Crashed
USUAL_FILE = "Granny-voice/.env.local"
"""As the catalogue calls the env file, seen from the top folder."""

Paint = Callable[[str, str], str]

_IN_OWN_FILE = (
    "This value has a file of its own, which holds nothing else: change the secret that the file is made from. "
    "What follows is for an env file."
)
"""Said first where the place is a file of the secrets folder, the only place that is a whole path."""

_RANKS = {Severity.FATAL: 0, Severity.TRANSIENT: 1, Severity.WARNING: 2}
_RED, _GREEN, _YELLOW, _MAGENTA, _BOLD = "31", "32", "33", "35", "1"
_MARKS = {
    Passed: ("ok", _GREEN),
    Failed: ("FAILED", _RED),
    Skipped: ("skipped", _YELLOW),
    Crashed: ("CRASHED", _MAGENTA),
}
_MARK_WIDTH = max(len(mark) for mark, _ in _MARKS.values())
_SEVERITY_COLOURS = {Severity.FATAL: _RED, Severity.TRANSIENT: _YELLOW, Severity.WARNING: _YELLOW}
_WIDTH = 79
_AS_FAR = " as far as was asked"
_WARNED = ", with {} to look at when you have time"
_VERDICTS = {
    ExitCode.CONFIG: "Granny cannot take a call yet: please put the above right (exit code 78).",
    ExitCode.TEMPFAIL: "Granny got no answer; it may pass, so try again later (exit code 75).",
    ExitCode.SOFTWARE: "A check of Granny's own broke; the bug is hers, not yours (exit code 70).",
}


class ProbeRecord(TypedDict):
    """One probe in the JSON report."""

    name: str
    outcome: str
    seconds: float
    detail: str


class FindingRecord(TypedDict):
    """One finding in the JSON report."""

    fault: str
    severity: str
    variable: str | None
    where: str | None
    summary: str
    evidence: str
    remedy: list[str]


class ReportRecord(TypedDict):
    """The JSON report: the schema that scripts may rely on."""

    ok: bool
    exit_code: int
    probes: list[ProbeRecord]
    findings: list[FindingRecord]


@dataclass(frozen=True, slots=True)
class Report:
    """All the answers of one check-up.

    Attributes:
        outcomes: one a probe.
        file: the env file that the remedies speak of.
    """

    outcomes: tuple[Outcome, ...]
    file: str = USUAL_FILE

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding once, the gravest first, otherwise in the order of the probes."""
        found = dict.fromkeys(finding for outcome in self.outcomes for finding in outcome.findings)
        return tuple(sorted(found, key=lambda finding: _RANKS[finding.severity]))

    @property
    def exit_code(self) -> ExitCode:
        """78: put something right; 70: a probe crashed; 75: it may pass; 0: all is well. The first that holds."""
        severities = {finding.severity for finding in self.findings}
        if Severity.FATAL in severities:
            return ExitCode.CONFIG
        if any(isinstance(outcome, Crashed) for outcome in self.outcomes):
            return ExitCode.SOFTWARE
        return ExitCode.TEMPFAIL if Severity.TRANSIENT in severities else ExitCode.OK

    def record(self) -> ReportRecord:
        """The report for programs."""
        return {
            "ok": self.exit_code is ExitCode.OK,
            "exit_code": int(self.exit_code),
            "probes": [_probe_record(outcome) for outcome in self.outcomes],
            "findings": [_finding_record(finding, self.file) for finding in self.findings],
        }

    def as_json(self) -> str:
        """The same as one JSON object."""
        return json.dumps(self.record(), indent=2, ensure_ascii=False)

    def as_text(self, *, coloured: bool = False) -> str:
        """The report for a person, at most 79 columns: one line a probe, then each finding and its remedy."""
        paint = _paint if coloured else _plain
        lines = [line for outcome in self.outcomes for line in _probe_lines(outcome, paint)]
        for number, finding in enumerate(self.findings, start=1):
            lines += ["", *_finding_lines(number, finding, self.file, paint=paint)]
        return "\n".join(lines)

    def verdict(self) -> str:
        """The last word, one line: whether she can start, and what to do if not."""
        code = self.exit_code
        if code is ExitCode.OK:
            warnings = len(self.findings)
            skipped = any(isinstance(outcome, Skipped) for outcome in self.outcomes)
            warned = _WARNED.format(warnings) if warnings else ""
            return f"All is well{_AS_FAR if skipped else ''}{warned}."
        return _VERDICTS[code].format(len(self.findings))


def _probe_record(outcome: Outcome) -> ProbeRecord:
    return {
        "name": outcome.probe,
        "outcome": type(outcome).__name__.lower(),
        "seconds": round(outcome.seconds, 3),
        "detail": outcome.detail,
    }


def _finding_record(finding: Finding, file: str) -> FindingRecord:
    return {
        "fault": finding.fault.slug,
        "severity": finding.severity.value,
        "variable": finding.variable,
        "where": finding.where,
        "summary": finding.summary,
        "evidence": finding.evidence,
        "remedy": _steps(finding, file),
    }


def _probe_lines(outcome: Outcome, paint: Paint) -> list[str]:
    mark, colour = _MARKS[type(outcome)]
    indent = " " * (_MARK_WIDTH + 4)
    first, *more = _wrap(f"{outcome.probe}: {outcome.detail}", first=indent, rest=indent + "  ")
    return [f"  {paint(mark.ljust(_MARK_WIDTH), colour)}  {first.lstrip()}", *more]


def _finding_lines(number: int, finding: Finding, file: str, *, paint: Paint) -> list[str]:
    title, *more = _wrap(f"{number}. {finding.summary}", rest="   ")
    facts = (("Where", _place(finding)), ("Seen", finding.evidence), ("Why", finding.fault.cause))
    return [
        *(paint(line, _BOLD) for line in (title, *more)),
        *(line for label, text in facts if text for line in _labelled(label, text)),
        *(line for step in _labelled_steps(_steps(finding, file)) for line in step),
        f"   Fault  {paint(finding.fault.slug, _SEVERITY_COLOURS[finding.severity])} ({finding.severity.value})",
    ]


def _place(finding: Finding) -> str:
    return ", ".join(part for part in (finding.variable, finding.where) if part)


def _steps(finding: Finding, file: str) -> list[str]:
    steps = [step.replace(USUAL_FILE, file) for step in finding.remedy]
    speaks_of_it = any(USUAL_FILE in step for step in finding.remedy)
    return [_IN_OWN_FILE, *steps] if speaks_of_it and Path(finding.where or "").is_absolute() else steps


def _labelled_steps(steps: list[str]) -> Iterator[list[str]]:
    for number, step in enumerate(steps):
        yield _labelled("Do" if number == 0 else "", step)


def _labelled(label: str, text: str) -> list[str]:
    return _wrap(text, first=f"   {label:<6} ", rest=" " * 10)


def _wrap(text: str, *, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


def _paint(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m"


def _plain(text: str, colour: str) -> str:  # noqa: ARG001  the same shape as _paint
    return text
