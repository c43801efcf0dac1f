"""Whether anybody listens to her: LiveKit tells of each of her tracks when the first one does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from livekit import rtc


@dataclass(slots=True)
class OwnTrack:
    """A track of hers in the room.

    Attributes:
        since: when it was published, in `time.monotonic`'s seconds.
        heard_at: when the first one listened to it, in seconds since the epoch; None if nobody has.
    """

    since: float
    heard_at: float | None = None


class Audience:
    """Who listens to her in one room: whether anybody, not who; a recorder counts, too.

    Attributes:
        tracks: hers, by their ids.
        heard_at: since when, in seconds since the epoch; None if nobody does. After a new beginning of the connection
            nobody does, until somebody listens again.
    """

    def __init__(self, room: rtc.Room, *, changed: Callable[[], None]) -> None:
        self.tracks: dict[str, OwnTrack] = {}
        self.heard_at: float | None = None
        self._changed = changed
        room.on("local_track_published", self._on_published)
        room.on("local_track_subscribed", self._on_subscribed)
        room.on("local_track_unpublished", self._on_unpublished)
        room.on("local_track_republished", self._on_republished)

    def _on_published(self, publication: rtc.LocalTrackPublication, _: rtc.LocalTrack | None) -> None:
        self.tracks.setdefault(publication.sid, OwnTrack(time.monotonic()))

    def _on_unpublished(self, publication: rtc.LocalTrackPublication) -> None:
        self.tracks.pop(publication.sid, None)

    def _on_republished(self, publication: rtc.LocalTrackPublication, previous_sid: str) -> None:
        """The connection has begun anew: what was listened to before is another track now."""
        self.tracks.pop(previous_sid, None)
        self.tracks[publication.sid] = OwnTrack(time.monotonic())
        self.heard_at = min((one.heard_at for one in self.tracks.values() if one.heard_at), default=None)
        self._changed()

    def _on_subscribed(self, track: rtc.LocalTrack | None) -> None:
        now = time.time()
        if track:
            self.tracks.setdefault(track.sid, OwnTrack(time.monotonic())).heard_at = now
        if self.heard_at is None:
            self.heard_at = now
            self._changed()
