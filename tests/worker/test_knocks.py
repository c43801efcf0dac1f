"""At whose doors a worker knocks, and whom it takes for gone: without a network."""

from __future__ import annotations

import pytest

from granny.rooms.knocking import Answer
from granny.rooms.occupants import Occupant, Occupants, Role
from granny.worker.room_watch._knocks import Knocks
from granny.worker.room_watch._lonely_rooms import Listed

ROOM = Listed("kitchen", "RM_1", people=1, publishers=2)
CALLER = Occupant("PA_caller", "caller", Role.CALLER)
HER = Occupant("PA_her", "agent-1", Role.GRANNY)
VOICE = Occupant("PA_voice", "busy", Role.BUSY)
OTHER = Occupant("PA_other", "translator", Role.OTHER_AGENT)
THERE, SILENT, UNKNOWN, UNTOLD = Answer.THERE, Answer.SILENT, Answer.UNKNOWN_TO_ALL, Answer.UNTOLD


def due(knocks: Knocks, now: float, *, but: tuple[str, ...] = (), workers: float = 1.0) -> list[str]:
    return [one.sid for _, one in knocks.due(workers=workers, pause=2.0, now=now, but=but)]


def knocks(*occupants: Occupant) -> Knocks:
    made = Knocks(places=8)
    made.seen(ROOM, Occupants(occupants or (CALLER, HER)))
    return made


@pytest.mark.parametrize(
    ("answers", "is_gone"),
    [
        ([], False),
        ([THERE], False),
        ([SILENT], False),
        ([SILENT, SILENT], True),
        ([SILENT, THERE, SILENT], False),
        ([UNKNOWN, UNKNOWN], False),
        ([UNKNOWN, UNKNOWN, UNKNOWN], True),
        ([UNKNOWN, SILENT], False),
        ([UNKNOWN, SILENT, UNKNOWN], True),
        ([UNTOLD] * 9, False),
        ([SILENT, UNTOLD, SILENT], True),
    ],
)
def test_whoever_gives_no_sign_of_life_is_gone(answers: list[Answer], is_gone: bool) -> None:  # noqa: FBT001  a column
    made, told = knocks(), []
    for number, answer in enumerate(answers):
        assert due(made, 3.0 * number) == [HER.sid]
        told.append(made.answered(HER, answer))
    assert any(told) is is_gone
    assert made.gone_from(ROOM) == ({HER.sid: HER.identity} if is_gone else {})
    assert (made.gone_since(ROOM) is not None) is is_gone


def test_who_is_gone_was_so_at_the_first_knock_that_nobody_heard() -> None:
    made = knocks()
    due(made, 10.0)
    made.answered(HER, SILENT)
    due(made, 12.0)
    made.answered(HER, SILENT)
    assert made.gone_since(ROOM) == 10.0
    assert due(made, 60.0) == []
    assert not made.answered(HER, SILENT)


@pytest.mark.parametrize(("one", "is_asked"), [(CALLER, False), (HER, True), (VOICE, True), (OTHER, False)])
def test_only_hers_are_asked(one: Occupant, is_asked: bool) -> None:  # noqa: FBT001  a column of the table
    assert due(knocks(one), 0.0) == [one.sid] * is_asked


def test_who_is_there_is_asked_every_three_seconds_and_who_was_silent_at_once() -> None:
    made = knocks()
    assert due(made, 0.0) == [HER.sid]
    made.answered(HER, THERE)
    assert due(made, 2.9) == []
    assert due(made, 3.0) == [HER.sid]
    made.answered(HER, SILENT)
    assert due(made, 3.1) == [HER.sid]


def test_where_this_worker_knows_better_nobody_is_asked() -> None:
    assert due(knocks(), 0.0, but=(ROOM.sid,)) == []


def many(number: int, places: int = 8) -> Knocks:
    made = Knocks(places=places)
    for one in range(number):
        room = Listed(f"room-{one}", f"RM_{one}", people=1, publishers=2)
        made.seen(room, Occupants((Occupant(f"PA_{one}", "agent", Role.GRANNY),)))
    return made


@pytest.mark.parametrize(
    ("workers", "asked"),
    [(1, 6), (30, 6), (100, 2), (125, 2), (187, 2), (188, 0), (1250, 0)],
)
def test_a_workers_share_is_bounded_and_nothing_where_livekit_is_as_fast(workers: float, asked: int) -> None:
    """All of them together knock a hundred times a second at most; every 15 s, and LiveKit tells it as soon."""
    assert len(due(many(40), 0.0, workers=workers)) == asked


def test_each_has_its_turn() -> None:
    made, asked = many(8), []
    for look in range(2):
        asked += due(made, 2.0 * look)
    assert sorted(asked) == [f"PA_{one}" for one in range(8)]


def test_who_has_left_or_whose_room_has_is_forgotten() -> None:
    made = knocks()
    made.seen(ROOM, Occupants((CALLER,)))
    assert due(made, 0.0) == []
    made.seen(ROOM, Occupants((CALLER, HER)))
    made.listed([])
    assert due(made, 0.0) == []
    assert not made.answered(HER, SILENT)


def test_who_is_seen_again_is_no_other() -> None:
    made = knocks()
    for now in (0.0, 1.0):
        due(made, now)
        made.answered(HER, SILENT)
        made.seen(ROOM, Occupants((CALLER, HER)))
    assert made.gone_from(ROOM)
    made.seen(Listed("parlour", "RM_2"), Occupants((CALLER,)))
    assert made.gone_from(ROOM)
