"""When sound is dead, and when it is only quiet: by a table, and by time."""

from __future__ import annotations

import pytest

from granny.call.sound_check import NOTICE_SECONDS, PATIENCE_SECONDS, Due, Sound, SoundCheck

HEARD = Sound(can_listen=True, tracks=1, microphones={"mic": 50})
UNHEARD = Sound(can_listen=True, tracks=1, unheard=1)
DEAF = Sound(can_listen=True, tracks=1, microphones={"mic": 0})
NOT_SENT = Sound(can_listen=True, tracks=1, microphones={"mic": None})


class Check:
    """A check and its time; what was due stands in `due`, with when."""

    def __init__(self) -> None:
        self.check = SoundCheck()
        self.now = 100.0
        self.due: list[tuple[float, Due]] = []

    def goes_on(self, sound: Sound, seconds: float) -> None:
        for _ in range(int(seconds)):
            due = self.check.step(sound, self.now)
            if due is not Due.NOTHING:
                self.due.append((self.now - 100.0, due))
            self.now += 1


@pytest.mark.parametrize(
    "sound",
    [
        HEARD,
        Sound(),
        Sound(can_listen=True),
        Sound(can_listen=True, tracks=1, microphones={}),
        Sound(can_listen=False, tracks=1, unheard=1),
        Sound(can_listen=True, tracks=2, microphones={"mic": 50, "another": 0}),
    ],
    ids=[
        "all is well",
        "nobody is there",
        "nothing is published yet",
        "muted, or no microphone, or not allowed one",
        "a telephone still rings",
        "one of two is heard",
    ],
)
def test_where_nothing_is_known_to_be_dead_nothing_is_ever_due(sound: Sound) -> None:
    check = Check()
    check.goes_on(sound, 600)
    assert check.due == []


@pytest.mark.parametrize(("sound", "fault"), [(UNHEARD, Due.UNHEARD), (DEAF, Due.DEAF), (NOT_SENT, Due.DEAF)])
def test_what_is_dead_is_begun_anew_and_then_told_once(sound: Sound, fault: Due) -> None:
    check = Check()
    check.goes_on(sound, 600)
    assert check.due == [(NOTICE_SECONDS, Due.BEGIN_ANEW), (NOTICE_SECONDS + PATIENCE_SECONDS, fault)]


@pytest.mark.parametrize(("sound", "fault"), [(UNHEARD, Due.UNHEARD), (DEAF, Due.DEAF)])
def test_a_new_beginning_that_helps_is_all(sound: Sound, fault: Due) -> None:
    """And the next time there is another one before anything is told."""
    check = Check()
    check.goes_on(sound, NOTICE_SECONDS + 1)
    check.goes_on(HEARD, 10)
    check.check.mended()
    check.goes_on(sound, NOTICE_SECONDS + PATIENCE_SECONDS + 1)
    assert [due for _, due in check.due] == [Due.BEGIN_ANEW, Due.BEGIN_ANEW, fault]


def test_one_track_that_nobody_listens_to_beside_one_that_is_heard_is_no_fault() -> None:
    """It may have been lost, and is published anew; or the caller's device chooses what it listens to."""
    check = Check()
    check.goes_on(Sound(can_listen=True, tracks=2, unheard=1), 600)
    assert check.due == [(NOTICE_SECONDS, Due.BEGIN_ANEW)]


def test_a_new_beginning_is_not_made_again_while_nothing_can_be_judged() -> None:
    """As while LiveKit lets all of them in anew: then neither a track nor a person is there for a moment."""
    check = Check()
    check.goes_on(UNHEARD, NOTICE_SECONDS + 1)
    check.check.mended()
    check.goes_on(Sound(), 2)
    check.goes_on(UNHEARD, 60)
    assert [due for _, due in check.due] == [Due.BEGIN_ANEW, Due.UNHEARD]


def test_a_line_that_takes_four_seconds_is_no_dead_one() -> None:
    check = Check()
    for _ in range(20):
        check.goes_on(UNHEARD, 4)
        check.goes_on(HEARD, 1)
    assert check.due == []


def test_a_microphone_that_was_well_may_be_silent_for_ever() -> None:
    """A device may send nothing at all while nobody speaks."""
    check = Check()
    check.goes_on(HEARD, 3)
    check.goes_on(DEAF, 600)
    assert check.due == []


def test_after_the_line_was_mended_what_came_before_proves_nothing() -> None:
    check = Check()
    check.goes_on(HEARD, 3)
    check.check.mended()
    check.goes_on(HEARD, NOTICE_SECONDS + 1)
    assert [due for _, due in check.due] == [Due.BEGIN_ANEW]


def test_after_the_line_was_mended_one_packet_more_is_proof_enough() -> None:
    check = Check()
    check.goes_on(HEARD, 3)
    check.check.mended()
    check.goes_on(HEARD, 2)
    check.goes_on(Sound(can_listen=True, tracks=1, microphones={"mic": 51}), 600)
    assert check.due == []
    assert check.check.well == {"mic"}


def test_a_microphone_that_is_muted_and_opened_again_is_asked_again() -> None:
    check = Check()
    check.goes_on(HEARD, 3)
    check.goes_on(Sound(can_listen=True, tracks=1, microphones={}), 3)
    assert check.check.well == frozenset()
    check.goes_on(HEARD, 60)
    assert check.due == []


def test_what_is_dead_both_ways_is_told_of_the_way_that_matters_more() -> None:
    """Who hears nothing is off the line; to who is not heard one can still speak."""
    check = Check()
    check.goes_on(Sound(can_listen=True, tracks=1, unheard=1, microphones={"mic": 0}), 30)
    assert Due.UNHEARD in [due for _, due in check.due]
