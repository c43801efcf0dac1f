"""The clock of trouble with OpenAI: since when, why, when to say "one moment", when to give up."""

from __future__ import annotations

from granny import faults
from granny.call.watchdog._step import Say, Step, farewell
from granny.faults import Finding
from granny.lines import Line

UNANSWERED_SECONDS = 1.0
"""A connection that is not open after so long is trouble, whether or not an error has come."""
ONE_MOMENT_SECONDS = 2.0
"""After so much trouble the caller hears "one moment"."""
PATIENCE_SECONDS = 8.0
"""After so much trouble the caller hears an apology, and the call ends."""
SETTLED_SECONDS = 1.5
"""So long without a new error, and the connection counts as good again."""


class Trouble:
    """Begins at an error; ends with sound, or with a connection that has settled and owes nothing.

    Attributes:
        since: when it began; None in good times.
        is_connected: whether OpenAI has spoken on the present connection.
    """

    def __init__(self) -> None:
        self.since: float | None = None
        self._finding: Finding | None = None
        self.is_connected = False
        self._is_connecting = False
        self._calm_since = 0.0
        self._has_told = False

    def connecting(self, now: float) -> None:
        """The plugin is opening a connection: the first one, or another because that is gone."""
        self.is_connected, self._is_connecting = False, True
        self._calm_since = now

    def connected(self, now: float) -> None:
        """OpenAI spoke, and it was not an error."""
        if not self.is_connected:
            self.is_connected, self._is_connecting = True, False
            self._calm_since = now

    def error(self, finding: Finding, now: float) -> None:
        """Something went wrong that may pass."""
        self._begin(finding, now)
        self._calm_since = now

    def over(self) -> None:
        """The model is to be heard again."""
        self.since = self._finding = None
        self._has_told = False

    def step(self, now: float, *, may_settle: bool, may_speak: bool) -> Step | None:
        """What is due.

        Args:
            now: the time.
            may_settle: whether no answer is owed, so that a calm connection is all that is asked for.
            may_speak: whether nobody is to be heard.
        """
        if self._is_unanswered(now):
            self._begin(faults.OPENAI_SILENT.found("the connection did not open"), self._calm_since)
        if may_settle and self.is_connected and now - self._calm_since > SETTLED_SECONDS:
            self.over()
        if self.since is None or self._finding is None:
            return None
        if now - self.since > PATIENCE_SECONDS:
            return farewell(self._finding)
        if now - self.since > ONE_MOMENT_SECONDS and may_speak and not self._has_told:
            self._has_told = True
            return Say(line=Line.ONE_MOMENT, finding=self._finding)
        return None

    def _is_unanswered(self, now: float) -> bool:
        """Whether a connection is being opened, and neither OpenAI nor an error has been heard for a while."""
        return self._is_connecting and now - self._calm_since > UNANSWERED_SECONDS

    def _begin(self, finding: Finding, now: float) -> None:
        self.since = now if self.since is None else self.since
        if self._finding is None or self._finding.fault is faults.OPENAI_CONNECTION_LOST:
            self._finding = finding  # why it does not come back says more than that it went
