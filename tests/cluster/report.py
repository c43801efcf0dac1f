"""What one caller met, as its process prints it and the test reads it; times are the machine's monotonic seconds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from typing_extensions import Self

ENOUGH_SECONDS = 1.0
"""What ends sooner after a fault was on its way before it."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something heard: a recorded line by its slug, or (None) Granny's voice."""

    line: str | None
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Company:
    """Who was in the room from a moment on: Grannys that talk, and voices that say that the line is busy."""

    since: float
    calls: int
    busy: int


@dataclass(slots=True)
class Report:
    """One call, from the caller's side.

    Attributes:
        asked: when the caller first asked to be let in.
        refused: when asking failed; the caller asks again.
        joined: when the caller was in.
        heard: what was heard, in order.
        company: who was in the room, whenever it changed.
        reconnecting, reconnected: when the line broke, and when it was there again.
        tracks: when the sound of somebody began to come, whether there was anything in it or not.
        left, reason: when the caller was put off the line, and LiveKit's word for why.
        told: the faults that the room was told.
    """

    asked: float | None = None
    refused: list[float] = field(default_factory=list)
    joined: float | None = None
    heard: list[Stretch] = field(default_factory=list)
    company: list[Company] = field(default_factory=list)
    reconnecting: list[float] = field(default_factory=list)
    reconnected: list[float] = field(default_factory=list)
    tracks: list[float] = field(default_factory=list)
    left: float | None = None
    reason: str = ""
    told: list[str] = field(default_factory=list)

    def text(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> Self:
        """From such a line."""
        fields = json.loads(text)
        fields["heard"] = [Stretch(**one) for one in fields["heard"]]
        fields["company"] = [Company(**one) for one in fields["company"]]
        return cls(**fields)

    @property
    def lines(self) -> list[str]:
        """The recorded lines heard, in order."""
        return [one.line for one in self.heard if one.line]

    @property
    def grannys(self) -> int:
        """How many of her are in the room now."""
        return self.company[-1].calls if self.company else 0

    def first_sound(self) -> float | None:
        """Seconds from asking to the first sound of any kind."""
        return self._after_asking(next(iter(self.heard), None))

    def first_word(self) -> float | None:
        """Seconds from asking to her own first word."""
        return self._after_asking(next((one for one in self.heard if one.line is None), None))

    def first_of(self, line: str) -> float | None:
        """Seconds from asking to a recorded line."""
        return self._after_asking(next((one for one in self.heard if one.line == line), None))

    def next_sound(self, after: float) -> float | None:
        """Seconds from a moment to what was heard next."""
        return _from(after, next((one for one in self.heard if one.end > after + ENOUGH_SECONDS), None))

    def next_word(self, after: float) -> float | None:
        """The same for her own voice alone."""
        own = (one for one in self.heard if one.line is None and one.end > after + ENOUGH_SECONDS)
        return _from(after, next(own, None))

    def longest_silence(self, start: float, end: float) -> float:
        """Seconds, between two moments; what comes after the caller was put off the line is none."""
        end = min(end, self.left or end)
        silent_since, longest = start, 0.0
        for one in self.heard:
            longest = max(longest, min(one.start, end) - silent_since)
            silent_since = max(silent_since, one.end)
        return max(longest, end - silent_since)

    def alone_again(self, after: float) -> float | None:
        """Seconds from a moment until there was one Granny in the room, and never another number again."""
        since = None
        for one in self.company:
            since = (since if since is not None else one.since) if one.calls == 1 else None
        return None if since is None else max(0.0, since - after)

    def _after_asking(self, one: Stretch | None) -> float | None:
        return None if one is None or self.asked is None else one.start - self.asked


def _from(after: float, one: Stretch | None) -> float | None:
    return None if one is None else max(0.0, one.start - after)
