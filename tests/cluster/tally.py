"""What was wanted and what was seen: one line a promise, with counts, the median and the slowest."""

from __future__ import annotations

import os
import statistics
from dataclasses import dataclass, field

TRIES = int(os.environ.get("GRANNY_CLUSTER_TRIES", "5"))
"""How often each row is played."""
_ROW = "{:<44} {:<44} {:>8} {:>8} {:>8}"
HEAD = _ROW.format("fault", "wanted", "seen", "median", "slowest")


@dataclass(slots=True)
class Promise:
    """One thing that is wanted at one fault.

    Attributes:
        fault: what was done.
        wanted: in words.
        within: seconds; None where only whether it came counts.
        seen: for each try and caller how many seconds it took; None if it did not come.
    """

    fault: str
    wanted: str
    within: float | None = None
    seen: list[float | None] = field(default_factory=list)

    def note(self, *seconds: float | None) -> None:
        """What was seen."""
        self.seen += seconds

    def note_whether(self, *came: bool | None) -> None:
        """The same where no time is taken."""
        self.seen += [0.0 if one else None for one in came]

    @property
    def kept(self) -> int:
        """How often it was as wanted."""
        return sum(one is not None and (self.within is None or one <= self.within) for one in self.seen)

    @property
    def is_kept(self) -> bool:
        """Whether it was so every time, and there was a time."""
        return bool(self.seen) and self.kept == len(self.seen)

    def __str__(self) -> str:
        came = [one for one in self.seen if one is not None]
        middle, slowest = "", ""
        if any(came):
            middle, slowest = f"{statistics.median(came):.1f}", f"{max(came):.1f}"
        if any(came) and len(came) < len(self.seen):
            slowest = "never"
        wanted = self.wanted if self.within is None else f"{self.wanted} ≤ {self.within:g} s"
        return _ROW.format(self.fault, wanted, f"{self.kept}/{len(self.seen)}", middle, slowest)


@dataclass(slots=True)
class Tally:
    """All promises of a run, in order."""

    promises: list[Promise] = field(default_factory=list)

    def promise(self, fault: str, wanted: str, within: float | None = None) -> Promise:
        """One more."""
        self.promises.append(Promise(fault, wanted, within))
        return self.promises[-1]

    def __str__(self) -> str:
        return "\n".join([HEAD, *map(str, self.promises)])


def assert_kept(*promises: Promise) -> None:
    """Each was kept each time; the figures are in the table at the end."""
    broken = [str(one) for one in promises if not one.is_kept]
    assert not broken, "\n".join(["", HEAD, *broken])
