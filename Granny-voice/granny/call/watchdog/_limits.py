"""The limits that protect the family's money: silence, the longest call, the most tokens."""

from __future__ import annotations

from dataclasses import dataclass

from granny import faults
from granny.call.watchdog._step import Say, Step, farewell
from granny.lines import Line

NOTICE_SECONDS = 60.0
"""The end of the longest call is announced so long before."""
REMINDER_SECONDS = 2.75 * 3600
"""So often she says again what she is: New York's General Business Law, section 1702, asks for it every three hours."""
_GRACE_SECONDS = 20.0
"""So long a sentence may be finished when the time is up."""


@dataclass(slots=True)
class Limits:
    """One call's limits.

    Attributes:
        idle: seconds of silence after which she asks, and after which again she says goodbye.
        longest: the longest call, in seconds.
        tokens: the most tokens of a call, input and output together; None for no bound.
    """

    idle: float
    longest: float
    tokens: int | None
    _has_asked: bool = False
    _has_announced: bool = False
    _reminders: int = 0

    def caller_spoke(self) -> None:
        """There is somebody."""
        self._has_asked = False

    def step(self, *, lasted: float, silent_for: float, tokens: int) -> Step | None:
        """What is due, given how long the call and its present silence have lasted, in seconds."""
        is_over = lasted > self.longest or (self.tokens is not None and tokens > self.tokens)
        if is_over and (silent_for > 0 or lasted > self.longest + _GRACE_SECONDS):
            return farewell(faults.CALL_TOO_LONG.found(f"{lasted / 60:.0f} minutes, {tokens} tokens"))
        if silent_for > self.idle:
            return self._silence(silent_for)
        if self._is_nearly_over(lasted) and silent_for > 0 and not self._has_announced:
            self._has_announced = True
            return Say(line=Line.TIME_NEARLY_UP)
        return self._reminder(lasted) if silent_for > 0 else None

    def empty_room(self, *, lasted: float) -> Step | None:
        """What is due while nobody has come: no question, which would also stop the greeting that waits for them."""
        if lasted > 2 * self.idle:
            return farewell(faults.CALL_IDLE.found(f"nobody came in {lasted:.0f} s"))
        return None

    def _reminder(self, lasted: float) -> Step | None:
        """What she is, once for each of the hours above; where the clock has gone on by more, once all the same."""
        due = int(lasted // REMINDER_SECONDS)
        if due <= self._reminders:
            return None
        self._reminders = due
        return Say(line=Line.COMPUTER_COMPANION)

    def _is_nearly_over(self, lasted: float) -> bool:
        """A call that is no longer than the notice has no time that would be nearly up."""
        return self.longest > NOTICE_SECONDS and lasted > self.longest - NOTICE_SECONDS

    def _silence(self, seconds: float) -> Step:
        if self._has_asked:
            return farewell(faults.CALL_IDLE.found(f"silence of {seconds:.0f} s after the question"))
        self._has_asked = True
        return Say(line=Line.ARE_YOU_STILL_THERE)
