"""The measure of wholeness itself: what is cut off is told, to the piece."""

from __future__ import annotations

import numpy as np
import pytest

from calls.stage import short_greeting
from granny.rehearsal.callers.telephone import SAMPLE_RATE
from granny.rehearsal.callers.wholeness import heard_of

PIECE = SAMPLE_RATE // 50 * 2
SILENCE = bytes(PIECE * 30)
SAID = np.repeat(np.frombuffer(short_greeting().pcm, dtype="<i2"), 2).tobytes()


def test_what_is_heard_whole_lacks_nothing_and_is_found_where_it_was() -> None:
    whole = heard_of(SAID, SILENCE + SAID + SILENCE)
    assert whole.is_whole
    assert 0.6 <= whole.began < 0.64


@pytest.mark.parametrize("pieces", [1, 5])
def test_a_lost_head_is_told(pieces: int) -> None:
    whole = heard_of(SAID, SILENCE + bytes(pieces * PIECE) + SAID[pieces * PIECE :])
    assert whole.head == pytest.approx(pieces * 0.02)
    assert whole.tail == 0
    assert abs(whole.slipped) < 0.02


@pytest.mark.parametrize("pieces", [1, 5])
def test_a_lost_tail_is_told(pieces: int) -> None:
    whole = heard_of(SAID, SILENCE + SAID[: -pieces * PIECE] + SILENCE)
    assert whole.tail == pytest.approx(pieces * 0.02)
    assert whole.head == 0


def test_a_pause_within_and_a_piece_that_is_left_out_are_told() -> None:
    middle = len(SAID) // PIECE // 2 * PIECE
    assert heard_of(SAID, SILENCE + SAID[:middle] + bytes(PIECE * 3) + SAID[middle:]).slipped == pytest.approx(
        0.06, abs=0.02
    )
    assert heard_of(SAID, SILENCE + SAID[:middle] + SAID[middle + PIECE * 3 :]).slipped == pytest.approx(
        -0.06, abs=0.02
    )


def test_what_was_never_said_is_not_found() -> None:
    assert not heard_of(SAID, SILENCE * 4).is_whole
