"""The four steps that can be due in a call."""

from __future__ import annotations

from dataclasses import dataclass

from granny.faults import Fault, Finding
from granny.lines import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Say a recorded line; the call goes on.

    Attributes:
        line: what to say.
        finding: why, when it is a fault that the room shall know of.
        drop_answer: whether an answer that is still owed is given up, so that the next one can come.
    """

    line: Line
    finding: Finding | None = None
    drop_answer: bool = False


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Ask the model once more for an answer that was lost."""


@dataclass(frozen=True, slots=True)
class End:
    """Tell the caller and the room why, and hang up."""

    finding: Finding
    line: Line


@dataclass(frozen=True, slots=True)
class FreeLine:
    """Say a line and hang up, so that the caller can ring for help: no fault is the reason."""

    line: Line


Step = Say | AskAgain | End | FreeLine

_SPOKEN: dict[str | None, Line] = {line.value: line for line in Line}


def farewell(finding: Finding) -> End:
    """The end of a call for this reason, with the fault's own line."""
    return End(finding, spoken_line(finding.fault))


def spoken_line(fault: Fault) -> Line:
    """The line a caller hears for a fault; without one of its own, something just went wrong."""
    return _SPOKEN.get(fault.spoken, Line.SOMETHING_WENT_WRONG)
