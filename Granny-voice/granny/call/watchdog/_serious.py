"""The net under serious words: the caller is owed whom to ring, by the model or by a recorded line."""

from __future__ import annotations

from collections.abc import Mapping

from granny.call.watchdog._step import Say
from granny.lines import Line

HEARD_SECONDS = 4.0
"""So long the model has to be heard with it; then a recorded line says it."""
LATEST_SECONDS = 8.0
"""So long the line waits for a caller who speaks on."""
_ASKED = "client_event_id"
"""By this mark of its own the plugin knows the responses that it was told to ask for."""


class Serious:
    """From the moment at which serious words were understood until somebody has been heard to answer them."""

    def __init__(self) -> None:
        self._line: Line | None = None
        self._since = 0.0
        self._asked: set[object] = set()

    @property
    def is_told(self) -> bool:
        """Whether the answer that was asked for has begun, so that the model knows."""
        return bool(self._asked)

    def heard(self, line: Line, now: float) -> None:
        """The caller's words were serious, and the model is told; `line` says it in the model's place."""
        self._asked.clear()
        self._since = self._since if self._line else now
        self._line = line

    def take(self, event: Mapping[str, object]) -> None:
        """An event from OpenAI: the answer that was asked for is known by its mark, and its sound is enough."""
        kind = event.get("type")
        if kind == "response.created" and (response := event.get("response")) and isinstance(response, Mapping):
            metadata = response.get("metadata")
            if isinstance(metadata, Mapping) and metadata.get(_ASKED):
                self._asked.add(response.get("id"))
        elif kind == "response.output_audio.delta" and event.get("response_id") in self._asked:
            self._line = None

    def step(self, now: float, *, is_quiet: bool, is_ending: bool) -> Say | None:
        """What is due: the line, once; before an end it does not wait."""
        waited = now - self._since
        if self._line is None or not (is_ending or waited > LATEST_SECONDS or (is_quiet and waited > HEARD_SECONDS)):
            return None
        line, self._line = self._line, None
        return Say(line=line)
