"""What a question returns."""

from __future__ import annotations

from dataclasses import dataclass

from granny.faults import Finding


@dataclass(frozen=True, slots=True)
class Answer:
    """It was asked; without a fatal or transient finding all is well.

    Attributes:
        detail: one short line for a person, never a value: "LiveKit 1.13.4 accepts the key".
        findings: what is wrong, and the warnings.
    """

    detail: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Unasked:
    """It could not be asked; the check-up reports it as skipped, with the reason."""

    reason: str
