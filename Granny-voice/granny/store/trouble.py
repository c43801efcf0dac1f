"""What becomes of a database's error: a finding, in our own words."""

from __future__ import annotations

from granny.faults import STORE_UNAVAILABLE, Finding


class StoreError(Exception):
    """The store cannot be used now.

    Attributes:
        finding: why.
        may_pass: whether the same may succeed later; what a database refuses for its own sake never will.
    """

    def __init__(self, finding: Finding, *, may_pass: bool = True) -> None:
        super().__init__(finding.fault.slug)
        self.finding = finding
        self.may_pass = may_pass


def kind_of(error: BaseException | None, code: str | None = None) -> str:
    """What kind of error it is, and its code: SQLite's name for it, or SQLSTATE; never its text."""
    return f"{type(error).__name__}, {code}." if code else f"{type(error).__name__}."


def unavailable(evidence: str, *, where: str | None = None, may_pass: bool = True) -> StoreError:
    """The store cannot be reached, or refuses what is asked of it."""
    return StoreError(STORE_UNAVAILABLE.found(evidence, where=where), may_pass=may_pass)
