"""The diary's calls: written once each, read by person and time, added up by days as they are lived."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from granny.store.rows import Day, Met
from granny.store.store import Store
from store.samples import NOON, call

DAY = timedelta(days=1)
EVER = NOON - 1000 * DAY


def test_a_call_comes_back_as_it_was_written(store: Store) -> None:
    row = call(
        "AJ_1",
        by="phone",
        seconds=61.25,
        ending="fault",
        fault="openai-out-of-credit",
        first_word=0.81,
        answer_p50=0.9,
        answer_p95=1.4,
        turns=7,
        interruptions=2,
        spoken_faults=("openai-silent", "openai-out-of-credit"),
        input_tokens=7000,
        cached_tokens=5000,
        output_tokens=900,
        cost=Decimal("0.123457"),
        serious=("danger",),
    )
    store.calls.add(row)
    assert store.calls.of("anna", EVER) == [row]


def test_a_call_that_is_added_again_is_there_once(store: Store) -> None:
    """Whoever does not know whether a write has come through tries it again."""
    store.calls.add(call("AJ_1"))
    store.calls.add(call("AJ_1", seconds=1.0))
    assert [row.seconds for row in store.calls.of(None, EVER)] == [60.0]


def test_calls_are_asked_for_by_person_and_time(store: Store) -> None:
    for job, person, days in (("1", "anna", 3), ("2", "berta", 2), ("3", "", 1), ("4", "anna", 0)):
        store.calls.add(call(job, person=person, ago=days * DAY))

    def jobs(person: str | None, since: int, until: int | None = None, latest: int | None = None) -> str:
        end = None if until is None else NOON - until * DAY
        return "".join(row.job for row in store.calls.of(person, NOON - since * DAY, end, latest=latest))

    assert jobs(None, 9) == "1234"
    assert jobs("anna", 9) == "14"
    assert jobs("", 9) == "3"
    assert jobs(None, 2) == "234"
    assert jobs(None, 3, until=1) == "12"
    assert jobs(None, 9, latest=2) == "34"


def test_days_are_added_up_by_the_clock_of_the_house(store: Store) -> None:
    """At half past eleven at night in London it is the next day in Berlin."""
    night = datetime(2026, 11, 26, 23, 30, tzinfo=timezone.utc)
    store.calls.add(call("1", ago=NOON - night, seconds=30.0, first_word=1.0, answer_p95=3.0, cost=Decimal("0.10")))
    store.calls.add(call("2", first_word=2.0, answer_p95=2.0, cost=Decimal("0.25"), fault="job-died", ending="crashed"))
    store.calls.add(call("3", ago=2 * DAY))
    assert store.calls.summary("anna", EVER) == [
        Day(day=date(2026, 11, 25), calls=1, seconds=60.0, troubled=0),
        Day(
            day=date(2026, 11, 27),
            calls=2,
            seconds=90.0,
            troubled=1,
            cost=Decimal("0.35"),
            first_word=1.5,
            answer_p95=3.0,
        ),
    ]
    assert store.calls.summary("berta", EVER) == []


@pytest.mark.parametrize(
    ("told", "troubles"),
    [
        ({}, {}),
        ({"ending": "fault", "fault": "call-idle", "spoken_faults": ("call-idle",)}, {}),
        ({"ending": "fault", "fault": "call-too-long"}, {}),
        ({"ending": "line-lost"}, {"line-lost": 1}),
        ({"ending": "line-dead"}, {"line-dead": 1}),
        ({"spoken_faults": ("openai-silent", "openai-silent")}, {"openai-silent": 1}),
        (
            {"ending": "fault", "fault": "openai-silent", "spoken_faults": ("call-no-answer", "openai-silent")},
            {"call-no-answer": 1, "openai-silent": 1},
        ),
    ],
)
def test_what_is_a_call_s_usual_course_is_no_trouble(
    store: Store, told: dict[str, Any], troubles: dict[str, int]
) -> None:
    store.calls.add(call("1", **told))
    assert {slug: met.calls for slug, met in store.calls.troubles(None, EVER).items()} == troubles
    assert [day.troubled for day in store.calls.summary(None, EVER)] == [int(bool(troubles))]


def test_the_most_frequent_trouble_is_told_first(store: Store) -> None:
    for job, fault in enumerate(("job-died", "openai-silent", "openai-silent", "call-crashed")):
        store.calls.add(call(str(job), ago=job * DAY, ending="fault", fault=fault))
    assert list(store.calls.troubles(None, EVER).items()) == [
        ("openai-silent", Met(2, NOON - DAY)),
        ("call-crashed", Met(1, NOON - 3 * DAY)),
        ("job-died", Met(1, NOON)),
    ]


def test_a_trouble_of_several_kinds_of_calls_is_counted_once(store: Store) -> None:
    store.calls.add(call("1", ending="fault", fault="openai-silent"))
    store.calls.add(call("2", ago=DAY, spoken_faults=("openai-silent",)))
    assert store.calls.troubles(None, EVER) == {"openai-silent": Met(2, NOON)}


def test_the_last_call_of_a_person_is_known(store: Store) -> None:
    store.calls.add(call("1", ago=2 * DAY))
    store.calls.add(call("2", ago=DAY))
    store.calls.add(call("3", person="berta"))
    assert (store.calls.last_of("anna"), store.calls.last_of("clara")) == (NOON - DAY, None)


def test_spending_is_exact(store: Store) -> None:
    """A tenth is no sum of powers of two."""
    for job in range(30):
        store.calls.add(call(str(job), cost=Decimal("0.1")))
    store.calls.add(call("old", ago=40 * DAY, cost=Decimal(5)))
    store.calls.add(call("without prices"))
    assert store.calls.spent(NOON - DAY) == Decimal(3)
    assert store.calls.spent(NOON + DAY) == 0


def test_who_is_forgotten_is_in_no_row_any_more(store: Store) -> None:
    for job, person in enumerate(("anna", "berta", "anna")):
        store.calls.add(call(str(job), person=person))
    assert (store.calls.forget("anna"), store.calls.forget("anna")) == (2, 0)
    assert [row.person for row in store.calls.of(None, EVER)] == ["berta"]


def test_what_is_too_old_is_taken_out(store: Store) -> None:
    for days in range(5):
        store.calls.add(call(str(days), ago=days * DAY))
    assert store.calls.prune(NOON - 2 * DAY) == 2
    assert [row.job for row in store.calls.of(None, EVER)] == ["2", "1", "0"]
