"""Whether sound gets through both ways: where it does not, the connection is begun anew, and then it is a fault.

LiveKit may let both into a room and bring neither the other's sound: after a connection was mended, or where a network
lets signs through and no sound. What tells of it is

- a track of hers that nobody listens to, though somebody is there whose line is up;
- an open microphone of which nothing has come, not even silence: of one that is received there are packets.

Nothing tells of it where somebody does not speak, has muted the microphone or may not use one, nor while a telephone
rings. `granny.call.sound_watch` looks, and does what is said here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

NOTICE_SECONDS = 4.0
"""How long no sound must have come; with the look once a second it is noticed within five."""
PATIENCE_SECONDS = 10.0
"""How long after a new beginning, before it is a fault: so long a slow line may take."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What is known of the sound in a room at one moment.

    Attributes:
        can_listen: whether somebody is there whose line is up.
        tracks: how many tracks she has published.
        unheard: how many of them nobody listens to.
        microphones: the open ones of those whose line is up, by their tracks' ids, and how many packets have come of
            each; None of one that LiveKit does not send.
    """

    can_listen: bool = False
    tracks: int = 0
    unheard: int = 0
    microphones: Mapping[str, int | None] | None = None


class Due(Enum):
    """What is to be done."""

    NOTHING = "nothing"
    BEGIN_ANEW = "begin anew"
    UNHEARD = "unheard"
    """To tell that nobody listens to her."""
    DEAF = "deaf"
    """To tell that she hears nobody."""


@dataclass(slots=True)
class _Way:
    """The sound in one direction."""

    fault: Due
    _dead_since: float | None = None
    _has_tried: bool = False
    _is_told: bool = False

    def step(self, *, is_dead: bool | None, now: float) -> Due:
        """What is due; None: there is nothing to judge by."""
        if not is_dead:
            self._dead_since = None
            if is_dead is False:
                self._has_tried = self._is_told = False
            return Due.NOTHING
        self._dead_since = now if self._dead_since is None else self._dead_since
        if self._is_told or now - self._dead_since < (PATIENCE_SECONDS if self._has_tried else NOTICE_SECONDS):
            return Due.NOTHING
        self._is_told = self._has_tried
        self._has_tried = True
        self._dead_since = now
        return self.fault if self._is_told else Due.BEGIN_ANEW


class SoundCheck:
    """Decides, and does nothing; times are in seconds on one clock."""

    def __init__(self) -> None:
        self._out = _Way(Due.UNHEARD)
        self._in = _Way(Due.DEAF)
        self._well: set[str] = set()
        self._before: dict[str, int] = {}
        self._is_anew = False

    @property
    def well(self) -> frozenset[str]:
        """The microphones of which something has come: they need not be asked any more."""
        return frozenset(self._well)

    def mended(self) -> None:
        """The connection was mended or begun anew: what came before proves nothing."""
        self._well.clear()
        self._before.clear()
        self._is_anew = True

    def step(self, sound: Sound, now: float) -> Due:
        """What is due; to be asked about once a second while the connection is up."""
        due = self._out.step(is_dead=self._is_unheard(sound), now=now)
        other = self._in.step(is_dead=self._is_deaf(sound.microphones or {}), now=now)
        is_heard_at_all = sound.unheard < sound.tracks  # a device may choose what it listens to
        return other if due is Due.NOTHING or (due is Due.UNHEARD and is_heard_at_all) else due

    def _is_unheard(self, sound: Sound) -> bool | None:
        return sound.unheard > 0 if sound.can_listen and sound.tracks else None

    def _is_deaf(self, microphones: Mapping[str, int | None]) -> bool | None:
        if self._is_anew:
            self._before = {one: packets for one, packets in microphones.items() if packets is not None}
            self._is_anew = False
        self._well |= {one for one, packets in microphones.items() if packets and packets > self._before.get(one, 0)}
        self._well &= microphones.keys()
        return not self._well if microphones else None
