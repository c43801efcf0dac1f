"""Whether something is told, and when again: a table of moments, with no clock in it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from granny import faults
from granny.alerts._news import Course, News, Topic
from granny.alerts._rules import HOUR, MOST_A_DAY, Day, Mark, after, morning
from granny.store.rows import Urgency

NIGHT = datetime(2026, 11, 27, 2, 0, tzinfo=timezone.utc)
CREDIT, KEY = faults.OPENAI_OUT_OF_CREDIT.slug, faults.OPENAI_KEY_REJECTED.slug


def account(course: Course, slug: str = CREDIT) -> News:
    return News(topic=Topic.ACCOUNT, slug=slug, urgency=Urgency.URGENT, at=NIGHT, course=course)


LASTS, OVER = account(Course.LASTS), account(Course.OVER)
DIED = News(topic=Topic.CALL, slug="call-no-answer", urgency=Urgency.DIGEST, at=NIGHT)


def told_at(*moments: tuple[float, News]) -> list[float]:
    """At which of these hours after the first something is told."""
    mark, hours = Mark(), []
    for hour, news in moments:
        mark, is_told = after(mark, news, NIGHT + timedelta(hours=hour))
        hours += [hour] if is_told else []
        mark = Mark.of(mark.as_text())
    return hours


def test_what_lasts_is_told_at_once_after_six_hours_and_then_daily() -> None:
    every_minute = [(minute / 60, LASTS) for minute in range(4 * 24 * 60)]
    assert told_at(*every_minute) == [0, 6, 30, 54, 78]


def test_a_hundred_faults_more_are_the_same_trouble() -> None:
    assert told_at(*[(number / 100, LASTS) for number in range(101)]) == [0]


def test_that_it_is_well_again_is_told_once() -> None:
    assert told_at((0, LASTS), (2, OVER), (2.1, OVER), (3, OVER)) == [0, 2]


def test_of_what_was_never_wrong_nothing_is_told() -> None:
    assert told_at((0, OVER), (1, OVER)) == []


def test_what_comes_and_goes_is_told_once_an_hour_and_well_again_only_after_it_was_told() -> None:
    minutes = [(minute / 60, LASTS if minute % 2 == 0 else OVER) for minute in range(120)]
    assert told_at(*minutes) == [0, 1 / 60, 1, 61 / 60]


def test_what_still_lasts_when_the_hour_is_over_is_told_then() -> None:
    assert told_at((0, LASTS), (0.2, OVER), (0.3, LASTS), (0.9, LASTS), (1.0, LASTS)) == [0, 0.2, 1.0]


def test_what_was_told_by_a_clock_that_went_a_year_ahead_does_not_keep_silence_for_a_year() -> None:
    ahead = 365 * 24.0
    assert told_at((ahead, LASTS), (0, LASTS), (1, LASTS), (6, LASTS)) == [ahead, 0]
    assert told_at((ahead, DIED), (0, DIED), (0.5, DIED), (1, DIED)) == [ahead, 0, 1]


def test_another_fault_of_the_same_account_is_told_as_a_new_one_within_the_bound() -> None:
    other = account(Course.LASTS, KEY)
    assert told_at((0, LASTS), (0.5, other), (1, other), (2, other), (7, other)) == [0, 1, 7]


def test_what_happens_is_told_once_an_hour_and_the_rest_is_counted() -> None:
    mark, is_told = after(Mark(), DIED, NIGHT)
    assert is_told
    for minute in range(1, 60):
        mark, is_told = after(mark, DIED, NIGHT + timedelta(minutes=minute))
        assert not is_told
    assert mark.unsaid == 59
    mark, is_told = after(mark, DIED, NIGHT + HOUR)
    assert (is_told, mark.unsaid) == (True, 0)


def test_a_note_of_another_version_is_none() -> None:
    """It tells once more, and goes on."""
    for text in ("", "{}", "[]", "null", '{"told": "yesterday"}', '{"times": "often"}'):
        assert Mark.of(text) == Mark()
        assert Day.of(text) == Day()


@given(
    st.builds(
        Mark,
        told=st.none() | st.just(NIGHT),
        slug=st.text(),
        since=st.none() | st.just(NIGHT),
        times=st.integers(0, 9),
        unsaid=st.integers(0, 9),
    )
)
def test_what_is_marked_can_be_kept(mark: Mark) -> None:
    assert Mark.of(mark.as_text()) == mark


def test_ten_are_sent_in_a_day_and_the_others_are_counted() -> None:
    day = Day().begun(NIGHT.date())
    sent = []
    for _ in range(17):
        day, may_be_sent = day.with_one_more(CREDIT)
        sent.append(may_be_sent)
    assert (sent, day.held) == ([True] * MOST_A_DAY + [False] * 7, 7)
    assert day.begun(NIGHT.date()) == day
    assert day.begun((NIGHT + timedelta(days=1)).date()) == Day("2026-11-28")


@pytest.mark.parametrize("slug", [faults.CRISIS_NAMED.slug, faults.EMERGENCY_NAMED.slug])
def test_danger_to_life_is_told_whatever_else_there_was(slug: str) -> None:
    full = Day("2026-11-27", MOST_A_DAY, 40)
    assert full.with_one_more(slug) == (full, True)


@pytest.mark.parametrize(
    ("zone", "quiet", "now", "then"),
    [
        ("Europe/Berlin", "21:00-8:00", "2026-11-27T02:00+01:00", "2026-11-27T08:00+01:00"),
        ("Europe/Berlin", "21:00-8:00", "2026-11-27T08:00+01:00", "2026-11-28T08:00+01:00"),
        ("Europe/Berlin", "21:00-8:00", "2026-11-27T23:00+01:00", "2026-11-28T08:00+01:00"),
        ("Europe/Berlin", "21:00-8:00", "2026-10-24T12:00+02:00", "2026-10-25T08:00+01:00"),
        ("Europe/Berlin", "21:30-7:15, 12:00-14:00", "2026-11-27T09:00+01:00", "2026-11-27T14:00+01:00"),
        ("America/New_York", "22:00 - 7:00", "2026-11-27T11:00+00:00", "2026-11-27T12:00+00:00"),
        ("America/New_York", "0:00-24:00", "2026-11-27T11:00+00:00", "2026-11-28T05:00+00:00"),
    ],
)
def test_what_can_wait_is_sent_when_quiet_ends_where_the_family_lives(
    zone: str, quiet: str, now: str, then: str
) -> None:
    """Also in the night in which the clocks are changed."""
    assert morning(datetime.fromisoformat(now), quiet, ZoneInfo(zone)) == datetime.fromisoformat(then)
