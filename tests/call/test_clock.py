"""The day and the hour where the caller lives: at midnight, at both changes of the clocks, on holidays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from granny.call.clock import language_name, now, told
from granny.config.settings import Settings
from granny.config.whereabouts import country_of

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def settings(**values: Any) -> Settings:
    return Settings(OPENAI_API_KEY="sk-FAKE", **values)


def plainly(settings: Settings, moment: datetime) -> str:
    """Without the commas, of which CLDR thinks anew from time to time."""
    return told(settings, moment).replace(",", "")


def at(zone: str, *when: int, fold: int = 0) -> datetime:
    """A moment by a clock on the wall there, as this machine's program meets it: in no place."""
    year, month, day, hour, minute = when
    return datetime(year, month, day, hour, minute, fold=fold, tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_minute_before_and_after_midnight_are_two_days(zone: str) -> None:
    here = settings(GRANNY_TIMEZONE=zone, GRANNY_LANGUAGE="en-GB")
    assert plainly(here, at(zone, 2026, 11, 27, 23, 59)).startswith("Friday 27 November 2026 23:59.")
    assert plainly(here, at(zone, 2026, 11, 28, 0, 1)).startswith("Saturday 28 November 2026 00:01.")


@pytest.mark.parametrize(
    ("zone", "moment", "hour"),
    [
        (BERLIN, (2026, 3, 29, 0, 59), "01:59"),
        (BERLIN, (2026, 3, 29, 1, 0), "03:00"),
        (BERLIN, (2026, 10, 25, 0, 59), "02:59"),
        (BERLIN, (2026, 10, 25, 1, 0), "02:00"),
        (NEW_YORK, (2026, 3, 8, 6, 59), "01:59"),
        (NEW_YORK, (2026, 3, 8, 7, 0), "03:00"),
        (NEW_YORK, (2026, 11, 1, 5, 59), "01:59"),
        (NEW_YORK, (2026, 11, 1, 6, 0), "01:00"),
    ],
)
def test_the_clocks_change_in_the_night_of_the_country(zone: str, moment: tuple[int, ...], hour: str) -> None:
    """Forward an hour is left out, back it comes twice, and the day stays the Sunday that it is."""
    year, month, day, *clock = moment
    there = datetime(year, month, day, clock[0], clock[1], tzinfo=timezone.utc)
    words = plainly(settings(GRANNY_TIMEZONE=zone, GRANNY_LANGUAGE="en-GB"), there)
    month_name = {3: "March", 10: "October", 11: "November"}[month]
    assert words.startswith(f"Sunday {day} {month_name} 2026 {hour}.")


def test_a_day_is_a_day_longer_or_shorter_than_24_hours() -> None:
    """A minute before and after midnight, on the two nights whose day has 23 and 25 hours."""
    here = settings(GRANNY_TIMEZONE=BERLIN, GRANNY_LANGUAGE="de")
    for month, day, name in ((3, 29, "März"), (10, 25, "Oktober")):
        assert plainly(here, at(BERLIN, 2026, month, day, 23, 59)).startswith(f"Sonntag {day}. {name} 2026 23:59.")
        assert plainly(here, at(BERLIN, 2026, month, day + 1, 0, 1)).startswith(f"Montag {day + 1}. {name} 2026 00:01.")


@pytest.mark.parametrize(
    ("zone", "language", "day", "celebrated"),
    [
        (BERLIN, "de", (2026, 12, 25), "Today is a public holiday: Erster Weihnachtstag."),
        (BERLIN, "en", (2026, 12, 25), "Today is a public holiday: Christmas Day."),
        (BERLIN, "de", (2026, 12, 30), "The next public holiday is Neujahr on Freitag 1. Januar 2027."),
        (BERLIN, "de", (2026, 11, 27), ""),
        (NEW_YORK, "en", (2026, 11, 26), "Today is a public holiday: Thanksgiving Day."),
        ("Etc/UTC", "en", (2026, 12, 25), ""),
        ("Antarctica/Troll", "en", (2026, 12, 25), ""),
    ],
)
def test_what_is_celebrated_is_the_countrys(zone: str, language: str, day: tuple[int, ...], celebrated: str) -> None:
    """In the caller's language where it is known in it; nothing where no country, or nothing of it, is known."""
    here = settings(GRANNY_TIMEZONE=zone, GRANNY_LANGUAGE=language)
    words = plainly(here, at(zone, *day, 12, 0))
    assert words.endswith(celebrated)
    assert ("holiday" in words) is bool(celebrated)


@pytest.fixture(name="machine_in_japan")
def _machine_in_japan(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("this system has no way to move a single process")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("machine_in_japan")
def test_without_a_time_zone_it_is_where_the_machine_is_and_no_country_is_guessed() -> None:
    """A machine may stand anywhere; a country's numbers and holidays are the caller's."""
    words = plainly(settings(GRANNY_LANGUAGE="en-GB"), datetime(2026, 12, 31, 15, 1, tzinfo=timezone.utc))
    assert words == "Friday 1 January 2027 00:01."


def test_now_is_a_moment_that_knows_its_zone() -> None:
    assert now().utcoffset() is not None


def test_a_language_that_nobody_knows_is_written_as_english_and_called_as_it_is() -> None:
    words = plainly(
        settings(GRANNY_TIMEZONE="Etc/UTC", GRANNY_LANGUAGE="xx"), datetime(2026, 1, 5, tzinfo=timezone.utc)
    )
    assert words.startswith("Monday January 5 2026")
    assert [language_name(name) for name in ("xx", "de", "pt-BR", "de-XX")] == [
        "xx",
        "German",
        "Portuguese (Brazil)",
        "German",
    ]


def test_a_country_is_that_of_the_time_zone() -> None:
    """By whichever of its names; a zone that is no country's is none, and none is none."""
    known = {BERLIN: "DE", NEW_YORK: "US", "US/Eastern": "US", "Asia/Kolkata": "IN", "Europe/Belfast": "GB"}
    assert {zone: country_of(zone) for zone in known} == known
    assert [country_of(zone) for zone in ("Etc/UTC", "UTC", "CET", None)] == [None] * 4
