"""Whether anybody listens to her: what LiveKit tells of each of her tracks, in whatever order."""

from __future__ import annotations

from fakes import Publication, Room, Track
from granny.call.audience import Audience


class Here:
    """A room in which she publishes; how often her audience changed stands in `changes`."""

    def __init__(self) -> None:
        self.room = Room()
        self.changes = 0
        self.audience = Audience(self.room, changed=self.changed)

    def changed(self) -> None:
        self.changes += 1

    def publishes(self, sid: str) -> None:
        self.room.emit("local_track_published", Publication(sid), None)

    def is_heard(self, sid: str) -> None:
        track = Track("hers", None)  # type: ignore[arg-type]  # of no sound
        track._info.sid = sid
        self.room.emit("local_track_subscribed", track)

    @property
    def is_listened_to(self) -> bool:
        return self.audience.heard_at is not None

    @property
    def unheard(self) -> list[str]:
        return [sid for sid, track in self.audience.tracks.items() if track.heard_at is None]


async def test_of_two_tracks_each_is_listened_to_by_itself() -> None:
    here = Here()
    here.publishes("TR_1")
    here.publishes("TR_2")
    assert not here.is_listened_to
    here.is_heard("TR_1")
    assert (here.unheard, here.changes) == (["TR_2"], 1)
    assert here.is_listened_to
    here.is_heard("TR_2")
    assert (here.unheard, here.changes) == ([], 1)


async def test_a_track_that_is_taken_away_leaves_her_heard() -> None:
    """Her greeting's track goes; the talk goes on."""
    here = Here()
    here.publishes("TR_1")
    here.is_heard("TR_1")
    here.room.emit("local_track_unpublished", Publication("TR_1"))
    assert (here.audience.tracks, here.changes) == ({}, 1)
    assert here.is_listened_to


async def test_after_a_new_beginning_nobody_listens_until_somebody_does() -> None:
    here = Here()
    for sid in ("TR_1", "TR_2"):
        here.publishes(sid)
        here.is_heard(sid)
    here.room.emit("local_track_republished", Publication("TR_3"), "TR_1")
    assert here.is_listened_to, "the other track is still thought to be listened to"
    here.room.emit("local_track_republished", Publication("TR_4"), "TR_2")
    assert not here.is_listened_to
    assert here.unheard == ["TR_3", "TR_4"]
    here.is_heard("TR_4")
    assert here.is_listened_to
    assert here.unheard == ["TR_3"]


async def test_what_is_told_before_the_track_is_known_counts_as_well() -> None:
    here = Here()
    here.is_heard("TR_1")
    here.publishes("TR_1")
    assert (here.unheard, here.changes) == ([], 1)


async def test_a_track_of_which_nothing_is_known_is_heard_all_the_same() -> None:
    here = Here()
    here.room.emit("local_track_subscribed", None)
    assert (here.audience.tracks, here.changes) == ({}, 1)
