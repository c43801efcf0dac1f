"""The shape of a fault, of one finding of it, and the exit codes; standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


class ExitCode(IntEnum):
    """The process's exit status, with the meanings of sysexits.h (`os.EX_*` is missing on Windows)."""

    OK = 0
    SOFTWARE = 70
    """Granny herself failed: a probe crashed, the worker broke."""
    TEMPFAIL = 75
    """A passing fault did not pass in the time allowed; starting again later may work."""
    CONFIG = 78
    """Something must be put right first; starting again will not help."""


class Severity(str, Enum):
    """How a finding bears on the start."""

    FATAL = "fatal"
    """Do not start: exit 78."""
    TRANSIENT = "transient"
    """Ask again for a bounded time, then exit 75."""
    WARNING = "warning"
    """Say it, and start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that can go wrong, written once; every report, page and spoken line takes it from here.

    Attributes:
        slug: the name to look it up by; a contract, never changed.
        severity: how it bears on the start, unless a finding says otherwise.
        summary: one sentence; `{variable}` stands for the variable of the finding.
        cause: how it usually comes about.
        remedy: what to do, one step each; `{variable}` as in the summary.
        spoken: the slug of the recorded line that a caller hears when it happens in a call, or None.
    """

    slug: str
    severity: Severity
    summary: str
    cause: str
    remedy: tuple[str, ...]
    spoken: str | None = None

    def found(
        self,
        evidence: str,
        *,
        variable: str | None = None,
        where: str | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """This fault, seen once."""
        return Finding(
            fault=self,
            evidence=evidence,
            variable=variable,
            where=where,
            severity=severity or self.severity,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One occurrence of a fault.

    Attributes:
        fault: what was found.
        evidence: how we know, in our own words: a status, a code, a length; never a value, a body or a key.
        variable: the environment variable concerned, if one is.
        where: the place it was set: `.env.local:3` or `environment`.
        severity: this occurrence's, which may be milder or graver than the fault's usual one.
    """

    fault: Fault
    evidence: str
    variable: str | None
    where: str | None
    severity: Severity

    @property
    def summary(self) -> str:
        """The fault's sentence about this variable."""
        return self.fault.summary.format(variable=self.variable or "a variable")

    @property
    def remedy(self) -> tuple[str, ...]:
        """The fault's steps for this variable."""
        return tuple(step.format(variable=self.variable or "the variable") for step in self.fault.remedy)
