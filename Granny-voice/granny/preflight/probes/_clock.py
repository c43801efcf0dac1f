"""Whether this machine's clock and a server's agree."""

from __future__ import annotations

from granny import faults
from granny.faults import Finding, Severity

WARN_SECONDS = 30.0
"""LiveKit forgives about 60 s; half of that is worth a word."""

_UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))


def clock_finding(theirs: float | None, ours: float) -> Finding | None:
    """A warning if the two clocks, in seconds since 1970, differ by more than `WARN_SECONDS`."""
    if theirs is None or abs(ours - theirs) <= WARN_SECONDS:
        return None
    fault = faults.CLOCK_AHEAD if ours > theirs else faults.CLOCK_BEHIND
    return fault.found(f"this clock is {difference_in_words(ours - theirs)} the server's", severity=Severity.WARNING)


def difference_in_words(seconds: float) -> str:
    """As in "3.5 hours ahead of"."""
    size, unit = next((step for step in _UNITS if abs(seconds) >= 2 * step[0]), _UNITS[-1])
    return f"{abs(seconds) / size:.3g} {unit} {'ahead of' if seconds > 0 else 'behind'}"
