"""The net under serious words: the caller is owed whom to ring, by the model or by a recorded line."""

from __future__ import annotations

from collections.abc import Mapping

from granny.call.watchdog._step import FreeLine, Say
from granny.lines import Line

HEARD_SECONDS = 4.0
"""So long the model has to be heard with it; then a recorded line says it."""
LATEST_SECONDS = 8.0
"""So long the line waits for a caller who speaks on."""
NOT_HEARD_SECONDS = 1.5
"""Who speaks so soon after its first sound has cut the answer short, and has heard of no number."""
FREE_SECONDS = 5.0
"""So long a caller who has to ring by the same telephone may take to say that nothing is the matter."""
_ASKED = "client_event_id"
"""By this mark of its own the plugin knows the responses that it was told to ask for."""


class Serious:
    """From the moment at which serious words were understood until somebody has been heard to answer them.

    Attributes:
        frees_line: whether she is to hang up then, because the caller's only telephone is taken by this call.
    """

    def __init__(self) -> None:
        self._line: Line | None = None
        self._since = 0.0
        self._said: Line | None = None
        self._said_since = 0.0
        self._asked: set[object] = set()
        self._is_answered = False
        self.frees_line = False

    @property
    def is_told(self) -> bool:
        """Whether the answer that was asked for has begun, so that the model knows."""
        return bool(self._asked)

    @property
    def is_owed(self) -> bool:
        """Whether the caller has yet to be told whom to ring."""
        return self._line is not None

    def heard(self, line: Line, now: float) -> None:
        """The caller's words were serious, and the model is told; `line` says it in the model's place."""
        self._asked.clear()
        self._since = self._since if self._line else now
        self._line = line
        self._is_answered = False
        self.frees_line = self.frees_line and line is not Line.CRISIS  # nobody who wants to die is hung up on

    def free_line(self) -> None:
        """The caller has to ring by the telephone that they speak by."""
        self.frees_line = True

    def caller_spoke(self, now: float) -> None:
        """Whoever speaks when they have been told whom to ring is listened to; who speaks into it has not been told."""
        if self._said and self._line is None and now - self._said_since < NOT_HEARD_SECONDS:
            self._line, self._since, self._is_answered = self._said, now, False
        self._said = None
        self.frees_line = self.frees_line and not self._is_answered

    def take(self, event: Mapping[str, object], now: float) -> None:
        """An event from OpenAI: the answer that was asked for is known by its mark, and its sound is enough."""
        kind = event.get("type")
        if kind == "response.created" and (response := event.get("response")) and isinstance(response, Mapping):
            metadata = response.get("metadata")
            if isinstance(metadata, Mapping) and metadata.get(_ASKED):
                self._asked.add(response.get("id"))
        elif kind == "response.output_audio.delta" and event.get("response_id") in self._asked:
            if self._line:
                self._said, self._said_since = self._line, now
            self._line, self._is_answered = None, True

    def step(self, now: float, *, is_quiet: bool, is_ending: bool) -> Say | None:
        """What is due: the line, once; before an end it does not wait."""
        waited = now - self._since
        if self._line is None or not (is_ending or waited > LATEST_SECONDS or (is_quiet and waited > HEARD_SECONDS)):
            return None
        line, self._line, self._is_answered = self._line, None, True
        return Say(line=line)

    def free_step(self, *, quiet_for: float) -> FreeLine | None:
        """What is due when they have been told, and nobody has spoken since for so long."""
        if not (self.frees_line and self._is_answered) or quiet_for < FREE_SECONDS:
            return None
        return FreeLine(Line.GOODBYE)
