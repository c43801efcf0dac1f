"""One Granny a room: of several in one room the one the caller hears stays, and the others leave without a word.

Two come to one caller when LiveKit offers the call anew while the connection of the first is being mended, or when two
workers answer in the same moment. Each decides for herself, from what LiveKit tells every one of them alike:

| | the other has nothing to show | the other claims the call | the other is heard |
| --- | --- | --- | --- |
| she has nothing to show | who found the other there waits, then claims the call | leaves | leaves |
| she claims the call | waits a moment for the other to leave, then speaks | who came first speaks | leaves |
| she is heard | speaks | speaks | who has been heard longer speaks |

LiveKit lets one in after the other, so of any two exactly one finds the other there.
It is no vote: one rank is drawn from what all can read, so all find the same one first. Whoever finds herself behind
leaves only when it has been so for a moment: what LiveKit tells one of them reaches the others a little later. She
says so as she goes (`granny.call.floor`), or the other might fall behind her in that moment, and leave as well.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, IntEnum

PATIENCE_SECONDS = 1.5
"""So long who came later waits for the other to be heard: the fastest need a third of it, a slow line far more."""
ANSWER_SECONDS = 1.0
"""So long who claims the call waits for the other to leave; one that is frozen never does.

LiveKit tells the others of one who publishes nothing up to three seconds late, and at once as soon as she publishes:
the other may hear of the claim only when she begins, and leaves then.
"""
SETTLED_SECONDS = 0.3
"""So long somebody must have been behind before she leaves: longer than what LiveKit tells is on its way."""


class Standing(IntEnum):
    """What speaks for somebody, the best first."""

    HEARD = 0
    CLAIMING = 1
    NONE = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """One Granny in a room, as all in it are told of her.

    Attributes:
        identity: her name there.
        joined_at: when she came, by LiveKit's clock; for the order alone.
        heard_at: since when a caller listens to her, by her own clock; None if nobody does.
        is_claiming: she came later, and the other was not heard for so long that she claims the call.
    """

    identity: str
    joined_at: float = 0.0
    heard_at: float | None = None
    is_claiming: bool = False

    @property
    def standing(self) -> Standing:
        """What speaks for her."""
        if self.heard_at is not None:
            return Standing.HEARD
        return Standing.CLAIMING if self.is_claiming else Standing.NONE

    @property
    def rank(self) -> tuple[Standing, float, str]:
        """The smallest in a room is the first; no two are alike."""
        since = self.joined_at if self.heard_at is None else self.heard_at
        return self.standing, since, self.identity


class Verdict(Enum):
    """What she is to do."""

    SPEAK = "speak"
    WAIT = "wait"
    """Not to begin; whoever speaks already goes on until it is clear."""
    CLAIM = "claim"
    """To let the others know that she claims the call; else as above."""
    LEAVE = "leave"


class Election:
    """Decides, and does nothing; times are in seconds on one clock.

    Attributes:
        came_later: whether she found another one in the room when she came, or came back.
    """

    def __init__(self) -> None:
        self.came_later = False
        self._together_since: float | None = None
        self._claiming_since: float | None = None
        self._behind_since: float | None = None

    def step(self, she: Candidate, others: Collection[Candidate], now: float) -> Verdict:
        """What she is to do now; to be asked about ten times a second while there are others, and at every change."""
        if not others:
            self._together_since = self._claiming_since = self._behind_since = None
            return Verdict.SPEAK
        together_since = self._together_since = now if self._together_since is None else self._together_since
        first = min(others, key=lambda one: one.rank)
        if first.rank < she.rank and first.standing is not Standing.NONE:
            return self._behind(now)
        self._behind_since = None
        if she.standing is Standing.HEARD:
            return Verdict.SPEAK
        if she.is_claiming:
            return self._claiming(now)
        if not self.came_later:
            return Verdict.SPEAK
        return Verdict.CLAIM if now - together_since >= PATIENCE_SECONDS else Verdict.WAIT

    def _behind(self, now: float) -> Verdict:
        self._behind_since = now if self._behind_since is None else self._behind_since
        return Verdict.LEAVE if now - self._behind_since >= SETTLED_SECONDS else Verdict.WAIT

    def _claiming(self, now: float) -> Verdict:
        self._claiming_since = now if self._claiming_since is None else self._claiming_since
        return Verdict.SPEAK if now - self._claiming_since >= ANSWER_SECONDS else Verdict.WAIT
