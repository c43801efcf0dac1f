"""What the caller is owed: four states, and what each thing that happens in a call makes of them.

| what happens | nothing | awaited | lost | silent |
| --- | --- | --- | --- | --- |
| `MET` | awaited | awaited | lost | silent |
| `TURN_ENDED` | awaited | awaited | lost | silent |
| `BEGAN` | awaited | awaited | awaited | awaited |
| `BEGAN_UNASKED` | nothing | awaited | awaited | awaited |
| `CALLED_FUNCTION` | awaited | awaited | lost | silent |
| `CAME` | nothing | nothing | nothing | nothing |
| `CAME_SILENT` | nothing | silent | lost | silent |
| `ASKED_AGAIN` | awaited | awaited | awaited | awaited |
| `FAILED` | lost | lost | lost | lost |
| `CUT` | nothing | lost | lost | lost |
| `OVERTAKEN` | nothing | nothing | nothing | nothing |
| `OVERTAKEN_EARLY` | nothing | awaited | awaited | awaited |
| `GIVEN_UP` | nothing | nothing | nothing | nothing |
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Owed(Enum):
    """What the caller is owed: an answer, or her first word."""

    NOTHING = "nothing"
    """Nothing: they have been answered, or have not asked yet."""
    AWAITED = "awaited"
    """An answer, which is expected to come, or is being heard."""
    LOST = "lost"
    """An answer that will not come by itself: the model is to be asked for it again."""
    SILENT = "silent"
    """An answer that has come without a sound: the caller is to be told."""


class Happening(Enum):
    """What can happen to an answer."""

    MET = "she and her caller are in the room, and it is for the model to greet"
    TURN_ENDED = "the caller has spoken"
    BEGAN = "the model begins an answer"
    BEGAN_UNASKED = "the same, while the caller speaks or before her first word"
    CALLED_FUNCTION = "the model has called a function, and will go on"
    CAME = "an answer has come"
    CAME_SILENT = "an answer has come, without a sound"
    ASKED_AGAIN = "the model has been asked for the lost answer"
    FAILED = "an answer, or the greeting, has failed"
    CUT = "the connection is gone, and with it every answer that was on its way"
    OVERTAKEN = "the caller speaks, or the answer was cancelled: it is no longer waited for"
    OVERTAKEN_EARLY = "the same before her first word, which stays owed"
    GIVEN_UP = "a recorded line stands in for the answer"


_NOTHING, _AWAITED, _LOST, _SILENT = Owed


def _row(nothing: Owed, awaited: Owed, lost: Owed, silent: Owed) -> Mapping[Owed, Owed]:
    return MappingProxyType(dict(zip(Owed, (nothing, awaited, lost, silent), strict=True)))


TRANSITIONS: Mapping[Happening, Mapping[Owed, Owed]] = MappingProxyType(
    {
        Happening.MET: _row(_AWAITED, _AWAITED, _LOST, _SILENT),
        Happening.TURN_ENDED: _row(_AWAITED, _AWAITED, _LOST, _SILENT),
        Happening.BEGAN: _row(_AWAITED, _AWAITED, _AWAITED, _AWAITED),
        Happening.BEGAN_UNASKED: _row(_NOTHING, _AWAITED, _AWAITED, _AWAITED),
        Happening.CALLED_FUNCTION: _row(_AWAITED, _AWAITED, _LOST, _SILENT),
        Happening.CAME: _row(_NOTHING, _NOTHING, _NOTHING, _NOTHING),
        Happening.CAME_SILENT: _row(_NOTHING, _SILENT, _LOST, _SILENT),
        Happening.ASKED_AGAIN: _row(_AWAITED, _AWAITED, _AWAITED, _AWAITED),
        Happening.FAILED: _row(_LOST, _LOST, _LOST, _LOST),
        Happening.CUT: _row(_NOTHING, _LOST, _LOST, _LOST),
        Happening.OVERTAKEN: _row(_NOTHING, _NOTHING, _NOTHING, _NOTHING),
        Happening.OVERTAKEN_EARLY: _row(_NOTHING, _AWAITED, _AWAITED, _AWAITED),
        Happening.GIVEN_UP: _row(_NOTHING, _NOTHING, _NOTHING, _NOTHING),
    }
)
_BEGIN_THE_WAIT_ANEW = frozenset(
    {
        Happening.TURN_ENDED,
        Happening.CALLED_FUNCTION,
        Happening.CUT,
    }
)
"""Each is a new reason to wait for an answer; for her first word the caller has been waiting all along.

A failure, and that the model is asked again, are none: however often it fails, the caller hears of it in time.
"""


class Debt:
    """What the caller of one call is owed, and since when.

    Attributes:
        owed: what; an answer, or her first word.
        since: since when the caller has been waiting for it, in seconds on the watchdog's clock; None if for nothing.
        is_first_word: the caller has heard nothing yet, nor has anything been said in its place. However often the
            caller speaks meanwhile, it is owed since they met.
    """

    def __init__(self) -> None:
        self.owed = Owed.NOTHING
        self.since: float | None = None
        self.is_first_word = True

    def happens(self, happening: Happening, now: float) -> None:
        """What is owed is now what the table says."""
        was, self.owed = self.owed, TRANSITIONS[happening][self.owed]
        if self.owed is Owed.NOTHING:
            self.since = None
        elif was is Owed.NOTHING or (happening in _BEGIN_THE_WAIT_ANEW and not self.is_first_word):
            self.since = now

    def begins(self, now: float, *, caller_speaks: bool) -> None:
        """The model begins an answer; one that nobody can be waiting for makes no debt."""
        is_unasked = caller_speaks or self.is_first_word
        self.happens(Happening.BEGAN_UNASKED if is_unasked else Happening.BEGAN, now)

    def is_overtaken(self, now: float) -> None:
        """What was owed before is no longer waited for; the first word is."""
        self.happens(Happening.OVERTAKEN_EARLY if self.is_first_word else Happening.OVERTAKEN, now)

    def first_word_said(self) -> None:
        """The caller has heard her, or a recorded line in her place; the rest of an answer may still be owed."""
        self.is_first_word = False

    def waits_on(self, now: float) -> None:
        """Something has been heard meanwhile: what is still owed is waited for from now on."""
        if self.since is not None:
            self.since = now
