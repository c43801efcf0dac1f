"""Her voice on its way to a browser: no faster than it is heard, and gone when she is interrupted."""

from __future__ import annotations

import pytest

from granny.page._playout import AHEAD_SECONDS, LONGEST_SECONDS, Playout
from granny.rooms.roomless import FRAME_BYTES, FRAME_SECONDS

SECOND = FRAME_BYTES * 50


def due(playout: Playout, now: float) -> int:
    """How many frames are sent now."""
    frames = 0
    while playout.frame(now):
        frames += 1
    return frames


def test_she_is_as_far_ahead_as_the_machine_may_be_held_up_and_no_further() -> None:
    playout = Playout()
    playout.put(b"\1" * 5 * SECOND)
    assert due(playout, 10.0) * FRAME_SECONDS == pytest.approx(AHEAD_SECONDS, abs=1.5 * FRAME_SECONDS)
    assert due(playout, 10.0) == 0
    assert due(playout, 10.5) * FRAME_SECONDS == pytest.approx(0.5, abs=1.5 * FRAME_SECONDS)


def test_after_a_pause_she_is_heard_at_once() -> None:
    playout = Playout()
    playout.put(b"\1" * FRAME_BYTES)
    assert due(playout, 10.0) == 1
    playout.put(b"\1" * FRAME_BYTES)
    assert due(playout, 60.0) == 1


def test_a_frame_is_sent_whole_and_the_last_one_filled_up() -> None:
    playout = Playout()
    playout.put(b"\1" * (FRAME_BYTES + 10))
    assert playout.frame(0.0) == b"\1" * FRAME_BYTES
    assert playout.frame(0.0) is None
    playout.finish()
    assert playout.frame(0.0) == b"\1" * 10 + b"\0" * (FRAME_BYTES - 10)


def test_she_has_been_heard_when_the_last_of_it_was_and_once() -> None:
    playout = Playout()
    playout.put(b"\1" * SECOND)
    due(playout, 0.0)
    due(playout, 0.5)
    playout.finish()
    assert not playout.is_heard(0.99)
    assert playout.is_heard(1.2)
    assert not playout.is_heard(1.3)


def test_what_is_still_to_come_has_not_been_heard() -> None:
    playout = Playout()
    playout.put(b"\1" * SECOND)
    due(playout, 0.0)
    assert not playout.is_heard(5.0)
    assert not playout.is_silent(5.0)


def test_an_interruption_takes_back_what_waits_and_counts_as_nothing_heard() -> None:
    playout = Playout()
    playout.put(b"\1" * 5 * SECOND)
    playout.finish()
    due(playout, 0.0)
    playout.clear(0.3)
    assert due(playout, 0.3) == 0
    assert not playout.is_heard(9.0)
    assert playout.is_silent(0.5)
    playout.put(b"\2" * FRAME_BYTES)
    assert playout.frame(0.31) == b"\2" * FRAME_BYTES


def test_of_what_has_no_place_any_more_the_newest_is_lost() -> None:
    playout = Playout()
    playout.put(b"\1" * int(LONGEST_SECONDS) * SECOND)
    playout.put(b"\2" * SECOND)
    assert playout.lost == SECOND
    assert playout.frame(0.0) == b"\1" * FRAME_BYTES
