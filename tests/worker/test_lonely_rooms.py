"""Who is gone to, when and in which order, and which rooms are asked after: by tables, without a network."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from livekit.protocol.models import Room

from granny.rooms.occupants import Occupant, Occupants, Role
from granny.worker.room_watch._lonely_rooms import ASKED_AT_ONCE, MOST_WORKERS, Door, Listed, LonelyRooms, share_of
from granny.worker.room_watch._watch import _JITTER, _PAUSES

SECONDS = 2.0
WORKER = "AW_1"
ROOM = Listed("kitchen", "RM_1", people=1)
OTHER = Listed("parlour", "RM_2", people=1)
SHARE = share_of(WORKER, ROOM.sid) / 2


def who(*roles: Role, since: int = 0) -> Occupants:
    return Occupants(tuple(Occupant(f"PA_{number}", f"{role.value}", role, since) for number, role in enumerate(roles)))


CALLER, PARTED, HER, BUSY, OTHERS = Role.CALLER, Role.PARTED, Role.GRANNY, Role.BUSY, Role.OTHER_AGENT


def rooms(*listed: Listed, now: float = 0.0, places: int = 2) -> LonelyRooms:
    watched = LonelyRooms(seconds=SECONDS, places=places)
    watched.listed(listed or (ROOM,), now=now)
    return watched


@pytest.mark.parametrize(
    ("door", "patience"),
    [(Door.OPEN, SECONDS), (Door.FULL, 1.0), (Door.SHUT, SECONDS + 2.0)],
)
def test_a_caller_who_is_alone_is_gone_to_in_time(door: Door, patience: float) -> None:
    """A shut worker comes after the healthy ones; a full one asks to wait well before."""
    watched = rooms()
    watched.seen(ROOM, who(CALLER), now=10.0)
    due = 10.0 + patience + SHARE
    assert watched.due(door, WORKER, now=due - 0.001) == []
    assert watched.due(door, WORKER, now=due) == [ROOM]
    assert watched.next_due(door, WORKER, now=10.0) == pytest.approx(due)


def test_a_telephone_that_rings_hears_of_full_places_only_when_no_other_worker_has_come() -> None:
    """The busy tone is the end of its call, which a voice that asks to wait is not."""
    watched = rooms()
    caller = Occupant("PA_0", "caller", Role.CALLER, is_ringing=True)
    watched.seen(ROOM, Occupants((caller,)), now=0.0)
    names = [f"AW_{number}" for number in range(200)]
    longest = _PAUSES[Door.OPEN] * (1 + _JITTER)
    come = max(watched.next_due(Door.OPEN, name, now=0.0) for name in names) + longest
    assert come < min(watched.next_due(Door.FULL, name, now=0.0) for name in names)
    assert (watched.rings(ROOM), watched.due(Door.FULL, WORKER, now=2.0)) == (True, [])
    watched.seen(ROOM, Occupants((replace(caller, is_ringing=False),)), now=2.0)
    assert watched.due(Door.FULL, WORKER, now=2.0) == [ROOM], "who has been answered is asked to wait like anybody"
    assert (watched.rings(ROOM), watched.rings(OTHER)) == (False, False)


def test_healthy_workers_are_faster_than_a_shut_one_whatever_their_shares() -> None:
    """Though they may see the caller later, by the longest pause between two of their looks."""
    watched = rooms()
    watched.seen(ROOM, who(CALLER), now=0.0)
    names = [f"AW_{number}" for number in range(200)]
    healthy = max(watched.next_due(Door.OPEN, name, now=0.0) for name in names)
    shut = min(watched.next_due(Door.SHUT, name, now=0.0) for name in names)
    longest = _PAUSES[Door.OPEN] * (1 + _JITTER)
    assert healthy + longest < shut


@pytest.mark.parametrize(
    ("there", "is_gone_to"),
    [
        (who(), False),
        (who(CALLER), True),
        (who(CALLER, BUSY), True),
        (who(CALLER, HER), False),
        (who(CALLER, OTHERS), False),
        (who(CALLER, HER, BUSY), False),
        (who(HER), False),
        (who(PARTED), False),
        (who(PARTED, CALLER), True),
        (who(Role.DEVICE), False),
    ],
)
def test_only_who_is_alone_is_gone_to(there: Occupants, is_gone_to: bool) -> None:  # noqa: FBT001  a column
    watched = rooms()
    watched.seen(ROOM, there, now=0.0)
    assert watched.due(Door.OPEN, WORKER, now=60.0) == [ROOM] * is_gone_to


@pytest.mark.parametrize(("there", "is_asked"), [(who(CALLER), True), (who(CALLER, BUSY), False), (who(HER), False)])
def test_who_is_asked_to_wait_is_not_asked_twice(there: Occupants, is_asked: bool) -> None:  # noqa: FBT001  a column
    watched = rooms()
    watched.seen(ROOM, there, now=0.0)
    assert watched.due(Door.FULL, WORKER, now=60.0) == [ROOM] * is_asked


def test_how_long_a_caller_is_alone_counts_from_the_first_sight_of_it() -> None:
    watched = rooms()
    for now in (0.0, 1.0, 2.0):
        watched.seen(ROOM, who(CALLER), now=now)
    assert watched.due(Door.OPEN, WORKER, now=2.5) == [ROOM]


def test_who_was_attended_in_between_begins_anew() -> None:
    watched = rooms()
    watched.seen(ROOM, who(CALLER), now=0.0)
    watched.seen(ROOM, who(CALLER, HER), now=1.0)
    watched.seen(ROOM, who(CALLER), now=2.0)
    assert watched.due(Door.OPEN, WORKER, now=3.0) == []


def test_whose_agent_has_been_silent_is_alone_since_then() -> None:
    watched = rooms()
    watched.seen(ROOM, who(CALLER), now=10.0, since=6.0)
    assert watched.due(Door.OPEN, WORKER, now=10.0) == [ROOM]


def test_who_has_waited_longest_comes_first_by_livekits_clock_and_whatever_ours_says() -> None:
    watched = rooms(ROOM, OTHER)
    watched.seen(ROOM, who(CALLER, since=2000), now=0.0)
    watched.seen(OTHER, who(CALLER, since=1000), now=1.0)
    assert watched.due(Door.OPEN, WORKER, now=60.0) == [OTHER, ROOM]


def test_a_clock_of_livekits_that_is_wrong_by_years_changes_no_duration() -> None:
    watched = rooms()
    watched.seen(ROOM, who(CALLER, since=4_000_000_000_000), now=0.0)
    assert watched.due(Door.OPEN, WORKER, now=SECONDS + SHARE) == [ROOM]


def test_where_a_job_of_this_workers_is_nobody_is_gone_to() -> None:
    watched = rooms()
    watched.seen(ROOM, who(CALLER), now=0.0)
    assert watched.due(Door.OPEN, WORKER, now=60.0, but={ROOM.sid}) == []
    assert watched.next_due(Door.OPEN, WORKER, now=0.0, but={ROOM.sid}) == math.inf
    assert watched.to_ask(now=0.0, but={ROOM.sid}) == watched.to_follow(now=0.0, but={ROOM.sid}) == []


@pytest.mark.parametrize("door", [Door.OPEN, Door.SHUT, Door.FULL])
def test_whoever_has_the_call_is_waited_for_three_seconds_and_only_once(door: Door) -> None:
    watched = rooms()
    watched.seen(ROOM, who(CALLER), now=0.0)
    assert watched.given(ROOM, "of LiveKit's choice", now=10.0)
    assert not watched.given(ROOM, "of LiveKit's choice", now=11.0)
    assert watched.due(door, WORKER, now=12.9) == []
    assert watched.due(door, WORKER, now=13.0) == [ROOM]
    assert watched.given(ROOM, "AW_2", now=13.0)
    assert watched.due(door, WORKER, now=15.9) == []


def test_of_names_that_a_caller_makes_up_few_are_waited_for() -> None:
    watched = rooms()
    watched.seen(ROOM, who(CALLER), now=0.0)
    assert [watched.given(ROOM, f"AW_{number}", now=0.0) for number in range(10)] == [True] * 8 + [False] * 2


def test_who_came_and_left_may_be_waited_for_again() -> None:
    watched = rooms()
    watched.seen(ROOM, who(CALLER), now=0.0)
    assert watched.given(ROOM, "AW_2", now=0.0)
    watched.seen(ROOM, who(CALLER, HER), now=1.0)
    watched.seen(ROOM, who(CALLER), now=10.0)
    assert watched.given(ROOM, "AW_2", now=10.0)
    assert not watched.given(OTHER, "AW_2", now=10.0)


def test_a_room_that_is_not_hers_is_left_alone_longer_each_time() -> None:
    watched, now, pauses = rooms(), 0.0, []
    for _ in range(6):
        watched.seen(ROOM, who(CALLER), now=now)
        watched.refused(ROOM, now=now)
        assert watched.due(Door.OPEN, WORKER, now=now + 4) == []
        pause = next(seconds for seconds in range(100) if watched.to_ask(now=now + seconds))
        pauses.append(pause)
        now += pause
    assert pauses == [5, 10, 20, 40, 60, 60]


def test_what_cannot_be_gone_to_is_told_once() -> None:
    watched = rooms()
    assert [watched.refused(ROOM, now=now) for now in (0.0, 5.0, 15.0)] == [True, False, False]
    watched.seen(ROOM, who(CALLER, HER), now=20.0)
    assert watched.refused(ROOM, now=30.0)
    assert not watched.refused(OTHER, now=30.0)


def test_who_stays_after_a_goodbye_is_not_called_back_at_once() -> None:
    watched = rooms()
    watched.seen(ROOM, who(CALLER, HER), now=0.0)
    watched.parted(ROOM.sid, now=10.0)
    watched.parted("RM_of_another", now=10.0)
    for now in (11.0, 20.0, 39.9):
        watched.seen(ROOM, who(CALLER), now=now)
        assert watched.next_due(Door.OPEN, WORKER, now=0.0) == math.inf
    watched.seen(ROOM, who(CALLER), now=40.0)
    assert watched.due(Door.OPEN, WORKER, now=42.0 + SHARE) == [ROOM]


def test_who_comes_after_the_goodbye_is_gone_to_as_ever() -> None:
    """Into a room that others of theirs have not left."""
    watched = rooms()
    watched.parted(ROOM.sid, now=10.0)
    watched.seen(ROOM, who(CALLER), now=11.0)
    watched.seen(ROOM, who(CALLER, CALLER), now=12.0)
    assert watched.due(Door.OPEN, WORKER, now=14.0 + SHARE) == [ROOM]
    watched.parted(ROOM.sid, now=20.0)
    watched.seen(ROOM, who(CALLER, CALLER), now=21.0)
    assert watched.due(Door.OPEN, WORKER, now=29.0) == []


@pytest.mark.parametrize(
    ("listed", "there", "age", "asked_ago", "is_asked"),
    [
        (ROOM, None, 0.0, None, True),
        (ROOM, who(CALLER), 1.0, 0.1, True),
        (ROOM, who(CALLER, HER), 1.0, 0.1, False),
        (ROOM, who(CALLER, HER), 20.0, 9.9, False),
        (ROOM, who(CALLER, HER), 20.0, 10.0, True),
        (ROOM, who(), 20.0, 0.1, True),
        (replace(ROOM, people=0), None, 1.0, None, True),
        (replace(ROOM, people=0), None, 6.1, None, False),
        (replace(ROOM, people=0), who(CALLER), 20.0, 1.0, True),
        (replace(ROOM, publishers=2), None, 20.0, None, True),
        (replace(ROOM, publishers=2), who(CALLER, HER), 20.0, 9.0, False),
    ],
)
def test_which_rooms_are_asked_after(
    listed: Listed,
    there: Occupants | None,
    age: float,
    asked_ago: float | None,
    is_asked: bool,  # noqa: FBT001  a column of the table
) -> None:
    """LiveKit's numbers are up to 5 s old, so a new room is asked after whatever they say."""
    watched = rooms(listed, now=100.0 - age)
    if there is not None and asked_ago is not None:
        watched.seen(listed, there, now=100.0 - asked_ago)
    assert watched.to_ask(now=100.0) == [listed] * is_asked


def test_a_room_in_which_somebody_no_longer_speaks_is_asked_after_at_once() -> None:
    """She may have gone."""
    spoken = replace(ROOM, publishers=2)
    watched = rooms(spoken)
    watched.seen(spoken, who(CALLER, HER), now=10.0)
    assert watched.to_ask(now=11.0) == []
    watched.listed([ROOM], now=11.0)
    assert watched.to_ask(now=11.0) == [ROOM]


def test_one_look_asks_after_so_many_rooms_and_the_next_after_others() -> None:
    many = [Listed(f"room-{number}", f"RM_{number}", people=1, publishers=2) for number in range(30)]
    watched = rooms(*many)
    first = watched.to_ask(now=0.0)
    assert len(first) == ASKED_AT_ONCE
    for room in first:
        watched.seen(room, who(CALLER, HER), now=0.0)
    assert not set(watched.to_ask(now=1.0)) & set(first)
    assert len(watched.to_ask(now=1.0)) == 10


def test_a_room_that_seems_attended_is_less_urgent() -> None:
    attended = Listed("attended", "RM_0", people=1, publishers=2)
    many = [attended, *(Listed(f"room-{number}", f"RM_{number + 1}", people=1) for number in range(ASKED_AT_ONCE))]
    assert attended not in rooms(*many).to_ask(now=0.0)


def test_between_two_lists_only_those_are_asked_after_who_were_alone() -> None:
    watched = rooms(ROOM, OTHER)
    watched.seen(ROOM, who(CALLER), now=1.0)
    watched.seen(OTHER, who(CALLER, HER), now=0.0)
    assert watched.to_follow(now=1.0) == [ROOM]
    watched.refused(ROOM, now=1.0)
    assert watched.to_follow(now=2.0) == []


def test_after_whom_a_busy_line_holds_a_worker_asks_seldom() -> None:
    """With forty who wait, 120 full workers would else ask LiveKit 200,000 times a minute."""
    watched = rooms(ROOM, OTHER)
    watched.seen(ROOM, who(CALLER, BUSY), now=0.0)
    watched.seen(OTHER, who(CALLER), now=0.0)
    assert watched.to_follow(now=1.0, seldom=80.0) == [OTHER]
    assert watched.to_follow(now=79.9, seldom=80.0) == [OTHER]
    assert ROOM in watched.to_follow(now=80.0, seldom=80.0)


def test_whom_a_busy_line_holds_is_found_anew_with_every_list() -> None:
    """So a worker whose place is free, which reads the list at once, has seen who waits before it goes to anybody."""
    watched = rooms()
    watched.seen(ROOM, who(CALLER, BUSY), now=0.0)
    assert watched.to_ask(now=0.1) == [ROOM]
    assert watched.due(Door.OPEN, WORKER, now=SECONDS + SHARE) == [ROOM]


def test_a_room_that_is_no_longer_listed_is_forgotten() -> None:
    watched = rooms()
    watched.seen(ROOM, who(CALLER), now=0.0)
    watched.listed([OTHER], now=1.0)
    watched.seen(ROOM, who(CALLER), now=1.0)
    assert watched.due(Door.OPEN, WORKER, now=60.0) == []


@pytest.mark.parametrize(
    ("hers", "others", "people", "workers"),
    [(0, 0, 0, 1), (2, 0, 0, 1), (20, 0, 0, 10), (0, 20, 0, 1), (10, 10, 0, 5), (20, 0, 500, 10), (2000, 0, 0, 300)],
)
def test_as_many_workers_share_the_watch_as_her_rooms_would_fill(
    hers: int, others: int, people: int, workers: float
) -> None:
    """Rooms in which people talk with each other, or with another's agent, have no worker of hers."""
    spoken = [Listed("a", f"RM_h{number}", people=1, publishers=2) for number in range(hers)]
    of_others = [Listed("b", f"RM_o{number}", people=1, publishers=2) for number in range(others)]
    without = [Listed("c", f"RM_p{number}", people=2, publishers=2) for number in range(people)]
    watched = rooms(*spoken, *of_others, *without)
    for room in spoken:
        watched.seen(room, who(CALLER, HER), now=0.0)
    for room in of_others:
        watched.seen(room, who(CALLER, OTHERS), now=0.0)
    assert watched.workers == pytest.approx(workers)
    assert workers <= MOST_WORKERS


def test_those_not_asked_after_are_taken_for_what_the_others_are() -> None:
    many = [Listed("a", f"RM_{number}", people=1, publishers=2) for number in range(40)]
    watched = rooms(*many)
    for number, room in enumerate(many[:10]):
        watched.seen(room, who(CALLER, HER if number % 2 else OTHERS), now=0.0)
    assert watched.workers == pytest.approx(0.5 * 40 / 2)


def test_a_share_is_from_0_to_1_and_another_one_for_each_worker_and_room() -> None:
    shares = [share_of(f"AW_{worker}", f"RM_{room}") for worker in range(30) for room in range(30)]
    assert len(set(shares)) == len(shares)
    assert 0 <= min(shares) < 0.01
    assert 0.99 < max(shares) < 1
    assert share_of("AW_1", "RM_1") == share_of("AW_1", "RM_1")


def test_a_room_is_what_livekit_lists() -> None:
    listed = Listed.of(Room(name="kitchen", sid="RM_1", num_participants=1, num_publishers=2))
    assert listed == Listed("kitchen", "RM_1", people=1, publishers=2)
    assert listed.seems_attended
    assert not replace(listed, publishers=1).seems_attended
